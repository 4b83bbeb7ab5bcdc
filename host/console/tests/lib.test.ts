// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";

import { absolute, bytes, clock, compact, duration, plural, relative, shortId, words } from "../src/lib/format";
import { findInJson, preview } from "../src/lib/json";
import { noRows, showFresh, withPage, withPush } from "../src/lib/pages";
import { ApiError, toApiError } from "../src/lib/problem";
import { href, parseHash, parseTime, queryString } from "../src/lib/query";
import { isTyping, ShortcutReader } from "../src/lib/shortcuts";

test("durations read well at every size", () => {
    const cases: [number, string][] = [
        [-5, "0 ms"], [0, "0 ms"], [12.4, "12 ms"], [999, "999 ms"], [1_000, "1.0 s"], [9_940, "9.9 s"], [59_900, "60 s"],
        [60_000, "1 min"], [125_000, "2 min 5 s"], [3_599_600, "1 h"], [12_000_000, "3 h 20 min"], [90_000_000, "1 d 1 h"], [172_800_000, "2 d"],
    ];
    for (const [ms, says] of cases) assert.equal(duration(ms), says, String(ms));
});

test("times are told from now", () => {
    const now = 1_800_000_000_000;
    const cases: [number, string][] = [
        [0, "just now"], [-4_999, "just now"], [-5_000, "5 s ago"], [-61_000, "1 min ago"], [20_000, "in 20 s"],
        [-3 * 3_600_000, "3 h ago"], [-50 * 3_600_000, "2 d ago"], [26 * 3_600_000, "in 1 d"],
    ];
    for (const [d, says] of cases) assert.equal(relative(now + d, now), says, String(d));
});

test("absolute times sort as text", () => {
    const at = new Date(2026, 0, 9, 4, 5, 6, 7).getTime();
    assert.equal(absolute(at), "2026-01-09 04:05:06");
    assert.equal(absolute(at, true), "2026-01-09 04:05:06.007");
    assert.equal(clock(at, at + 60_000), "04:05:06");
    assert.equal(clock(at, at + 48 * 3_600_000), "2026-01-09 04:05");
});

test("figures are short and have their unit", () => {
    assert.equal(bytes(0), "0 B");
    assert.equal(bytes(1023), "1023 B");
    assert.equal(bytes(1536), "1.5 KiB");
    assert.equal(bytes(318_767_104), "304 MiB");
    assert.equal(compact(9_999), "9,999");
    assert.equal(compact(123_456), "123.5K");
    assert.equal(plural(1, "run"), "1 run");
    assert.equal(plural(0, "run"), "0 runs");
    assert.equal(plural(2, "entry", "entries"), "2 entries");
    assert.equal(words("in_doubt"), "in doubt");
    assert.equal(shortId("01a1fe8e-08fd-7949-9ee6-15c30843231d"), "…0843231d");
    assert.equal(shortId("short"), "short");
});

test("an address becomes parts and a query, and back", () => {
    assert.deepEqual(parseHash("#/runs/a%2Fb?state=failed&q=x%20y"), { path: ["runs", "a/b"], query: { state: "failed", q: "x y" } });
    assert.deepEqual(parseHash(""), { path: [], query: {} });
    assert.deepEqual(parseHash("#/runs?q=a?b"), { path: ["runs"], query: { q: "a?b" } });
    assert.deepEqual(parseHash("#/runs/50%"), { path: ["runs", "50%"], query: {} });
    assert.equal(href(), "#/");
    assert.equal(href("runs", "a/b", { state: "failed", q: "", flow: undefined }), "#/runs/a%2Fb?state=failed");
    assert.equal(queryString({ limit: 0, redo: false, all: true }), "?limit=0&all=true");
});

test("times are typed as ages, dates or milliseconds", () => {
    const now = 1_800_000_000_000;
    assert.equal(parseTime("2h", now), now - 7_200_000);
    assert.equal(parseTime(" 7 d ", now), now - 7 * 86_400_000);
    assert.equal(parseTime("1795272113509", now), 1_795_272_113_509);
    assert.equal(parseTime("2026-11-21T10:00:00Z", now), Date.UTC(2026, 10, 21, 10));
    for (const bad of ["", "soon", "h", "2y"]) assert.equal(parseTime(bad, now), undefined, bad);
});

test("JSON is searched by name and value", () => {
    const value = { title: "Lumen One", files: [{ "a/b": "lumen.mov" }, { size: 12 }], "~x": null };
    assert.deepEqual(findInJson(value, "lumen"), ["/title", "/files/0/a~1b"]);
    assert.deepEqual(findInJson(value, "SIZE"), ["/files/1/size"]);
    assert.deepEqual(findInJson(value, "null"), ["/~0x"]);
    assert.deepEqual(findInJson(value, ""), []);
    assert.equal(findInJson(Array.from({ length: 1_000 }, () => "x"), "x", 10).length, 10);
});

