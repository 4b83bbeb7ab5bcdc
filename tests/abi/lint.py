#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the public C headers for what a compiler does not: every function pointer, callback type and
exported function states its thread in [] and its "Ownership:"; no type whose layout depends on the
compiler or that cannot cross a language. Usage: lint.py FOLDER; prints file:line: what is wrong."""
import pathlib
import re
import sys

THREADS = {"[main]", "[strand]", "[worker]", "[any-thread]"}
BANNED = [
    (r"\b(bool|_Bool)\b", "bool has no fixed size across languages: use uint32_t"),
    (r"\benum\s+\w+", "a named enum has no fixed size: use a typedef of (u)int32_t and an anonymous enum"),
    (r"\b(long|short|unsigned|size_t|ssize_t|intptr_t|uintptr_t|time_t|wchar_t)\b",
     "only fixed-width integers and pointers may cross"),
    (r"(?<!\w)int\b", "only fixed-width integers and pointers may cross"),
    (r"\bunion\b", "a union cannot be checked by its receiver"),
    (r"\.\.\.", "varargs cannot be forwarded"),
    (r"\b\w+\s*:\s*\d+\s*[;,]", "a bit-field's layout depends on the compiler"),
]
FLOATS = re.compile(r"\b(float|double)\b")
# A member, callback type or declaration whose type is a function.
FUNCTION = re.compile(r"\(\s*\*\s*(\w+)\s*\)\s*\(|^[ \t]*MORTISE_EXPORT\b.*?(\w+)\s*\(", re.M)


def split(text):
    """Comments of text as (line, words), and text with comments blanked but lines kept."""
    comments, code, at = [], [], 0
    for m in re.finditer(r"/\*.*?\*/", text, re.S):
        comments.append((m.start(), m.end(), m.group()))
        code.append(text[at:m.start()])
        code.append(re.sub(r"[^\n]", " ", m.group()))
        at = m.end()
    code.append(text[at:])
    return comments, "".join(code)


def without_preprocessor(code):
    out, continued = [], False
    for line in code.split("\n"):
        drop = continued or line.lstrip().startswith("#")
        continued = drop and line.endswith("\\")
        out.append("" if drop else line)
    return "\n".join(out)


def check(path):
    text = path.read_text(encoding="utf-8")
    problems = []
    comments, with_macros = split(text)
    code = without_preprocessor(with_macros)

    def report(offset, what):
        problems.append(f"{path.name}:{text.count(chr(10), 0, offset) + 1}: {what}")

    bare = re.sub(r'extern "C" \{', lambda m: " " * len(m.group()), code)
    # Offsets must stay those of text: blank preprocessor lines by length instead.
    kept = with_macros.split("\n")
    for i, line in enumerate(bare.split("\n")):
        kept[i] = line if line else " " * len(kept[i])
    bare = "\n".join(kept)

    for pattern, why in BANNED:
        for m in re.finditer(pattern, bare):
            report(m.start(), f'"{m.group().strip()}": {why}')
    for m in re.finditer(r"typedef struct \w+ \{(.*?)\n\}", bare, re.S):
        for f in FLOATS.finditer(m.group(1)):
            # A floating-point argument of a function is passed by the platform's rules; a member is not.
            depth = m.group(1).count("(", 0, f.start()) - m.group(1).count(")", 0, f.start())
            if depth == 0:
                report(m.start(1) + f.start(), f'"{f.group()}" in a struct: use integers or text')
    for m in FUNCTION.finditer(bare):
        name = m.group(1) or m.group(2)
        # The comment that ends right before the declaration.
        begin = max(bare.rfind(";", 0, m.start()), bare.rfind("{", 0, m.start()),
                    bare.rfind("}", 0, m.start()))
        own = [c for s, e, c in comments if begin < s and e <= m.start()]
        words = own[-1] if own else ""
        if not set(re.findall(r"\[[a-z-]+\]", words)) & THREADS:
            report(m.start(), f"{name}: its comment names no thread ({', '.join(sorted(THREADS))})")
        if "Ownership:" not in words:
            report(m.start(), f'{name}: its comment says nothing after "Ownership:"')
    for m in re.finditer(r"typedef struct (\w+) \{(.*?)\n\}", bare, re.S):
        first = re.search(r"(\w+)\s+(\w+)\s*;", m.group(2))
        grows = first and first.group(1) == "uint32_t" and first.group(2) == "struct_size"
        if m.group(1) == "mortise_entry":
            grows = "uint32_t struct_size;" in m.group(2)
        if not grows and m.group(1) not in FROZEN:
            report(m.start(), f"{m.group(1)}: begins without struct_size and is not a frozen value type")
    return problems


FROZEN = {"mortise_str", "mortise_bytes", "mortise_payload", "mortise_error_sink", "mortise_sink",
          "mortise_event", "mortise_http_header"}


def main():
    folder = pathlib.Path(sys.argv[1])
    headers = sorted(folder.glob("*.h"))
    if not headers:
        sys.exit(f"{folder}: no headers")
    problems = [p for h in headers for p in check(h)]
    print("\n".join(problems) if problems else f"{len(headers)} headers, nothing to mend")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
