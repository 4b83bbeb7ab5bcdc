// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";

import { changes, mergePatch, nullsIn, same } from "../src/form/change";
import { check } from "../src/form/check";
import { numberOf } from "../src/form/controls";
import { at, beginning, resolved, shapeOf, typeWords } from "../src/form/schema";
import type { Json } from "../src/types";

const item: Json = {
    type: "object",
    properties: {
        parent_id: { type: "integer", minimum: 1 },
        name: { type: "string", minLength: 1, maxLength: 248 },
        kind: { enum: ["url", "document"] },
        when: { type: "string", format: "date" },
        tags: { type: "array", items: { type: "string" }, maxItems: 2 },
        owner: { $ref: "#/$defs/person" },
    },
    required: ["parent_id", "name"],
    additionalProperties: false,
    $defs: { person: { type: "object", properties: { mail: { type: "string" } }, required: ["mail"], additionalProperties: { type: "number" } } },
};

test("a value that fits has no problem", () => {
    assert.deepEqual(check({ parent_id: 7, name: "a", kind: "url", when: "2026-03-31", tags: ["x"], owner: { mail: "m", n: 3 } }, item), []);
});

test("each place that does not fit is named by its pointer, once, in plain words", () => {
    const cases: [Json, string, string][] = [
        [{ name: "a" }, "/parent_id", "is missing"],
        [{ parent_id: 0, name: "a" }, "/parent_id", "expected at least 1, found 0"],
        [{ parent_id: "7", name: "a" }, "/parent_id", "expected a whole number, found text"],
        [{ parent_id: 7, name: "" }, "/name", "must not be empty"],
        [{ parent_id: 7, name: "a", kind: "x" }, "/kind", 'expected one of "url", "document"'],
        [{ parent_id: 7, name: "a", when: "31.3.2026" }, "/when", "expected a date"],
        [{ parent_id: 7, name: "a", tags: ["x", 4] }, "/tags/1", "expected text, found a number"],
        [{ parent_id: 7, name: "a", tags: ["x", "y", "z"] }, "/tags", "expected at most 2 items"],
        [{ parent_id: 7, name: "a", owner: {} }, "/owner/mail", "is missing"],
        [{ parent_id: 7, name: "a", more: 1 }, "/more", "unknown member"],
        [[], "", "expected an object, found a list"],
    ];
    for (const [value, pointer, message] of cases) {
        const found = check(value, item);
        assert.deepEqual(found.map((p) => [p.pointer, p.message]), [[pointer, message]], JSON.stringify(value));
    }
});

test("a member with a slash or tilde in its name is pointed at as RFC 6901 says", () => {
    const found = check({ "a/b": { "c~d": 1 } }, {
        type: "object", properties: { "a/b": { type: "object", properties: { "c~d": { type: "string" } } } },
    });
    assert.equal(found[0]?.pointer, "/a~1b/c~0d");
    assert.equal(at({ "a/b": { "c~d": 1 } }, "/a~1b/c~0d"), 1);
});

test("a schema that is none or cannot be read leaves the check to the host", () => {
    assert.deepEqual(check({ a: 1 }, true), []);
    assert.deepEqual(check({ a: 1 }, {}), []);
    assert.deepEqual(check({ a: 1 }, { $ref: "#/$defs/nowhere" }), []);
});

test("schemas become shapes", () => {
    const shape = (s: Json) => shapeOf(s, s);
    assert.equal(shape({ type: ["string", "null"] }).kind, "text");
    assert.equal(shape({ type: ["string", "null"] }).nullable, true);
    assert.equal(shape({ anyOf: [{ type: "integer" }, { type: "null" }] }).kind, "integer");
    assert.deepEqual(shape({ oneOf: [{ const: "a" }, { const: "b" }] }).options, ["a", "b"]);
    assert.equal(shape({ oneOf: [{ type: "string" }, { type: "object" }] }).kind, "choice");
    assert.equal(shape({ type: ["string", "integer"] }).kind, "number");
    assert.equal(shape({ type: ["string", "object"] }).kind, "any");
    assert.equal(shape(true).kind, "any");
    assert.equal(shape({ properties: { a: {} } }).kind, "object");
    assert.deepEqual(shape(item).properties.map((p) => [p.name, p.required]).slice(0, 3),
        [["parent_id", true], ["name", true], ["kind", false]]);
    assert.equal(shapeOf({ $ref: "#/$defs/person" }, item).kind, "object");
    const joined = resolved({ allOf: [{ properties: { a: {} }, required: ["a"] }, { properties: { b: {} } }] }, {});
    assert.deepEqual(Object.keys(joined.properties as object).sort(), ["a", "b"]);
});

