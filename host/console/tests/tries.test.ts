// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";

import { timelineOf } from "../src/lib/timeline";
import { differentFailures, stretchesOf, summaryOf } from "../src/lib/tries";
import type { Run, Step, Try } from "../src/types";

const t0 = 1_800_000_000_000;
const away = { code: "crm.down", category: "unavailable", effect: "none", message: "no answer", http_status: 503 };
const refused = { code: "crm.refused", category: "denied", effect: "none", message: "not allowed", http_status: 403 };
const tried = (number: number, began: number, ended: number, more: Partial<Try> = {}): Try => ({
    number, attempt: number, began_at: t0 + began, ended_at: t0 + ended, limited_ms: 0, outcome: "retrying", waits_for: "back_off",
    waits_until: t0 + ended + 1_000, failure: away as Try["failure"], ...more,
});
const done = (number: number, began: number, ended: number, more: Partial<Try> = {}) =>
    tried(number, began, ended, { outcome: "done", waits_for: "none", waits_until: 0, failure: undefined, ...more });
const step = (tries: Try[], more: Partial<Step> = {}) => ({
    key: "put", kind: "call", target: "x:y", state: "done", attempts: tries.length, started_at: t0, finished_at: tries[tries.length - 1]?.ended_at ?? t0 + 50,
    wake_at: 0, input: null, result: null, tries, ...more,
}) as Step;
const shape = (s: Step, end: number, open = false) => stretchesOf(s, t0 + end, open).map((x) => [x.kind, x.from - t0, x.to - t0]);

test("attempts and waits lie where they were, to the millisecond", () => {
    const s = step([tried(1, 0, 40), tried(2, 1_040, 1_100, { waits_until: t0 + 3_100 }), done(3, 3_105, 3_200)]);
    assert.deepEqual(shape(s, 3_200), [
        ["attempt", 0, 40], ["wait", 40, 1_040], ["attempt", 1_040, 1_100], ["wait", 1_100, 3_105], ["attempt", 3_105, 3_200],
    ]);
    assert.deepEqual(stretchesOf(s, t0 + 3_200, false).map((x) => x.bad), [true, false, true, false, false]);
});

test("a step that was tried once is one bar", () => {
    assert.deepEqual(shape(step([]), 50), []);
    const bars = timelineOf({ id: "r", state: "succeeded", created_at: t0, updated_at: t0 + 50 } as Run, [step([], { attempts: 8 })], [], t0 + 90).bars;
    assert.deepEqual(bars[0]!.stretches, [], "of attempts that nobody has recorded none is drawn");
});

test("what it waits for now goes on to the present; past its planned end the next attempt is under way", () => {
    const s = step([tried(1, 0, 40)], { state: "retrying", finished_at: 0 });
    assert.deepEqual(shape(s, 500, true), [["attempt", 0, 40], ["wait", 40, 500]]);
    assert.deepEqual(shape(s, 1_500, true), [["attempt", 0, 40], ["wait", 40, 1_040], ["attempt", 1_040, 1_500]]);
    assert.match(summaryOf(stretchesOf(s, t0 + 500, true)), /waits 1\.0 s: back-off\.$/);
});

test("a step that was called off while it waited ends with its wait", () => {
    const s = step([tried(1, 0, 40, { waits_until: t0 + 60_000 })], { state: "failed", finished_at: t0 + 700 });
    assert.deepEqual(shape(s, 700), [["attempt", 0, 40], ["wait", 40, 700]]);
});

test("a held step has no attempt there, only its wait", () => {
    const held = tried(1, 0, 9_000, { attempt: 0, outcome: "held", waits_for: "pause", waits_until: t0 + 3_600_000 });
    const s = step([held, done(2, 12_000, 12_100, { attempt: 1 })]);
    assert.deepEqual(shape(s, 12_100), [["wait", 0, 12_000], ["attempt", 12_000, 12_100]]);
    assert.match(summaryOf(stretchesOf(s, t0 + 12_100, false)), /Waited 12 s: connection paused; attempt 1 done after 100 ms/);
});

test("what is not known is not drawn as if it were", () => {
    const s = step([tried(8, 0, 900, { number: 1, attempt: 8, began_at: 0, waits_for: "person", waits_until: t0 + 5_000 }), done(2, 5_000, 5_100, { attempt: 1 })]);
    assert.deepEqual(shape(s, 5_100), [["attempt", 900, 900], ["wait", 900, 5_000], ["attempt", 5_000, 5_100]]);
    const cut = step([tried(1, 0, 30_000, { outcome: "cut_off", waits_for: "none", failure: undefined }), done(2, 30_001, 30_050, { attempt: 1 })]);
    assert.deepEqual(shape(cut, 30_050), [["cut-off", 0, 30_000], ["attempt", 30_001, 30_050]]);
});

test("attempts that are not kept are said to be missing", () => {
    const s = step([tried(1, 0, 40), tried(72, 90_000, 90_040), done(73, 91_040, 91_080)]);
    assert.deepEqual(shape(s, 91_080).slice(0, 3), [["attempt", 0, 40], ["left-out", 40, 90_000], ["attempt", 90_000, 90_040]]);
    assert.match(summaryOf(stretchesOf(s, t0 + 91_080, false)), /70 attempts in between are not kept/);
});

test("very many attempts are told by the first and the last", () => {
    const many = step(Array.from({ length: 40 }, (_, i) => tried(i + 1, i * 1_040, i * 1_040 + 40)), { state: "retrying", finished_at: 0 });
    const text = summaryOf(stretchesOf(many, t0 + 40 * 1_040 - 10, true));
    assert.ok(text.length < 500, text);
    assert.match(text, /^Attempt 1 failed.*….*attempt 40 failed/);
});

test("a night until a person retried is cut short, and the bar begins with the first attempt of all", () => {
    const night = 8 * 3_600_000;
    const s = step([tried(1, 0, 1_000, { outcome: "failed", waits_for: "person", waits_until: t0 + night }), done(2, night, night + 1_000, { attempt: 1 })], { started_at: t0 + night });
    const t = timelineOf({ id: "r", state: "succeeded", created_at: t0, updated_at: t0 + night + 1_000 } as Run, [s], [], t0 + night + 9_000);
    assert.equal(t.bars[0]!.from, t0);
    assert.deepEqual(t.cuts, [{ from: t0 + 1_000, to: t0 + night }]);
    assert.ok(t.at(t0 + 1_000) > 0.4);
});

test("different failures are told apart, and only when they differ", () => {
    assert.deepEqual(differentFailures(step([tried(1, 0, 40), tried(2, 1_000, 1_040)])), []);
    const s = step([tried(1, 0, 40), tried(2, 1_000, 1_040), tried(3, 2_000, 2_040, { outcome: "failed", waits_for: "none", failure: refused as Try["failure"] })]);
    assert.deepEqual(differentFailures(s), [
        { message: "no answer", cause: "HTTP 503, crm.down", times: 2 }, { message: "not allowed", cause: "HTTP 403, crm.refused", times: 1 },
    ]);
    const held = tried(4, 3_000, 3_000, { outcome: "held", failure: { ...away, message: "does not answer; the step waits" } as Try["failure"] });
    assert.deepEqual(differentFailures(step([tried(1, 0, 40), held])), []);
});
