// SPDX-License-Identifier: Apache-2.0
// What stands in the place of content: nothing there, not yet there, refused.
import type { ComponentChildren } from "preact";

import { ApiError, messageOf } from "../lib/problem";
import { Button } from "./button";
import { Icon, type IconName } from "./icon";

export function Empty({ icon = "info", title, children }: {
    icon?: IconName; title: string; children?: ComponentChildren;
}) {
    return (
        <div class="empty">
            <span class="empty-mark"><Icon name={icon} size={28} /></span>
            <p class="empty-title">{title}</p>
            {children && <div class="empty-text">{children}</div>}
        </div>
    );
}

export function ErrorBox({ error, retry }: { error: unknown; retry?: () => void }) {
    const problem = error instanceof ApiError ? error : null;
    return (
        <div class="notice tone-bad" role="alert">
            <Icon name="warning" size={18} />
            <div class="notice-text">
                <p>{messageOf(error)}</p>
                {problem !== null && problem.problems.length > 0 && (
                    <ul>
                        {problem.problems.map((p, i) => (
                            <li key={i}>
                                {p.pointer && <code>{p.pointer}</code>} {p.message}
                                {p.hint && <span class="muted"> {p.hint}</span>}
                            </li>
                        ))}
                    </ul>
                )}
                {problem?.code && <p class="muted small-text">{problem.code}</p>}
            </div>
            {retry && <Button small icon="retry" onClick={retry}>Try again</Button>}
        </div>
    );
}

export function Notice({ tone = "calm", icon = "info", children }: {
    tone?: "ok" | "run" | "wait" | "bad" | "doubt" | "calm"; icon?: IconName;
    children: ComponentChildren;
}) {
    return (
        <div class={`notice tone-${tone}`}>
            <Icon name={icon} size={18} />
            <div class="notice-text">{children}</div>
        </div>
    );
}

// Bars in the place of what is to come; `lines` of them.
export function Loading({ lines = 4, label = "Loading" }: { lines?: number; label?: string }) {
    return (
        <div class="loading" role="status" aria-label={label}>
            {Array.from({ length: lines }, (_, i) => <span key={i} class="bone" />)}
        </div>
    );
}

// The three states of a query around its content.
export function Answer<T>({ of, lines, children }: {
    of: { data: T | undefined; error: unknown; loading: boolean; reload: () => void };
    lines?: number; children: (data: T) => ComponentChildren;
}) {
    if (of.data !== undefined) {
        return (
            <>
                {of.error !== undefined && <ErrorBox error={of.error} retry={of.reload} />}
                {children(of.data)}
            </>
        );
    }
    if (of.error !== undefined) return <ErrorBox error={of.error} retry={of.reload} />;
    return <Loading lines={lines} />;
}
