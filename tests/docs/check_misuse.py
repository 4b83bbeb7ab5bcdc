#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What docs/misuse.md quotes as a symptom still stands in the source: a message nobody can get helps nobody.
    check_misuse.py REPOSITORY"""
import pathlib
import re
import sys

FOLDERS = ("host", "sdk", "plugins", "plugin-api")
LEAST = 30


def sources(root):
    """All texts of the program as one, string literals that are continued joined."""
    parts = []
    for folder in FOLDERS:
        for file in sorted((root / folder).rglob("*")):
            if file.suffix in (".cpp", ".hpp", ".c", ".h", ".cmake", ".in") and not {"tests", "node_modules"} & set(file.parts):
                parts.append(file.read_text(encoding="utf-8", errors="replace"))
    text = "\n".join(parts).replace('\\"', "\x01")
    text = re.sub(r'"\s*\n?\s*"', "", text)
    return text.replace("\x01", '"')


def symptoms(page):
    """(line, quoted text) of the first column of every table."""
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        if not line.startswith("|") or re.match(r"\|[-| ]+\|$", line):
            continue
        first = re.split(r"(?<!\\)\|", line)[1]
        for quoted in re.findall(r"`([^`]+)`", first):
            yield number, quoted.replace("\\|", "|")


def check(root, page, least=LEAST):
    text, problems, count = sources(root), [], 0
    for number, quoted in symptoms(page):
        count += 1
        # "…" stands for what the program fills in; each part between must be there.
        for part in (p.strip() for p in re.split(r"…", quoted)):
            if part and part not in text:
                problems.append(f"{page.name}:{number}: `{part}` is nowhere in the source")
    if count < least:
        problems.append(f"{page.name}: {count} quoted messages and codes; there were {least}")
    return problems, count


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    root = pathlib.Path(sys.argv[1]).resolve()
    problems, count = check(root, root / "docs/misuse.md")
    print("\n".join(problems + [f"{count} messages and codes, {len(problems)} problems"]))
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