test("JSON is previewed in a line", () => {
    assert.equal(preview({}), "{}");
    assert.equal(preview([]), "[]");
    assert.equal(preview([1, 2]), "[ 2 ]");
    assert.equal(preview({ a: 1, b: 2, c: 3, d: 4, e: 5 }), "{ a, b, c, … 2 more }");
    assert.equal(preview("text"), "\"text\"");
});

interface Row { id: string; n: number }
const id = (r: Row) => r.id;
const rows = (...ids: string[]) => ids.map((x) => ({ id: x, n: 0 }));

test("a page is put behind the rows, each row once", () => {
    const first = withPage(noRows<Row>(), { rows: rows("c", "b"), next: "2" }, id);
    const both = withPage(first, { rows: rows("b", "a"), next: null }, id);
    assert.deepEqual(both.rows.map(id), ["c", "b", "a"]);
    assert.equal(both.next, null);
});

test("a pushed row changes in place, waits, or leaves", () => {
    const list = withPage(noRows<Row>(), { rows: rows("b", "a"), next: null }, id);
    const changed = withPush(list, { id: "a", n: 7 }, { id, fits: true, atTop: false });
    assert.deepEqual(changed.rows, [{ id: "b", n: 0 }, { id: "a", n: 7 }]);
    const waits = withPush(list, { id: "c", n: 1 }, { id, fits: true, atTop: false });
    assert.deepEqual(waits.rows.map(id), ["b", "a"]);
    assert.deepEqual(waits.fresh.map(id), ["c"]);
    const again = withPush(waits, { id: "c", n: 2 }, { id, fits: true, atTop: false });
    assert.deepEqual(again.fresh, [{ id: "c", n: 2 }]);
    assert.deepEqual(showFresh(again).rows.map(id), ["c", "b", "a"]);
    assert.deepEqual(withPush(again, { id: "c", n: 3 }, { id, fits: false, atTop: false }).fresh, []);
    assert.deepEqual(withPush(list, { id: "c", n: 1 }, { id, fits: true, atTop: true }).rows.map(id), ["c", "b", "a"]);
    assert.deepEqual(withPush(list, { id: "a", n: 9 }, { id, fits: false, atTop: true }).rows.map(id), ["b"]);
    assert.equal(withPush(list, { id: "z", n: 0 }, { id, fits: false, atTop: true }), list);
});

test("what waits to be shown is bounded", () => {
    let list = noRows<Row>();
    for (let i = 0; i < 20; ++i) list = withPush(list, { id: String(i), n: i }, { id, fits: true, atTop: false, most: 5 });
    assert.deepEqual(list.fresh.map(id), ["19", "18", "17", "16", "15"]);
});

test("a refusal says what the host said", () => {
    const e = toApiError(400, { code: "input.schema", detail: "does not fit", problems: [{ pointer: "/count", message: "too small" }] }, null);
    assert.ok(e instanceof ApiError);
    assert.equal(e.message, "does not fit");
    assert.equal(e.code, "input.schema");
    assert.equal(e.problems[0]?.pointer, "/count");
    assert.ok(toApiError(401, null, null).signedOut);
    assert.equal(toApiError(429, {}, "12").retryAfter, 12);
    assert.match(toApiError(502, "<html>", null).message, /502/);
});

test("two keys in a row are one shortcut, if they come soon", () => {
    const all = [{ keys: "g r", says: "", act: () => {} }, { keys: "/", says: "", act: () => {} }, { keys: "r", says: "", act: () => {} }];
    const reader = new ShortcutReader(900);
    assert.equal(reader.press("g", 0, all), undefined);
    assert.equal(reader.press("r", 500, all)?.keys, "g r");
    assert.equal(reader.press("g", 1_000, all), undefined);
    assert.equal(reader.press("r", 5_000, all)?.keys, "r");
    assert.equal(reader.press("x", 5_100, all), undefined);
    assert.equal(reader.press("/", 5_200, all)?.keys, "/");
});

test("keys typed into a field are no shortcuts", () => {
    const key = (target: unknown, more = {}) => ({ target, ctrlKey: false, metaKey: false, altKey: false, ...more });
    assert.ok(isTyping(key({ tagName: "INPUT" })));
    assert.ok(isTyping(key({ tagName: "DIV", isContentEditable: true })));
    assert.ok(isTyping(key({ tagName: "DIV" }, { ctrlKey: true })));
    assert.ok(!isTyping(key({ tagName: "DIV" })));
    assert.ok(!isTyping(key(null)));
});
