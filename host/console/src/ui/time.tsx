// SPDX-License-Identifier: Apache-2.0
// Times and durations. One clock for all of them; a text changes only when it reads differently.
import { computed, signal } from "@preact/signals";
import { useMemo } from "preact/hooks";

import { absolute, clock, duration, relative } from "../lib/format";

export const now = signal(Date.now());
setInterval(() => { if (!document.hidden) now.value = Date.now(); }, 1000);
document.addEventListener("visibilitychange", () => { now.value = Date.now(); });

export function Time({ at, as = "relative", none = "–" }: {
    at: number | null | undefined; as?: "relative" | "clock" | "absolute"; none?: string;
}) {
    const text = useMemo(() => computed(() => {
        if (!at) return none;
        if (as === "absolute") return absolute(at, true);
        return as === "clock" ? clock(at, now.value) : relative(at, now.value);
    }), [at, as, none]);
    if (!at) return <span class="faint">{none}</span>;
    return (
        <time dateTime={new Date(at).toISOString()} title={absolute(at, true)} class="tabular">
            {text}
        </time>
    );
}

// From one time to another, or to the present while it runs.
export function Duration({ from, to }: { from: number; to?: number }) {
    const text = useMemo(() => computed(() => duration((to || now.value) - from)), [from, to]);
    if (!from) return <span class="faint">–</span>;
    return <span class="tabular">{text}</span>;
}
