// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";

import { timelineOf } from "../src/lib/timeline";
import { movedTo, perMinute, withTick } from "../src/lib/traffic";
import type { Run, Step, Traffic } from "../src/types";

const t0 = 1_800_000_000_000;
const run = (more: Partial<Run> = {}) => ({ id: "r", state: "succeeded", created_at: t0, updated_at: t0 + 5_000, ...more }) as Run;
const step = (key: string, from: number, to: number, more: Partial<Step> = {}) => ({
    key, kind: "call", target: "x:y", state: "done", attempts: 1, started_at: t0 + from, finished_at: to ? t0 + to : 0,
    wake_at: 0, input: null, result: null, ...more,
}) as Step;

test("bars lie one behind the other, in scale", () => {
    const t = timelineOf(run(), [step("a", 0, 1_000), step("b", 1_000, 2_000)], [], t0 + 9_000);
    assert.deepEqual(t.bars.map((b) => [b.id, b.open]), [["a", false], ["b", false]]);
    assert.equal(t.at(t0), 0);
    assert.equal(t.at(t0 + 1_000), 0.5);
    assert.equal(t.at(t0 + 2_000), 1);
    assert.deepEqual(t.cuts, []);
    assert.deepEqual([t.ticks[0]!.label, t.ticks[1]!.label], ["0", "+500 ms"]);
});

test("a night between two steps is cut short", () => {
    const night = 8 * 3_600_000;
    const t = timelineOf(run(), [step("a", 0, 1_000), step("b", night, night + 1_000)], [], t0 + night);
    assert.deepEqual(t.cuts, [{ from: t0 + 1_000, to: t0 + night }]);
    assert.ok(t.at(t0 + 1_000) > 0.4 && t.at(t0 + night) < 0.6, "steps keep their room");
    let last = -1;
    for (let x = 0; x <= night + 1_000; x += 60_000) {
        assert.ok(t.at(t0 + x) >= last, "time only goes on");
        last = t.at(t0 + x);
    }
    assert.equal(t.at(t0 + night + 1_000), 1);
    assert.ok(t.ticks.length < 24);
});

test("a long sleep does not squeeze the calls", () => {
    const t = timelineOf(run(), [step("a", 0, 500), step("s", 500, 3_600_500, { kind: "sleep" }), step("b", 3_600_500, 3_601_000)], [], t0 + 4_000_000);
    assert.equal(t.cuts.length, 1);
    assert.ok(t.at(t0 + 500) > 0.35);
});

test("what runs goes on to the present, what waits says until when", () => {
    const open = timelineOf(run({ state: "active" }), [step("a", 0, 0, { state: "started" })], [], t0 + 700);
    assert.deepEqual([open.bars[0]!.to, open.bars[0]!.open], [t0 + 700, true]);
    const waits = timelineOf(run({ state: "waiting" }), [step("a", 0, 0, { state: "retrying", wake_at: t0 + 9_000 })], [], t0 + 700);
    assert.equal(waits.bars[0]!.waitUntil, t0 + 9_000);
    // In doubt: begun, never answered; the bar ends with the run, not today.
    const doubt = timelineOf(run({ state: "in_doubt" }), [step("a", 0, 0, { state: "started" })], [], t0 + 1e9);
    assert.deepEqual([doubt.bars[0]!.to, doubt.bars[0]!.open], [t0 + 5_000, false]);
});

test("children stand under the step that began them", () => {
    const child = (id: string, parent_step: string) => run({ id, parent: "r", parent_step, created_at: t0 + 10 });
    const t = timelineOf(run(), [step("a", 0, 10), step("b", 10, 5_000)], [child("c1", "b"), child("c2", "b"), child("c3", "gone")], t0);
    assert.deepEqual(t.bars.map((b) => [b.id, b.depth]), [["a", 0], ["b", 0], ["c1", 1], ["c2", 1], ["c3", 1]]);
});

test("a run without steps has an empty timeline", () => {
    const t = timelineOf(run({ state: "ready" }), [], [], t0 + 5);
    assert.deepEqual(t.bars, []);
    assert.equal(t.at(t0), 0);
});

const traffic = (): Traffic => ({ step_ms: 10_000, from: t0, events: [1, 2, 3, 4, 5, 6], succeeded: [0, 0, 0, 0, 0, 0], failed: [0, 0, 0, 0, 0, 0], calls: [0, 0, 0, 0, 0, 0] });
const tick = (at: number, events: number) => ({ at, edges: [], events, succeeded: 1, failed: 0, calls: 2 });

test("a tick counts in its step; the window moves on with time", () => {
    const now = withTick(traffic(), tick(t0 + 59_000, 10));
    assert.deepEqual(now.events, [1, 2, 3, 4, 5, 16]);
    assert.deepEqual(now.calls, [0, 0, 0, 0, 0, 2]);
    const later = withTick(now, tick(t0 + 75_000, 7));
    assert.equal(later.from, t0 + 20_000);
    assert.deepEqual(later.events, [3, 4, 5, 16, 0, 7]);
    assert.deepEqual(withTick(later, tick(t0, 99)).events, later.events, "what is older than the window is left out");
    assert.deepEqual(movedTo(later, t0 + 3_600_000).events, [0, 0, 0, 0, 0, 0]);
    assert.equal(movedTo(later, t0), later);
});

test("rates are told per minute", () => {
    assert.equal(perMinute(traffic(), "events"), 21);
    assert.equal(perMinute({ ...traffic(), events: [] }, "events"), 0);
});
