// SPDX-License-Identifier: Apache-2.0
// The parts pages are laid out with.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { takeArrival } from "../state";
import { Icon } from "./icon";

export function PageHead({ title, lead, back, actions, children }: {
    title: ComponentChildren; lead?: ComponentChildren; back?: { href: string; text: string };
    actions?: ComponentChildren; children?: ComponentChildren;
}) {
    const heading = useRef<HTMLHeadingElement>(null);
    useEffect(() => {
        if (takeArrival() && !document.querySelector("dialog[open]")) heading.current?.focus({ preventScroll: true });
    }, []);
    useEffect(() => {
        document.title = `${typeof title === "string" ? title : "Mortise"} · Mortise`;
    }, [title]);
    return (
        <header class="page-head">
            {back && <a class="back" href={back.href}><Icon name="left" />{back.text}</a>}
            <div class="page-head-row">
                <div class="page-head-title">
                    <h1 tabIndex={-1} ref={heading}>{title}</h1>
                    {lead && <p class="lead">{lead}</p>}
                </div>
                {actions && <div class="actions">{actions}</div>}
            </div>
            {children}
        </header>
    );
}

export function Card({ title, actions, flush, class: extra = "", children }: {
    title?: ComponentChildren; actions?: ComponentChildren; flush?: boolean; class?: string;
    children: ComponentChildren;
}) {
    return (
        <section class={`card${flush ? " flush" : ""} ${extra}`}>
            {(title || actions) && (
                <header class="card-head">
                    {title && <h2>{title}</h2>}
                    {actions && <div class="actions">{actions}</div>}
                </header>
            )}
            <div class="card-body">{children}</div>
        </section>
    );
}

// Names and values; empty values are left out.
export function Facts({ of, columns = 1 }: {
    of: [string, ComponentChildren][]; columns?: 1 | 2 | 3;
}) {
    return (
        <dl class={`facts columns-${columns}`}>
            {of.filter(([, v]) => v !== undefined && v !== null && v !== "" && v !== false).map(([name, value]) => (
                <div key={name}>
                    <dt>{name}</dt>
                    <dd>{value}</dd>
                </div>
            ))}
        </dl>
    );
}

export function Disclosure({ summary, open, children }: {
    summary: ComponentChildren; open?: boolean; children: ComponentChildren;
}) {
    return (
        <details class="disclosure" open={open}>
            <summary><Icon name="right" />{summary}</summary>
            <div class="disclosure-body">{children}</div>
        </details>
    );
}
