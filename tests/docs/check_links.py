#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every link of every page: the file is there, the anchor is there, the image is one, no page is an orphan.
Asks nothing outside: addresses with a scheme are only looked at.
    check_links.py REPOSITORY"""
import pathlib
import re
import sys
import urllib.parse

import markdown

# Where a reader begins.
ROOTS = ["README.md"]
# Copied by `mortise new`; their text is filled in there.
TEMPLATES = "sdk/templates/"
IMAGES = {".png": b"\x89PNG\r\n\x1a\n", ".jpg": b"\xff\xd8\xff", ".jpeg": b"\xff\xd8\xff", ".svg": b"<"}
MENTION = re.compile(r"`([A-Za-z0-9_.\-]+(?:/[A-Za-z0-9_.\-]+)*\.md)`")


def check_image(file):
    magic = IMAGES.get(file.suffix.lower())
    if magic is None:
        return f"is no {', '.join(IMAGES)}"
    with open(file, "rb") as data:
        head = data.read(len(magic))
    return None if head == magic else "is not what its name says"


def check(root):
    root = pathlib.Path(root).resolve()
    found, problems = markdown.pages(root), []
    texts = {p.resolve(): p.read_text(encoding="utf-8") for p in found}
    anchors = {p: markdown.anchors(t) for p, t in texts.items()}
    leads_to = {p: set() for p in texts}

    def say(page, line, what):
        problems.append(f"{page.relative_to(root)}:{line}: {what}")

    for page, text in texts.items():
        for link in markdown.links(text):
            if link.image and not link.text.strip():
                say(page, link.line, f"the image {link.target} has no text for those who do not see it")
            if re.match(r"[a-z][a-z0-9+.-]*:", link.target):
                if not re.match(r"(https?://[^/\s]+|mailto:[^@\s]+@[^@\s]+)", link.target):
                    say(page, link.line, f"{link.target} is no address")
                continue
            path, _, fragment = link.target.partition("#")
            path = urllib.parse.unquote(path)
            if path.startswith("/"):
                say(page, link.line, f"{link.target} begins at the root; write it relative to the page")
                continue
            target = (page.parent / path).resolve() if path else page
            if not target.is_relative_to(root):
                say(page, link.line, f"{link.target} leaves the repository")
                continue
            if not target.exists():
                say(page, link.line, f"{link.target} is not there")
                continue
            if target.is_dir():
                target = target / "README.md" if (target / "README.md").exists() else target
            if link.image:
                wrong = check_image(target)
                if wrong:
                    say(page, link.line, f"the image {link.target} {wrong}")
            if target in texts:
                leads_to[page].add(target)
                if fragment and fragment not in anchors[target]:
                    say(page, link.line, f"{link.target}: there is no such heading in {target.relative_to(root)}")
        # A page named in backticks is a promise too, though no link.
        for number, line in enumerate(markdown.without_code(text), 1):
            for name in MENTION.findall(line):
                places = [page.parent / name, root / name, root / "docs" / name]
                if not any(p.exists() for p in places):
                    say(page, number, f"`{name}` is named and not there")

    reached, todo = set(), [root / name for name in ROOTS]
    while todo:
        page = todo.pop()
        if page in reached or page not in leads_to:
            continue
        reached.add(page)
        todo.extend(leads_to[page])
    for page in sorted(set(texts) - reached):
        name = page.relative_to(root).as_posix()
        if not name.startswith(TEMPLATES):
            problems.append(f"{name}:1: no page that is reached from {ROOTS[0]} links here")
    return problems, len(texts)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    problems, count = check(sys.argv[1])
    for problem in problems:
        print(problem)
    print(f"{count} pages, {len(problems)} problems")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
