// SPDX-License-Identifier: Apache-2.0
// Looking at JSON: paths of what fits a search, sizes, one-line previews. Pure.
import type { Json } from "../types";

export const isNode = (v: Json | undefined): v is Json[] | { [name: string]: Json } =>
    typeof v === "object" && v !== null;

export const entriesOf = (v: Json[] | { [name: string]: Json }): [string, Json][] =>
    Array.isArray(v) ? v.map((x, i) => [String(i), x]) : Object.entries(v);

// JSON pointers (RFC 6901) of members whose name or value holds the text, at most `most`.
export function findInJson(value: Json, text: string, most = 500): string[] {
    const wanted = text.toLowerCase();
    const found: string[] = [];
    const escape = (name: string) => name.replace(/~/g, "~0").replace(/\//g, "~1");
    const walk = (v: Json, at: string, name: string) => {
        if (found.length >= most) return;
        const leaf = isNode(v) ? "" : String(v);
        if (name.toLowerCase().includes(wanted) || leaf.toLowerCase().includes(wanted)) found.push(at);
        if (isNode(v)) for (const [n, x] of entriesOf(v)) walk(x, `${at}/${escape(n)}`, Array.isArray(v) ? "" : n);
    };
    if (wanted !== "") walk(value, "", "");
    return found;
}

// "{ id, title, … 4 more }", "[ 12 ]"
export function preview(v: Json): string {
    if (!isNode(v)) return JSON.stringify(v);
    if (Array.isArray(v)) return v.length === 0 ? "[]" : `[ ${v.length} ]`;
    const names = Object.keys(v);
    if (names.length === 0) return "{}";
    const some = names.slice(0, 3).join(", ");
    return `{ ${some}${names.length > 3 ? `, … ${names.length - 3} more` : ""} }`;
}