test("references in a circle come to an end", () => {
    const round: Json = { $ref: "#/$defs/a", $defs: { a: { $ref: "#/$defs/b" }, b: { $ref: "#/$defs/a" } } };
    assert.equal(shapeOf(round, round).kind, "any");
    const tree: Json = { $ref: "#/$defs/node", $defs: { node: { type: "object", properties: { next: { $ref: "#/$defs/node" } }, required: ["next"] } } };
    assert.ok(beginning(tree, tree) !== undefined);
});

test("what a person adds begins with a default, or with what is needed", () => {
    assert.deepEqual(beginning(item, item), { parent_id: 1, name: "" });
    assert.equal(beginning({ type: "string", default: "x" }, {}), "x");
    assert.deepEqual(beginning({ type: "array" }, {}), []);
    assert.equal(beginning({ enum: ["a", "b"] }, {}), "a");
    assert.equal(beginning({}, {}), null);
});

test("types are told in words", () => {
    assert.equal(typeWords({ type: "array", items: { type: "string", minLength: 1 } }, {}), "list of text (not empty)");
    assert.equal(typeWords({ type: ["integer", "null"], minimum: 1, maximum: 9 }, {}), "whole number or null (at least 1, at most 9)");
    assert.equal(typeWords({ enum: ["a", 1] }, {}), "one of a, 1");
    assert.equal(typeWords({ type: ["integer", "string"] }, {}), "number or text");
});

test("numbers keep what was typed when it is none", () => {
    const cases: [string, Json | undefined][] = [["7", 7], ["-1.5", -1.5], ["1e3", 1000], ["", undefined], [" ", undefined], ["7a", "7a"], ["-", "-"], ["0x1f", "0x1f"]];
    for (const [text, value] of cases) assert.deepEqual(numberOf(text), value, text);
});

test("changes name each member that differs", () => {
    const before: Json = { a: 1, b: { c: [1, 2], d: "x" }, gone: null };
    const after: Json = { a: 1, b: { c: [1, 3, 4], d: "x" }, more: {} };
    assert.deepEqual(changes(before, after), [
        { pointer: "/b/c/1", what: "changed", before: 2, after: 3 },
        { pointer: "/b/c/2", what: "added", after: 4 },
        { pointer: "/gone", what: "removed", before: null },
        { pointer: "/more", what: "added", after: {} },
    ]);
    assert.deepEqual(changes(before, structuredClone(before)), []);
});

// RFC 7396, to see that the patch makes the one of the other.
function applied(target: Json, patch: Json): Json {
    if (typeof patch !== "object" || patch === null || Array.isArray(patch)) return patch;
    const out: { [name: string]: Json } = typeof target === "object" && target !== null && !Array.isArray(target) ? { ...target } : {};
    for (const [name, value] of Object.entries(patch)) {
        if (value === null) delete out[name];
        else out[name] = applied(out[name] ?? null, value);
    }
    return out;
}

test("a merge patch makes the changed value of the first, and only of what changed", () => {
    const pairs: [Json, Json][] = [
        [{ a: 1 }, { a: 2 }], [{ a: 1, b: 2 }, { b: 2 }], [{ a: { b: 1, c: 2 } }, { a: { b: 1, c: 3 } }],
        [{ a: [1] }, { a: [1, 2] }], [{}, { a: { b: {} } }], [{ a: 1 }, { a: { b: 1 } }], [{ a: { b: 1 } }, { a: 1 }], [{ a: 1 }, { a: 1 }],
    ];
    for (const [before, after] of pairs)
        assert.ok(same(applied(before, mergePatch(before, after)), after), JSON.stringify([before, after]));
    assert.deepEqual(mergePatch({ a: 1, b: { c: 1, d: 2 } }, { a: 1, b: { c: 1, d: 5 } }), { b: { d: 5 } });
    assert.deepEqual(nullsIn(changes({ a: 1 }, { a: null })), ["/a"]);
});
