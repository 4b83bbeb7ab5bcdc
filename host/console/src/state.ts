// SPDX-License-Identifier: Apache-2.0
// What every page may look at: who is signed in, the place in the console, the host's state as it
// was last told, light or dark.
import { signal } from "@preact/signals";

import { api, type Counts, type Health, type Role, type Session } from "./api";
import { LiveFeed, type LiveState, type Stream } from "./lib/live-feed";
import { href, parseHash } from "./lib/query";

// undefined: not known yet; null: nobody
export const session = signal<Session | null | undefined>(undefined);
// The host has ended the session; the sign-in page says so.
export const sessionEnded = signal(false);
export const counts = signal<Counts | null>(null);
export const health = signal<Health | null>(null);
export const revision = signal("");
export const liveState = signal<LiveState>("off");
// Grows when the stream is back after it was lost: what was told meanwhile is not known, so pages ask again.
export const resync = signal(0);

const ranks: Record<Role, number> = { viewer: 0, operator: 1, admin: 2 };
// Whether the person may do what needs this role. The host decides; this only hides what it would refuse.
export const may = (role: Role) => session.value != null && ranks[session.value.role] >= ranks[role];

// ---- place ----

export const place = signal(parseHash(location.hash));
let arrived = false;
// Lists as they were left, filters and all, for the way back to them.
const left = new Map<string, string>();
const leave = () => {
    const [first, second] = place.value.path;
    if (first !== undefined && second === undefined) left.set(first, href(first, place.value.query));
};
export const backTo = (page: string) => left.get(page) ?? href(page);
addEventListener("hashchange", () => {
    const before = place.value.path.join("/");
    leave();
    place.value = parseHash(location.hash);
    if (place.value.path.join("/") !== before) arrived = true;
});
// Once after each way to another page: its heading then takes the focus, so that a keyboard goes on
// from there and a screen reader says where it is.
export function takeArrival(): boolean {
    const was = arrived;
    arrived = false;
    return was;
}

export function go(to: string) { location.hash = to; }
// Without a new entry in the browser's history: a filter that is being typed.
export function goQuietly(to: string) {
    history.replaceState(null, "", to);
    place.value = parseHash(location.hash);
}

// ---- the host's changes ----

let missed = false;
export const live = new LiveFeed({
    open: () => new EventSource(api.liveUrl) as unknown as Stream,
    poll: async () => {
        const o = await api.overview();
        return { counts: o.counts, health: o.health, config: { revision: o.host.config_revision } };
    },
    setTimer: (fn, ms) => setTimeout(fn, ms),
    clearTimer: (id) => clearTimeout(id as ReturnType<typeof setTimeout>),
    tell: (state) => {
        const before = liveState.value;
        liveState.value = state;
        if (state === "connecting" && before === "live") missed = true;
        if (state === "polling") missed = true;
        if (state !== "live" || !missed) return;
        missed = false;
        ++resync.value;
        live.refresh();
    },
});
live.on("counts", (c) => { counts.value = c; });
live.on("health", (h) => { health.value = h; });
live.on("config", (c) => { revision.value = c.revision; });

// ---- light and dark ----

export type Theme = "light" | "dark" | "system";
const stored = () => {
    try {
        return localStorage.getItem("mortise.theme");
    } catch {
        return null; // storage may be off
    }
};
const storedTheme = stored();
export const theme = signal<Theme>(
    storedTheme === "light" || storedTheme === "dark" ? storedTheme : "system");

export function setTheme(t: Theme) {
    theme.value = t;
    try {
        if (t === "system") localStorage.removeItem("mortise.theme");
        else localStorage.setItem("mortise.theme", t);
    } catch { /* it holds for this page only */ }
    applyTheme();
}
export function applyTheme() {
    if (theme.value === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme.value;
    dispatchEvent(new Event("mortise-theme"));
}
