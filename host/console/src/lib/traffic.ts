// SPDX-License-Identifier: Apache-2.0
// The last ten minutes of traffic, moved on by what is pushed each second. Pure.
import type { Traffic, TrafficTick } from "../types";

const rows = ["events", "succeeded", "failed", "calls"] as const;

// Moves the window so that `at` lies in its last step or before; empty steps are zeros.
export function movedTo(t: Traffic, at: number): Traffic {
    const size = t.events.length;
    const late = Math.floor((at - t.from) / t.step_ms) - (size - 1);
    if (late <= 0) return t;
    const moved = (row: number[]) => [...row.slice(Math.min(late, size)), ...Array<number>(Math.min(late, size)).fill(0)];
    return { ...t, from: t.from + late * t.step_ms, events: moved(t.events), succeeded: moved(t.succeeded), failed: moved(t.failed), calls: moved(t.calls) };
}

export function withTick(t: Traffic, tick: TrafficTick): Traffic {
    const out = movedTo(t, tick.at);
    const i = Math.floor((tick.at - out.from) / out.step_ms);
    if (i < 0 || i >= out.events.length) return out; // older than the window
    const next = { ...out };
    for (const r of rows) next[r] = out[r].map((n, at) => (at === i ? n + tick[r] : n));
    return next;
}

// Per minute, over the last `minutes` full steps.
export function perMinute(t: Traffic, row: (typeof rows)[number], minutes = 1): number {
    const steps = Math.min(t[row].length, Math.round((minutes * 60_000) / t.step_ms));
    const sum = t[row].slice(t[row].length - steps).reduce((a, b) => a + b, 0);
    return steps === 0 ? 0 : (sum * 60_000) / (steps * t.step_ms);
}
