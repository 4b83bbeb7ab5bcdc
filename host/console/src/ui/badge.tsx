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
    ready: { tone: "calm", icon: "ring", says: "queued: starts when it is first in line for its key" },
    active: { tone: "run", icon: "play", says: "running now" },
    waiting: { tone: "wait", icon: "clock", says: "waits for a time, an event or a retry" },
    succeeded: { tone: "ok", icon: "check", says: "completed" },
    failed: { tone: "bad", icon: "cross", says: "stopped; needs a decision" },
    in_doubt: { tone: "doubt", icon: "question", says: "unknown whether a write happened; needs a decision" },
    cancelled: { tone: "calm", icon: "slash", says: "cancelled" },
    discarded: { tone: "calm", icon: "trash", says: "given up by a person" },
};

export function StateBadge({ state }: { state: RunState }) {
    const look = runLook[state] ?? { tone: "calm" as const, icon: "dot" as const, says: "" };
    return <Badge tone={look.tone} icon={look.icon} title={look.says}>{words(state)}</Badge>;
}
