#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Shows that lint.py finds what it is for: each sample is wrong in one way, or in none."""
import pathlib
import subprocess
import sys
import tempfile

LINT = pathlib.Path(__file__).with_name("lint.py")
GOOD = """/* x */
typedef struct s {
    uint32_t struct_size;
    uint32_t reserved0;
    /* [strand] Does it. Ownership: none. */
    void (*f)(void* self, double value);
} s;
/* [any-thread] Calls back. Ownership: e is borrowed. */
typedef void (*callback)(void* user);
"""
SAMPLES = [
    (GOOD, None),
    (GOOD.replace("[strand] ", ""), "f: its comment names no thread"),
    (GOOD.replace("[strand]", "[main-ish]"), "f: its comment names no thread"),
    (GOOD.replace("Ownership: none.", ""), 'f: its comment says nothing after "Ownership:"'),
    (GOOD.replace("/* [any-thread] Calls back. Ownership: e is borrowed. */", ""), "callback: its comment"),
    (GOOD.replace("uint32_t reserved0", "bool reserved0"), '"bool"'),
    (GOOD.replace("uint32_t reserved0", "size_t reserved0"), '"size_t"'),
    (GOOD.replace("uint32_t reserved0", "unsigned reserved0"), '"unsigned"'),
    (GOOD.replace("uint32_t reserved0", "double reserved0"), '"double" in a struct'),
    (GOOD.replace("uint32_t reserved0;", "uint32_t a : 3;"), "bit-field"),
    (GOOD.replace("void* self", "..."), "varargs"),
    (GOOD.replace("uint32_t reserved0", "enum colour reserved0"), "a named enum"),
    (GOOD.replace("uint32_t reserved0", "union u reserved0"), "a union"),
    (GOOD.replace("    uint32_t struct_size;\n", ""), "begins without struct_size"),
    (GOOD.replace("/* x */", "/* bool, union, size_t in a comment */"), None),
]

wrong = 0
for text, expected in SAMPLES:
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "sample.h").write_text(text, encoding="utf-8")
        ran = subprocess.run([sys.executable, LINT, folder], capture_output=True, text=True, check=False)
    ok = ran.returncode == 0 if expected is None else ran.returncode == 1 and expected in ran.stdout
    if not ok:
        wrong += 1
        print(f"expected {expected!r}, got exit {ran.returncode}:\n{ran.stdout}{ran.stderr}\n--- of ---\n{text}")
print(f"{len(SAMPLES) - wrong} of {len(SAMPLES)} samples as expected")
sys.exit(1 if wrong else 0)
