// SPDX-License-Identifier: Apache-2.0
// The attempts of a step and the waits between them: as stretches of time, and in words. Pure.
import type { Step, Try } from "../types";
import { duration } from "./format";

export interface Stretch {
    kind: "attempt" | "wait" | "cut-off" | "left-out";
    from: number;
    to: number;
    bad: boolean; // an attempt that failed
    open: boolean; // still going on
    says: string;
}

const reasons: Record<Try["waits_for"], string> = {
    none: "", back_off: "back-off", retry_after: "as the system asked (Retry-After)", breaker: "circuit breaker: the system does not answer",
    pause: "connection paused", person: "until a person retried",
};
const outcomes: Record<Try["outcome"], string> = {
    retrying: "failed", held: "held", done: "done", found: "already done, found by a lookup", failed: "failed", in_doubt: "in doubt",
    cancelled: "cancelled", cut_off: "cut off because the host stopped; not counted",
};

export const reasonOf = (t: Try) => reasons[t.waits_for] ?? t.waits_for;
export const outcomeOf = (t: Try) => outcomes[t.outcome] ?? t.outcome;
export const wasMade = (t: Try) => t.attempt > 0 && t.outcome !== "held";
const failed = (t: Try) => t.outcome === "retrying" || t.outcome === "failed" || t.outcome === "in_doubt";

// "HTTP 503, crm.down"
export function causeOf(t: Try): string {
    if (!t.failure) return "";
    return [t.failure.http_status ? `HTTP ${t.failure.http_status}` : "", t.failure.code].filter(Boolean).join(", ");
}

// A wait really ends when the next attempt begins; while none has, when it is planned to.
export function waitOf(t: Try, next: Try | undefined): { from: number; to: number; planned: boolean } | null {
    if (t.waits_for === "none") return null;
    const from = t.outcome === "held" ? t.began_at : t.ended_at;
    const to = next ? next.began_at || next.ended_at : t.waits_until;
    return { from, to: Math.max(from, to), planned: next === undefined };
}

// Nothing for a step that was tried once: its bar says it all. end: where its bar ends; open: it
// goes on there.
export function stretchesOf(step: Step, end: number, open: boolean): Stretch[] {
    const tries = step.tries ?? [];
    const out: Stretch[] = [];
    const add = (s: Omit<Stretch, "bad" | "open"> & Partial<Stretch>) => {
        const to = Math.min(s.to, end);
        if (s.from > 0 && s.from <= end) out.push({ bad: false, open: false, ...s, to: Math.max(s.from, to) });
    };
    let number = 0;
    tries.forEach((t, i) => {
        const next = tries[i + 1];
        const missing = t.number - number - 1;
        const before = out[out.length - 1];
        if (missing > 0 && before !== undefined) {
            // What was waited for before the first of them is all that is known of this time.
            const from = before.kind === "wait" ? before.from : before.to;
            if (before.kind === "wait") out.pop();
            add({ kind: "left-out", from, to: t.began_at || t.ended_at, says: `${missing} attempts in between are not kept` });
        }
        number = t.number;
        if (wasMade(t)) {
            const known = t.began_at > 0;
            const took = known && t.outcome !== "cut_off" ? ` after ${duration(t.ended_at - t.began_at)}` : "";
            const cause = causeOf(t);
            add({
                kind: t.outcome === "cut_off" ? "cut-off" : "attempt", bad: failed(t), from: known ? t.began_at : t.ended_at, to: t.ended_at,
                says: `attempt ${t.attempt} ${outcomeOf(t)}${took}${cause ? ` (${cause})` : ""}${t.limited_ms ? `, ${duration(t.limited_ms)} of it in the connection's queue` : ""}`,
            });
        }
        const wait = waitOf(t, next);
        if (wait === null) return;
        const still = wait.planned && open;
        // Past its planned end the next attempt is most likely under way; the journal hears of it when it is over.
        const to = !wait.planned ? wait.to : open ? Math.min(wait.to, end) : end;
        const waiting = still && wait.to >= end;
        add({
            kind: "wait", from: wait.from, to, open: waiting,
            says: waiting ? `waits ${duration(wait.to - wait.from)}: ${reasonOf(t)}` : `waited ${duration(to - wait.from)}: ${reasonOf(t)}`,
        });
        if (still && wait.to < end) add({ kind: "attempt", from: wait.to, to: end, open: true, says: "next attempt due, not ended yet" });
    });
    return out;
}

const most = 8;

// For who does not see the bar, or looks closer.
export function summaryOf(stretches: Stretch[]): string {
    if (stretches.length === 0) return "";
    const said = stretches.length <= most ? stretches.map((s) => s.says)
        : [...stretches.slice(0, most / 2).map((s) => s.says), "…", ...stretches.slice(-most / 2).map((s) => s.says)];
    const text = said.join("; ");
    return `${text[0]!.toUpperCase()}${text.slice(1)}.`;
}

export interface Cause { message: string; cause: string; times: number }

// The different things that went wrong, in the order in which they first did; none when it was
// always the same.
export function differentFailures(step: Step): Cause[] {
    const out: Cause[] = [];
    for (const t of step.tries ?? []) {
        if (!t.failure || t.outcome === "held") continue;
        const known = out.find((c) => c.message === t.failure!.message && c.cause === causeOf(t));
        if (known) ++known.times;
        else out.push({ message: t.failure.message, cause: causeOf(t), times: 1 });
    }
    return out.length > 1 ? out : [];
}
