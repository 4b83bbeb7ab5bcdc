// SPDX-License-Identifier: Apache-2.0
// What a form shows for a JSON Schema: which control, with what to begin, what belongs to it. Pure.
import type { Json } from "../types";

export type JsonObject = { [name: string]: Json };
export type Schema = JsonObject;

export type Kind =
    | "object" | "array" | "text" | "number" | "integer" | "boolean" | "date" | "date-time"
    | "one-of" | "choice" | "null" | "any";

export interface Shape {
    kind: Kind;
    schema: Schema;
    title: string;
    description: string;
    nullable: boolean; // null is allowed beside the kind
    options: Json[]; // one-of: the values to choose from
    choices: Schema[]; // choice: the schemas one of which it has to fit
    properties: { name: string; schema: Json; required: boolean }[];
    extra: Json; // object: schema of further members, false for none
    items: Json; // array: schema of its items
}

export const isObject = (v: unknown): v is JsonObject =>
    typeof v === "object" && v !== null && !Array.isArray(v);

const asObject = (v: Json | undefined): Schema => (isObject(v) ? v : {});
const text = (v: Json | undefined) => (typeof v === "string" ? v : "");

const unescaped = (part: string) => part.replace(/~1/g, "/").replace(/~0/g, "~");
export const escaped = (part: string | number) =>
    String(part).replace(/~/g, "~0").replace(/\//g, "~1");

export function at(value: Json | undefined, pointer: string): Json | undefined {
    let here = value;
    for (const part of pointer.split("/").slice(1).map(unescaped)) {
        if (Array.isArray(here)) here = here[Number(part)];
        else if (isObject(here)) here = here[part];
        else return undefined;
    }
    return here;
}

// Follows references inside the document and joins allOf, so that what holds stands at one place.
// A chain of references that leads nowhere ends after a few.
export function resolved(schema: Json | undefined, root: Json, depth = 0): Schema {
    const here = asObject(schema);
    if (depth > 16) return here;
    if (typeof here.$ref === "string" && here.$ref.startsWith("#")) {
        const { $ref, ...rest } = here;
        const target = resolved(at(root, decodeURIComponent(here.$ref.slice(1))), root, depth + 1);
        return { ...target, ...rest };
    }
    if (Array.isArray(here.allOf)) {
        const { allOf, ...rest } = here;
        return here.allOf
            .map((part) => resolved(part, root, depth + 1))
            .reduce((all, part) => ({
                ...part, ...all,
                properties: { ...asObject(part.properties), ...asObject(all.properties) },
                required: [
                    ...(Array.isArray(all.required) ? all.required : []),
                    ...(Array.isArray(part.required) ? part.required : []),
                ],
            }), rest as Schema);
    }
    return here;
}

function typesOf(schema: Schema): string[] {
    if (typeof schema.type === "string") return [schema.type];
    if (Array.isArray(schema.type)) return schema.type.filter((t): t is string => typeof t === "string");
    if (schema.properties !== undefined) return ["object"];
    if (schema.items !== undefined) return ["array"];
    return [];
}

function kindOf(types: string[], schema: Schema): Kind {
    // Numbers or text: what looks like a number is one, as it is typed.
    if (types.length > 1 && types.every((t) => ["string", "integer", "number"].includes(t))) return "number";
    if (types.length !== 1) return "any";
    switch (types[0]) {
        case "object": return "object";
        case "array": return "array";
        case "boolean": return "boolean";
        case "number": return "number";
        case "integer": return "integer";
        case "null": return "null";
        case "string":
            if (schema.format === "date") return "date";
            return schema.format === "date-time" ? "date-time" : "text";
        default: return "any";
    }
}

export function shapeOf(given: Json, root: Json): Shape {
    let schema = resolved(given, root);
    let nullable = false;
    let options: Json[] = [];
    let choices: Schema[] = [];
    const either = Array.isArray(schema.oneOf) ? schema.oneOf
        : Array.isArray(schema.anyOf) ? schema.anyOf : null;
    if (either) {
        const parts = either.map((p) => resolved(p, root));
        const real = parts.filter((p) => p.type !== "null");
        nullable = real.length < parts.length;
        if (real.length > 0 && real.every((p) => p.const !== undefined)) {
            options = real.map((p) => p.const as Json);
        } else if (real.length === 1) {
            const { oneOf, anyOf, ...rest } = schema;
            schema = { ...real[0], ...rest };
        } else {
            choices = real;
        }
    }
    const types = typesOf(schema);
    if (types.length > 1 && types.includes("null")) nullable = true;
    if (Array.isArray(schema.enum)) options = schema.enum.filter((o) => o !== null);
    else if (schema.const !== undefined) options = [schema.const];
    if (Array.isArray(schema.enum) && schema.enum.includes(null)) nullable = true;
    const required = Array.isArray(schema.required) ? schema.required : [];
    return {
        kind: options.length > 0 ? "one-of" : choices.length > 0 ? "choice"
            : kindOf(nullable ? types.filter((t) => t !== "null") : types, schema),
        schema,
        title: text(schema.title),
        description: text(schema.description),
        nullable, options, choices,
        properties: Object.entries(asObject(schema.properties)).map(([name, of]) => ({
            name, schema: of, required: required.includes(name),
        })),
        extra: schema.additionalProperties ?? true,
        items: schema.items ?? true,
    };
}

// What a person begins with when they add it.
export function beginning(given: Json, root: Json, depth = 0): Json {
    const shape = shapeOf(given, root);
    if (shape.schema.default !== undefined) return shape.schema.default;
    switch (shape.kind) {
        case "one-of": return shape.options[0] ?? null;
        case "choice": return depth > 8 ? null : beginning(shape.choices[0] ?? {}, root, depth + 1);
        case "object": {
            const out: JsonObject = {};
            if (depth > 8) return out;
            for (const p of shape.properties)
                if (p.required) out[p.name] = beginning(p.schema, root, depth + 1);
            return out;
        }
        case "array": return [];
        case "text": case "date": case "date-time": return "";
        case "number": case "integer":
            return typeof shape.schema.minimum === "number" ? Math.max(0, shape.schema.minimum) : 0;
        case "boolean": return false;
        default: return null;
    }
}

// "parent_id" → "Parent id": what a member is called when its schema does not say.
export function wordsOf(name: string): string {
    const spaced = name.replace(/([a-z0-9])([A-Z])/g, "$1 $2").replace(/[_-]+/g, " ").trim();
    return spaced === "" ? name : spaced[0]!.toUpperCase() + spaced.slice(1).toLowerCase();
}

// The words of a type for a table: "text", "list of number", "one of a, b".
export function typeWords(given: Json, root: Json, depth = 0): string {
    const shape = shapeOf(given, root);
    const or_null = shape.nullable ? " or null" : "";
    const own = () => {
        switch (shape.kind) {
            case "one-of":
                return shape.options.length === 1 ? `always ${JSON.stringify(shape.options[0])}`
                    : `one of ${shape.options.map((o) => (typeof o === "string" ? o : JSON.stringify(o))).join(", ")}`;
            case "choice":
                return depth > 3 ? "several kinds"
                    : [...new Set(shape.choices.map((c) => typeWords(c, root, depth + 1)))].join(" or ");
            case "array":
                return depth > 3 ? "list" : `list of ${typeWords(shape.items, root, depth + 1)}`;
            case "any": return "any JSON";
            case "number": return typesOf(shape.schema).includes("string") ? "number or text" : "number";
            case "integer": return "whole number";
            case "boolean": return "yes or no";
            case "date-time": return "date and time";
            default: return shape.kind;
        }
    };
    const s = shape.schema;
    const bounds = [
        typeof s.minimum === "number" ? `at least ${s.minimum}` : "",
        typeof s.maximum === "number" ? `at most ${s.maximum}` : "",
        typeof s.minLength === "number" && s.minLength > 0
            ? (s.minLength === 1 ? "not empty" : `${s.minLength} characters or more`) : "",
        typeof s.maxLength === "number" ? `up to ${s.maxLength} characters` : "",
        typeof s.minItems === "number" && s.minItems > 0 ? `at least ${s.minItems}` : "",
        typeof s.maxItems === "number" ? `at most ${s.maxItems}` : "",
        typeof s.pattern === "string" ? `like ${s.pattern}` : "",
    ].filter((b) => b !== "");
    return own() + or_null + (bounds.length > 0 ? ` (${bounds.join(", ")})` : "");
}
