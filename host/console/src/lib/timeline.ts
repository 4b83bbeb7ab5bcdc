// SPDX-License-Identifier: Apache-2.0
// A run's steps as bars over time. Gaps in which nothing ran (a wait of hours, a night until someone
// retried) are cut short, so that what happened stays legible. Pure.
import type { Run, Step } from "../types";
import { type Stretch, stretchesOf } from "./tries";

export interface Bar {
    id: string;
    step: Step | null; // null: a child run
    child: Run | null;
    from: number;
    to: number; // the present for what still runs
    open: boolean;
    waitUntil: number; // the next try or the end of a wait; 0: none
    depth: number;
    stretches: Stretch[]; // its attempts and waits; none for what was tried once
}
export interface Cut { from: number; to: number } // of time that is not drawn to scale
export interface Timeline {
    bars: Bar[];
    from: number;
    to: number;
    cuts: Cut[];
    at: (time: number) => number; // 0..1
    ticks: { time: number; label: string }[];
}

const isOpen = (s: Step) => s.state === "started" || s.state === "waiting" || s.state === "retrying";

function barsOf(run: Run, steps: Step[], children: Run[], now: number): Bar[] {
    const ended = ["succeeded", "failed", "in_doubt", "cancelled", "discarded"].includes(run.state);
    const out: Bar[] = [];
    const byStep = new Map<string, Run[]>();
    for (const c of children) byStep.set(c.parent_step ?? "", [...(byStep.get(c.parent_step ?? "") ?? []), c]);
    const addChildren = (list: Run[]) => {
        for (const c of list) {
            const over = ["succeeded", "failed", "in_doubt", "cancelled", "discarded"].includes(c.state);
            out.push({ id: c.id, step: null, child: c, from: c.created_at, to: over ? c.updated_at : now, open: !over, waitUntil: 0, depth: 1, stretches: [] });
        }
    };
    for (const s of steps) {
        const open = isOpen(s) && !ended;
        const to = s.finished_at || (open ? Math.max(now, s.started_at) : Math.max(run.updated_at, s.started_at));
        // A person's retry begins the step anew; what was before is on its bar too.
        const first = s.tries?.find((t) => t.began_at > 0)?.began_at ?? s.started_at;
        out.push({
            id: s.key, step: s, child: null, from: Math.min(s.started_at, first), to, open, waitUntil: open ? s.wake_at : 0, depth: 0,
            stretches: stretchesOf(s, to, open),
        });
        addChildren(byStep.get(s.key) ?? []);
        byStep.delete(s.key);
    }
    for (const rest of byStep.values()) addChildren(rest);
    return out.filter((b) => b.from > 0);
}

// What no bar covers, and waits that are much longer than all else.
function cutsOf(bars: Bar[], from: number, to: number): Cut[] {
    const waits = (b: Bar) => b.step?.kind === "sleep" || b.step?.kind === "wait_event" || b.step?.state === "retrying";
    const work = (b: Bar): { from: number; to: number }[] => b.stretches.length > 0 ? b.stretches.filter((s) => s.kind !== "wait" && s.kind !== "left-out") : waits(b) ? [] : [b];
    const busy = bars.flatMap(work).map((b) => ({ from: b.from, to: b.to })).sort((a, b) => a.from - b.from);
    const total = busy.reduce((n, b) => n + b.to - b.from, 0);
    const least = Math.max(30_000, total * 1.5);
    const cuts: Cut[] = [];
    let end = from;
    for (const b of [...busy, { from: to, to }]) {
        if (b.from - end > least) cuts.push({ from: end, to: b.from });
        end = Math.max(end, b.to);
    }
    return cuts;
}

const niceSteps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 10e3, 15e3, 30e3, 60e3, 120e3, 300e3, 600e3, 1800e3, 3600e3, 7200e3, 21600e3, 43200e3, 864e5, 1728e5, 6048e5];

function offset(ms: number): string {
    if (ms < 1_000) return `${ms} ms`;
    if (ms < 60_000) return `${+(ms / 1_000).toFixed(1)} s`;
    if (ms < 3_600_000) return `${+(ms / 60_000).toFixed(1)} min`;
    if (ms < 864e5) return `${+(ms / 3_600_000).toFixed(1)} h`;
    return `${+(ms / 864e5).toFixed(1)} d`;
}

export function timelineOf(run: Run, steps: Step[], children: Run[], now: number): Timeline {
    const bars = barsOf(run, steps, children, now);
    const from = Math.min(run.created_at || now, ...bars.map((b) => b.from));
    const to = Math.max(from + 1, ...bars.map((b) => b.to));
    const cuts = cutsOf(bars, from, to);
    const cutTime = cuts.reduce((n, c) => n + c.to - c.from, 0);
    const drawn = Math.max(1, to - from - cutTime);
    // Each cut takes as much room as this share of what is drawn to scale.
    const room = drawn * 0.08;
    const whole = drawn + room * cuts.length;
    const at = (time: number): number => {
        let x = Math.min(Math.max(time, from), to) - from;
        for (const c of cuts) {
            if (time >= c.to) x += room - (c.to - c.from);
            else if (time > c.from) x += ((time - c.from) / (c.to - c.from)) * room - (time - c.from);
        }
        return Math.min(1, Math.max(0, x / whole));
    };
    const step = niceSteps.find((s) => drawn / s <= 6) ?? niceSteps[niceSteps.length - 1]!;
    const ticks: Timeline["ticks"] = [];
    let last = -1;
    for (let t = 0; t <= to - from && ticks.length < 24; t += step) {
        const cut = cuts.find((c) => from + t > c.from && from + t < c.to);
        if (cut) {
            t = Math.ceil((cut.to - from) / step) * step - step; // goes on behind the cut
            continue;
        }
        const x = at(from + t);
        if (x - last > 0.09) {
            ticks.push({ time: from + t, label: t === 0 ? "0" : `+${offset(t)}` });
            last = x;
        }
    }
    return { bars, from, to, cuts, at, ticks };
}
