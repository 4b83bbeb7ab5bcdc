// SPDX-License-Identifier: Apache-2.0
// Builds the console and writes it down as a C++ file of bytes, each file plain and compressed:
//   node embed.mjs OUT_DIR         OUT_DIR/console_data.cpp, and console_data.d: what it was made from
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, extname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import { build } from "vite";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const out = resolve(process.argv[2] ?? "");
if (!process.argv[2]) throw new Error("usage: node embed.mjs OUT_DIR");
const dist = join(out, "dist");
mkdirSync(out, { recursive: true });

const made = new Set();
await build({
    root, configFile: join(root, "vite.config.ts"), logLevel: "warn",
    build: { outDir: dist, emptyOutDir: true },
    plugins: [{ name: "mortise-inputs", generateBundle() { for (const f of this.getModuleIds()) made.add(f); } }],
});

const types = {
    ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml", ".png": "image/png", ".woff2": "font/woff2", ".json": "application/json", ".txt": "text/plain; charset=utf-8",
};
function* filesOf(dir) {
    for (const e of readdirSync(dir, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
        const at = join(dir, e.name);
        if (e.isDirectory()) yield* filesOf(at);
        else yield at;
    }
}

const byteArray = (name, bytes) => {
    const lines = [];
    for (let i = 0; i < bytes.length; i += 40) lines.push(`${[...bytes.subarray(i, i + 40)].join(",")},`);
    return `constexpr unsigned char ${name}[] = {\n${lines.join("\n")}\n};\n`;
};
let data = "";
let table = "";
let n = 0;
for (const file of filesOf(dist)) {
    const path = `/${relative(dist, file).split("\\").join("/")}`;
    const type = types[extname(file)];
    if (!type) throw new Error(`no content type is known for ${path}; name it in scripts/embed.mjs`);
    const bytes = readFileSync(file);
    const packed = gzipSync(bytes, { level: 9 });
    packed[9] = 255; // the system it was made on is no part of it
    const smaller = packed.length < bytes.length * 0.9;
    const etag = createHash("sha256").update(bytes).digest("hex").slice(0, 24);
    data += byteArray(`b${n}`, bytes) + (smaller ? byteArray(`z${n}`, packed) : "");
    const text = (name) => `{reinterpret_cast<const char*>(${name}), sizeof ${name}}`;
    table += `    {"${path}", "${type}", "${etag}", ${text(`b${n}`)}, ${smaller ? text(`z${n}`) : "{}"}, ${path.startsWith("/assets/")}},\n`;
    ++n;
}
writeFileSync(join(out, "console_data.cpp"), `// Made by host/console/scripts/embed.mjs
#include "console/console_files.hpp"

namespace mortise::host {
namespace {
${data}} // namespace

std::span<const console_file> built_in_console() noexcept {
    static const console_file files[] = {
${table}    };
    return files;
}

} // namespace mortise::host
`);

// Styles that are imported by styles, and the page itself, are no modules of the bundle.
for (const dir of ["src"]) for (const f of filesOf(join(root, dir))) made.add(f);
for (const f of ["index.html", "package-lock.json", "vite.config.ts", "tsconfig.json", "scripts/embed.mjs"]) made.add(join(root, f));
const inputs = [...made].filter((f) => f.startsWith(join(root, "src")) || !f.includes("node_modules"))
    .map((f) => f.replace(/\?.*/s, "")).filter((f) => f.startsWith(root) && existsSync(f));
writeFileSync(join(out, "console_data.d"), `${join(out, "console_data.cpp")}: ${[...new Set(inputs)].map((f) => f.replace(/ /g, "\\ ")).join(" \\\n ")}\n`);
