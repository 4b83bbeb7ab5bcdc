// SPDX-License-Identifier: Apache-2.0
// How a connection is, in a word.
import { useEffect, useState } from "preact/hooks";

import type { Connection } from "../../api";
import { duration } from "../../lib/format";
import { Badge, type IconName, now, type Tone } from "../../ui";

export type Look = { word: string; tone: Tone; icon: IconName; says: string };

export function lookOf(c: Pick<Connection, "paused" | "breaker" | "failures_in_a_row" | "waits_ms">): Look {
    if (c.paused) return { word: "paused", tone: "wait", icon: "pause", says: c.paused.reason };
    if (c.breaker === "open")
        return { word: "breaker open", tone: "bad", icon: "cross", says: "Calls and polls are held; a probe goes out when its time has come." };
    if (c.breaker === "half_open" || c.breaker === "half-open")
        return { word: "probing", tone: "doubt", icon: "question", says: "One call is on its way as a probe." };
    if (c.failures_in_a_row > 0)
        return { word: "failing", tone: "doubt", icon: "warning", says: `${c.failures_in_a_row} failures in a row` };
    if (c.waits_ms > 0)
        return { word: "asked to wait", tone: "wait", icon: "clock", says: "The system asked for a pause (Retry-After)." };
    return { word: "well", tone: "ok", icon: "check", says: "Calls go through." };
}

export function ConnectionBadge({ of: c }: { of: Parameters<typeof lookOf>[0] }) {
    const look = lookOf(c);
    return <Badge tone={look.tone} icon={look.icon} title={look.says}>{look.word}</Badge>;
}

// Counts down from what the host said last.
export function ProbeIn({ ms }: { ms: number }) {
    const [until, setUntil] = useState(Date.now() + ms);
    useEffect(() => setUntil(Date.now() + ms), [ms]);
    const left = until - now.value;
    return <span class="tabular">{left > 0 ? `next probe in ${duration(left)}` : "a probe is due"}</span>;
}
