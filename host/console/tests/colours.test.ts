// SPDX-License-Identifier: Apache-2.0
// Text stands out from every ground it is used on (WCAG 2.2 AA: 4.5 to 1), in light and dark.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const css = readFileSync("src/styles/tokens.css", "utf8");

function colours(selector: RegExp): Map<string, string> {
    const block = selector.exec(css)?.[1];
    assert.ok(block, `tokens.css has no ${selector}`);
    return new Map([...block.matchAll(/(--[\w-]+):\s*(#[0-9a-f]{6})/g)].map((m) => [m[1]!, m[2]!]));
}
const light = colours(/:root, :root\[data-theme="light"\] \{([^}]*)\}/);
const dark = colours(/^:root\[data-theme="dark"\] \{([^}]*)\}/m);
const darkBySystem = colours(/:root:not\(\[data-theme\]\) \{([^}]*)\}/);

function luminance(hex: string): number {
    const [r, g, b] = [1, 3, 5].map((i) => {
        const c = parseInt(hex.slice(i, i + 2), 16) / 255;
        return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    }) as [number, number, number];
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function contrast(a: string, b: string): number {
    const [x, y] = [luminance(a), luminance(b)].sort((m, n) => n - m) as [number, number];
    return (x + 0.05) / (y + 0.05);
}

const tones = ["ok", "run", "wait", "bad", "doubt", "calm"];
const grounds = ["--bg", "--surface", "--sunken", "--ground-side"];
const pairs: [string, string][] = [
    ...["--text", "--text-2", "--text-3", "--accent"].flatMap((t) => grounds.map((g): [string, string] => [t, g])),
    ...tones.flatMap((t): [string, string][] => [[`--${t}`, `--${t}-soft`], [`--${t}`, "--surface"], [`--${t}`, "--ground-side"], ["--text", `--${t}-soft`], ["--text-2", `--${t}-soft`]]),
    ["--ok", "--sunken"], ["--run", "--sunken"], ["--accent", "--accent-soft"], ["--on-accent", "--accent"], ["--on-accent", "--accent-hover"], ["--text", "--doubt-soft"],
];

for (const [name, all] of [["light", light], ["dark", dark]] as const) {
    test(`text is legible in ${name}`, () => {
        for (const [text, ground] of pairs) {
            const [a, b] = [all.get(text), all.get(ground)];
            assert.ok(a && b, `${text} or ${ground} is missing`);
            const ratio = contrast(a, b);
            assert.ok(ratio >= 4.5, `${text} on ${ground}: ${ratio.toFixed(2)}`);
        }
    });
}

test("dark is the same by choice and by the system's wish", () => {
    assert.deepEqual([...darkBySystem], [...dark]);
});

test("contrast is computed as WCAG defines it", () => {
    assert.equal(contrast("#000000", "#ffffff").toFixed(1), "21.0");
    assert.equal(contrast("#777777", "#ffffff").toFixed(2), "4.48");
});
