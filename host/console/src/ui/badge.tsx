// SPDX-License-Identifier: Apache-2.0
// A state in a word: colour, shape and text say the same.
import type { ComponentChildren } from "preact";

import type { RunState } from "../types";
import { words } from "../lib/format";
import { Icon, type IconName } from "./icon";

export type Tone = "ok" | "run" | "wait" | "bad" | "doubt" | "calm";

export function Badge({ tone = "calm", icon, title, children }: {
    tone?: Tone; icon?: IconName; title?: string; children: ComponentChildren;
}) {
    return (
        <span class={`badge tone-${tone}`} title={title}>
            {icon && <Icon name={icon} size={13} />}
            <span>{children}</span>
        </span>
    );
}

export const runLook: Record<RunState, { tone: Tone; icon: IconName; says: string }> = {
    ready: { tone: "calm", icon: "ring", says: "begins when it is first of its key" },
    active: { tone: "run", icon: "play", says: "at work now" },
    waiting: { tone: "wait", icon: "clock", says: "waits for a time, an event or a retry" },
    succeeded: { tone: "ok", icon: "check", says: "done" },
    failed: { tone: "bad", icon: "cross", says: "cannot go on by itself; needs a person" },
    in_doubt: { tone: "doubt", icon: "question", says: "nobody knows whether a write happened; needs a person" },
    cancelled: { tone: "calm", icon: "slash", says: "called off" },
    discarded: { tone: "calm", icon: "trash", says: "given up by a person" },
};

export function StateBadge({ state }: { state: RunState }) {
    const look = runLook[state] ?? { tone: "calm" as const, icon: "dot" as const, says: "" };
    return <Badge tone={look.tone} icon={look.icon} title={look.says}>{words(state)}</Badge>;
}
