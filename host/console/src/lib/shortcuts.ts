// SPDX-License-Identifier: Apache-2.0
// Keys of one stroke ("/") or two in a row ("g r"). Pure but for the clock that is passed in.

export interface Shortcut { keys: string; says: string; act: () => void }

export class ShortcutReader {
    private first = "";
    private at = 0;
    constructor(private readonly waitMs = 900) {}

    // The shortcut this stroke completes, if any.
    press(key: string, now: number, all: readonly Shortcut[]): Shortcut | undefined {
        const two = this.first !== "" && now - this.at <= this.waitMs ? `${this.first} ${key}` : "";
        this.first = "";
        const hit = (two && all.find((s) => s.keys === two)) || all.find((s) => s.keys === key);
        if (hit) return hit;
        if (all.some((s) => s.keys.startsWith(`${key} `))) {
            this.first = key;
            this.at = now;
        }
        return undefined;
    }
}

// Keys that belong to what has the focus.
export function isTyping(e: { target: unknown; ctrlKey: boolean; metaKey: boolean; altKey: boolean }): boolean {
    if (e.ctrlKey || e.metaKey || e.altKey) return true;
    const t = e.target as Partial<HTMLElement> | null;
    return t?.isContentEditable === true || ["INPUT", "TEXTAREA", "SELECT"].includes(t?.tagName ?? "");
}
