// SPDX-License-Identifier: Apache-2.0
import { defineConfig } from "vite";

// Where `npm run dev` sends what is asked of the host: the mock, or a host with [admin] on that port.
const host = process.env.MORTISE_ADMIN ?? "http://127.0.0.1:8098";

export default defineConfig({
    base: "./",
    esbuild: { jsx: "automatic", jsxImportSource: "preact", legalComments: "none" },
    build: {
        outDir: process.env.MORTISE_CONSOLE_DIST ?? "dist",
        emptyOutDir: true,
        target: "es2021",
        // The policy allows no data: outside images and no inline script.
        assetsInlineLimit: 0,
        modulePreload: { polyfill: false },
        reportCompressedSize: false,
    },
    server: {
        host: "127.0.0.1",
        port: 8099,
        proxy: { "/api": host, "/health": host, "/metrics": host },
    },
});
