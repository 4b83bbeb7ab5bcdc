// SPDX-License-Identifier: Apache-2.0
// Figures for people. Pure.

const grouped = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

export const count = (n: number) => grouped.format(n);
export const compact = (n: number) => (Math.abs(n) < 10_000 ? grouped.format(n) : short.format(n));

export function bytes(n: number): string {
    const units = ["B", "KiB", "MiB", "GiB", "TiB"];
    let i = 0;
    while (n >= 1024 && i < units.length - 1) {
        n /= 1024;
        ++i;
    }
    return `${i === 0 || n >= 100 ? Math.round(n) : n.toFixed(1)} ${units[i]}`;
}

// "12 ms", "3.4 s", "2 min 5 s", "3 h 20 min", "4 d 2 h"
export function duration(ms: number): string {
    if (ms < 0) ms = 0;
    if (ms < 1000) return `${Math.round(ms)} ms`;
    if (ms < 59_950) return `${(ms / 1000).toFixed(ms < 9_950 ? 1 : 0)} s`;
    const two = (big: number, bigUnit: string, small: number, smallUnit: string) =>
        small === 0 ? `${big} ${bigUnit}` : `${big} ${bigUnit} ${small} ${smallUnit}`;
    const s = Math.round(ms / 1000);
    if (s < 3600) return two(Math.floor(s / 60), "min", s % 60, "s");
    const min = Math.round(s / 60);
    if (min < 1440) return two(Math.floor(min / 60), "h", min % 60, "min");
    const h = Math.round(min / 60);
    return two(Math.floor(h / 24), "d", h % 24, "h");
}

// "just now", "4 min ago", "in 20 s"
export function relative(at: number, now: number): string {
    const d = at - now;
    const far = Math.abs(d);
    if (far < 5_000) return "just now";
    const units: [number, string][] = [[864e5, "d"], [36e5, "h"], [6e4, "min"], [1e3, "s"]];
    for (const [size, name] of units) {
        if (far >= size || name === "s") {
            const n = Math.floor(far / size);
            return d < 0 ? `${n} ${name} ago` : `in ${n} ${name}`;
        }
    }
    return "";
}

const pad = (n: number, width = 2) => String(n).padStart(width, "0");

// Local time, as it sorts: 2026-11-21 14:03:09.120
export function absolute(at: number, withMs = false): string {
    const d = new Date(at);
    const day = `${d.getFullYear()}-${pad(d.getMonth() + 1)}-${pad(d.getDate())}`;
    const time = `${pad(d.getHours())}:${pad(d.getMinutes())}:${pad(d.getSeconds())}`;
    return withMs ? `${day} ${time}.${pad(d.getMilliseconds(), 3)}` : `${day} ${time}`;
}

// The time of day for today, else the day as well.
export function clock(at: number, now: number): string {
    const text = absolute(at);
    return text.slice(0, 10) === absolute(now).slice(0, 10) ? text.slice(11) : text.slice(0, 16);
}

// Ids are UUIDv7: their end tells them apart, their begin is the time.
export const shortId = (id: string) => (id.length > 12 ? `…${id.slice(-8)}` : id);

export const plural = (n: number, one: string, many = `${one}s`) =>
    `${count(n)} ${n === 1 ? one : many}`;

// "in_doubt" → "in doubt"
export const words = (name: string) => name.replace(/_/g, " ");
