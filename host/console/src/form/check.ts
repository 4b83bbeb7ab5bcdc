// SPDX-License-Identifier: Apache-2.0
// Does a value fit its schema? The same places and words whether this page or the host found it.
// The library interprets the schema: the content policy allows no code made from text.
import { Validator } from "@cfworker/json-schema";
import type { Json } from "../types";
import { at, escaped, isObject } from "./schema";

export interface Problem { pointer: string; message: string; hint?: string }

// Say only that something inside does not fit, which is listed itself.
const wrappers = new Set([
    "properties", "patternProperties", "items", "prefixItems", "allOf", "$ref", "$recursiveRef",
    "$dynamicRef", "dependentSchemas", "if", "then", "else", "contains", "propertyNames",
]);

const names: Record<string, string> = {
    string: "text", number: "a number", integer: "a whole number", boolean: "true or false",
    object: "an object", array: "a list", null: "null",
};

function nameOf(value: Json | undefined): string {
    if (value === null) return "null";
    if (Array.isArray(value)) return "a list";
    return names[typeof value] ?? "nothing";
}

const unknown = "unknown member";

const quoted = (v: Json) => (typeof v === "string" ? `"${v}"` : JSON.stringify(v));

// In our words where the keyword's value is known.
function wording(keyword: string, value: Json | undefined, found: Json | undefined, said: string) {
    switch (keyword) {
        case "type": {
            const wanted = (Array.isArray(value) ? value : [value])
                .map((t) => names[String(t)] ?? String(t)).join(" or ");
            return `expected ${wanted}, found ${nameOf(found)}`;
        }
        case "enum":
            return `expected one of ${(Array.isArray(value) ? value : []).map(quoted).join(", ")}`;
        case "const": return `expected ${quoted(value as Json)}`;
        case "minimum": return `expected at least ${value}, found ${found}`;
        case "maximum": return `expected at most ${value}, found ${found}`;
        case "exclusiveMinimum": return `expected more than ${value}, found ${found}`;
        case "exclusiveMaximum": return `expected less than ${value}, found ${found}`;
        case "multipleOf": return `expected a multiple of ${value}, found ${found}`;
        case "minLength":
            return value === 1 ? "must not be empty" : `expected at least ${value} characters`;
        case "maxLength": return `expected at most ${value} characters`;
        case "minItems": return `expected at least ${value} items`;
        case "maxItems": return `expected at most ${value} items`;
        case "uniqueItems": return "expected every item once only";
        case "minProperties": return `expected at least ${value} members`;
        case "maxProperties": return `expected at most ${value} members`;
        case "pattern": return `expected text like ${value}`;
        case "format": return `expected a ${value}`;
        case "false": return unknown;
        default: return said;
    }
}

export function check(value: Json, schema: Json): Problem[] {
    if (!isObject(schema)) return [];
    let found;
    try {
        found = new Validator(schema as object, "2020-12", false).validate(value);
    } catch (e) {
        // A schema this library cannot read: the host's own check still stands.
        return [];
    }
    if (found.valid) return [];
    const out: Problem[] = [];
    const add = (p: Problem) => {
        if (!out.some((o) => o.pointer === p.pointer && o.message === p.message)) out.push(p);
    };
    for (const e of found.errors) {
        const pointer = e.instanceLocation.replace(/^#/, "");
        if (wrappers.has(e.keyword)) continue;
        if (e.keyword === "additionalProperties" || e.keyword === "unevaluatedProperties") continue;
        if (e.keyword === "required") {
            const name = /"([^"]*)"/.exec(e.error)?.[1] ?? "";
            add({ pointer: `${pointer}/${escaped(name)}`, message: "is missing" });
            continue;
        }
        const keyword = at(schema, e.keywordLocation.replace(/^#/, ""));
        const known = keyword !== undefined || e.keyword === "false";
        add({
            pointer,
            message: known ? wording(e.keyword, keyword, at(value, pointer), e.error) : e.error,
        });
    }
    if (out.length === 0) add({ pointer: "", message: "does not fit its schema" });
    // A member that is known but wrong counts as not known for a closed schema as well.
    return out.filter((p) => p.message !== unknown || !out.some((o) =>
        o.message !== unknown && (o.pointer === p.pointer || o.pointer.startsWith(`${p.pointer}/`))));
}

// Problems by the pointer they belong to, for the fields of a form.
export function byPointer(problems: Problem[]): Map<string, Problem[]> {
    const out = new Map<string, Problem[]>();
    for (const p of problems) out.set(p.pointer, [...(out.get(p.pointer) ?? []), p]);
    return out;
}
