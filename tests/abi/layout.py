#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the table of what the public headers fix: the size of each struct, the offset of each member,
the value of each constant, the text of each id. Run it only when something was appended, and review
the difference: apart from a size that grows with a new last member, a line that changes is a break.  Usage: layout.py HEADER_FOLDER > layout_v1.inc"""
import pathlib
import re
import subprocess
import sys
import tempfile

folder = pathlib.Path(sys.argv[1])
structs, values, texts = [], [], []
for header in sorted(folder.glob("*.h")):
    text = re.sub(r"/\*.*?\*/", "", header.read_text(encoding="utf-8"), flags=re.S)
    for m in re.finditer(r"typedef struct (\w+) \{(.*?)\n\} \1;", text, re.S):
        members = []
        for one in m.group(2).split(";"):
            name = re.search(r"\(\s*\*\s*(\w+)\s*\)\s*\(", one) or re.search(r"(\w+)\s*$", one.strip())
            if name:
                members.append(name.group(1))
        structs.append((header.name, m.group(1), members))
    for m in re.finditer(r"^enum \{(.*?)\};", text, re.S | re.M):
        values += [(header.name, name) for name in re.findall(r"(MORTISE_\w+)\s*=", m.group(1))]
    for name, value in re.findall(r"^#define (MORTISE_\w+) (\S+)", text, re.M):
        (texts if value.startswith('"') else values).append((header.name, name))

program = ["#include <stdio.h>"]
program += [f"#include <mortise/{h.name}>" for h in sorted(folder.glob("*.h"))]
program.append("int main(void) {")
for header, name, members in structs:
    program.append(f'printf("\\n/* {header} */\\nLAYOUT_SIZE({name}, %zu)\\n", sizeof({name}));')
    for member in members:
        program.append(f'printf("LAYOUT_OFFSET({name}, {member}, %zu)\\n", offsetof({name}, {member}));')
for kind, constants, form, cast in (("VALUE", values, "%lld", "(long long)"), ("TEXT", texts, '\\"%s\\"', "")):
    previous = ""
    for header, name in constants:
        if name in ("MORTISE_EXPORT", "MORTISE_ABI_MINOR"):  # no value; a number that grows
            continue
        if header != previous:
            program.append(f'printf("\\n/* {header} */\\n");')
        previous = header
        program.append(f'printf("LAYOUT_{kind}({name}, {form})\\n", {cast}{name});')
program.append("return 0; }")

with tempfile.TemporaryDirectory() as work:
    source = pathlib.Path(work, "layout.c")
    source.write_text("\n".join(program), encoding="utf-8")
    subprocess.run(["cc", "-std=c11", f"-I{folder.parent}", source, "-o", pathlib.Path(work, "layout")],
                   check=True)
    table = subprocess.run([pathlib.Path(work, "layout")], check=True, capture_output=True, text=True)
print("/* SPDX-License-Identifier: Apache-2.0 */\n"
      "/* Layout of version 1 on 64-bit little-endian machines. Written by layout.py; lines are\n"
      "   only ever added, and a size only grows with a new last member. */", end="")
print("\n" + table.stdout.strip("\n"))
