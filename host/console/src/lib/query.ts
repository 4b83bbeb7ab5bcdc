// SPDX-License-Identifier: Apache-2.0
// Hash routes: "#/runs/ID?state=failed" is a path of parts and a query. Filters live in the query,
// so that what a person sees can be sent to another as a link.

export interface Place { path: string[]; query: Record<string, string> }

function decoded(text: string): string {
    try {
        return decodeURIComponent(text);
    } catch {
        return text; // a stray % typed by hand
    }
}

export function parseHash(hash: string): Place {
    const [path = "", query = ""] = hash.replace(/^#?\/?/, "").split(/\?(.*)/s);
    return {
        path: path.split("/").filter((p) => p !== "").map(decoded),
        query: Object.fromEntries(new URLSearchParams(query)),
    };
}

export type QueryValue = string | number | boolean | null | undefined;

// "" when nothing is set; members that are empty are left out.
export function queryString(query: Record<string, QueryValue>): string {
    const out = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) {
        if (value === null || value === undefined || value === "" || value === false) continue;
        out.set(name, String(value));
    }
    const text = out.toString();
    return text === "" ? "" : `?${text}`;
}

// href("runs", id) or href("runs", {state: "failed"})
export function href(...parts: (string | Record<string, QueryValue>)[]): string {
    let path = "#";
    let query = "";
    for (const p of parts) {
        if (typeof p === "string") path += `/${encodeURIComponent(p)}`;
        else query = queryString(p);
    }
    return (path === "#" ? "#/" : path) + query;
}

// "2h", "7d", a date or Unix ms, as Unix ms; undefined when it is none of these.
export function parseTime(text: string, now: number): number | undefined {
    const ago = /^(\d+)\s*(s|m|h|d|w)$/.exec(text.trim());
    if (ago) {
        const unit = { s: 1e3, m: 6e4, h: 36e5, d: 864e5, w: 6048e5 }[ago[2] as "s"];
        return now - Number(ago[1]) * unit;
    }
    if (/^\d{11,}$/.test(text.trim())) return Number(text);
    const date = Date.parse(text);
    return Number.isNaN(date) ? undefined : date;
}
