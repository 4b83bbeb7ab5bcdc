// SPDX-License-Identifier: Apache-2.0
// How a connection is, in a word.
import { useEffect, useState } from "preact/hooks";

import type { Connection } from "../../api";
import { absolute, duration, plural } from "../../lib/format";
import { Badge, type IconName, now, type Tone } from "../../ui";

export type Look = { word: string; tone: Tone; icon: IconName; says: string };

export function lookOf(c: Pick<Connection, "paused" | "breaker" | "failures_in_a_row" | "sign_ins_refused" | "locked_out" | "waits_ms">): Look {
    if (c.paused) return { word: "Paused", tone: "wait", icon: "pause", says: c.paused.reason };
    if (c.breaker === "open")
        return { word: "Circuit breaker open", tone: "bad", icon: "cross", says: "Too many consecutive failures: calls and polls are held until a probe succeeds." };
    if (c.breaker === "half_open" || c.breaker === "half-open")
        return { word: "Probing", tone: "doubt", icon: "question", says: "The circuit breaker is half-open: one call is under way as a probe." };
    if (c.locked_out)
        return { word: "Credentials refused", tone: "bad", icon: "cross", says: `The system refused the sign-in ${plural(c.sign_ins_refused ?? 0, "time")} in a row. Put the right credentials in place and reload.` };
    if (c.failures_in_a_row > 0)
        return { word: "Failing", tone: "doubt", icon: "warning", says: `${plural(c.failures_in_a_row, "consecutive failure")}; the circuit breaker is still closed, so calls are tried.` };
    if (c.waits_ms > 0)
        return { word: "Rate limited", tone: "wait", icon: "clock", says: "The system asked to slow down (Retry-After); requests wait until then." };
    return { word: "Healthy", tone: "ok", icon: "check", says: "Calls go through." };
}

export function ConnectionBadge({ of: c }: { of: Parameters<typeof lookOf>[0] }) {
    const look = lookOf(c);
    return <Badge tone={look.tone} icon={look.icon} title={look.says}>{look.word}</Badge>;
}

// Until when a system has asked to be left alone.
export function RateLimited({ ms }: { ms: number }) {
    const [until, setUntil] = useState(Date.now() + ms);
    useEffect(() => setUntil(Date.now() + ms), [ms]);
    const left = until - now.value;
    return <span class="tabular">until {absolute(until).slice(11)}{left > 0 && ` (${duration(left)})`}</span>;
}

// Counts down from what the host said last.
export function ProbeIn({ ms }: { ms: number }) {
    const [until, setUntil] = useState(Date.now() + ms);
    useEffect(() => setUntil(Date.now() + ms), [ms]);
    const left = until - now.value;
    return <span class="tabular">{left > 0 ? `next probe in ${duration(left)}` : "probe due"}</span>;
}
