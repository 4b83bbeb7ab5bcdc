// SPDX-License-Identifier: Apache-2.0
// The tests of pure functions under Node's own runner: TypeScript is bundled for it first, because
// Node 18 reads none.   node scripts/unit-test.mjs [OUT_DIR]
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const out = process.argv[2] ? resolve(process.argv[2]) : mkdtempSync(join(tmpdir(), "mortise-console-"));
if (process.argv[2]) rmSync(out, { recursive: true, force: true });
const tests = readdirSync(join(root, "tests")).filter((f) => f.endsWith(".test.ts"));
if (tests.length === 0) throw new Error("there are no tests");
await build({
    absWorkingDir: root,
    entryPoints: tests.map((f) => join("tests", f)),
    outdir: out,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node18",
    jsx: "automatic",
    jsxImportSource: "preact",
    logLevel: "warning",
});
const files = readdirSync(out).filter((f) => f.endsWith(".test.mjs")).map((f) => join(out, f));
const ran = spawnSync(process.execPath, ["--test", ...files], { cwd: root, stdio: "inherit" });
if (!process.argv[2]) rmSync(out, { recursive: true, force: true });
process.exit(ran.status ?? 1);
