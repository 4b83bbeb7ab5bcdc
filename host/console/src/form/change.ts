// SPDX-License-Identifier: Apache-2.0
// What differs between two JSON values, for people and as a merge patch (RFC 7396). Pure.
import type { Json } from "../types";
import { escaped, isObject, type JsonObject } from "./schema";

export interface Change {
    pointer: string; // "" is the whole value
    what: "added" | "removed" | "changed";
    before?: Json;
    after?: Json;
}

export function same(a: Json | undefined, b: Json | undefined): boolean {
    if (a === b) return true;
    if (Array.isArray(a) && Array.isArray(b))
        return a.length === b.length && a.every((v, i) => same(v, b[i]));
    if (isObject(a) && isObject(b)) {
        const names = Object.keys(a);
        return names.length === Object.keys(b).length &&
            names.every((n) => Object.hasOwn(b, n) && same(a[n], b[n]));
    }
    return false;
}

export function changes(before: Json | undefined, after: Json | undefined, pointer = ""): Change[] {
    if (same(before, after)) return [];
    if (before === undefined) return [{ pointer, what: "added", after }];
    if (after === undefined) return [{ pointer, what: "removed", before }];
    if (isObject(before) && isObject(after)) {
        const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
        return names.flatMap((n) => changes(before[n], after[n], `${pointer}/${escaped(n)}`));
    }
    if (Array.isArray(before) && Array.isArray(after)) {
        const out: Change[] = [];
        for (let i = 0; i < Math.max(before.length, after.length); ++i)
            out.push(...changes(before[i], after[i], `${pointer}/${i}`));
        return out;
    }
    return [{ pointer, what: "changed", before, after }];
}

// The patch that makes `after` of `before`; {} when they are the same. A member that is to become
// null cannot be said in a merge patch: see nullsIn().
export function mergePatch(before: Json, after: Json): Json {
    if (!isObject(before) || !isObject(after)) return after;
    const out: JsonObject = {};
    for (const name of Object.keys(before))
        if (!Object.hasOwn(after, name)) out[name] = null;
    for (const [name, value] of Object.entries(after)) {
        if (!Object.hasOwn(before, name)) out[name] = value;
        else if (!same(before[name], value)) out[name] = mergePatch(before[name]!, value);
    }
    return out;
}

// Pointers of members that became null: a merge patch would remove them.
export function nullsIn(list: Change[]): string[] {
    return list.filter((c) => c.what !== "removed" && c.after === null).map((c) => c.pointer);
}
