# SPDX-License-Identifier: Apache-2.0
"""What the checks of the documentation read: pages as lines, fences, links, anchors, comments."""
import dataclasses
import pathlib
import re
import subprocess

FENCE = re.compile(r"^( {0,3})(`{3,}|~{3,})\s*(.*?)\s*$")
COMMENT = re.compile(r"<!--\s*docs:\s*(.*?)\s*-->", re.S)
HEADING = re.compile(r"^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$")
LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\(\s*<?([^\s)>]*)>?(?:\s+\"[^\"]*\")?\s*\)")
REFERENCE = re.compile(r"^ {0,3}\[[^\]]+\]:\s*(\S+)")
HTML_LINK = re.compile(r"<(?:a|img)\b[^>]*?\b(?:href|src)\s*=\s*\"([^\"]*)\"")
SKIPPED = {"build", "node_modules", ".git", ".ccache"}


@dataclasses.dataclass
class Fence:
    line: int  # of the opening
    language: str
    info: str  # what stands behind the language
    body: str


@dataclasses.dataclass
class Link:
    line: int
    target: str
    text: str
    image: bool


def pages(root):
    """Every Markdown file of the tree, those not committed yet too."""
    root = pathlib.Path(root)
    try:
        listed = subprocess.run(
            ["git", "-C", str(root), "ls-files", "-co", "--exclude-standard", "--", "*.md"],
            capture_output=True, text=True, check=True).stdout.split("\n")
        found = [root / name for name in listed if name]
    except (OSError, subprocess.CalledProcessError):
        found = [p for p in root.rglob("*.md") if not SKIPPED & set(p.relative_to(root).parts)]
    return sorted(p for p in found if p.is_file())


def fences(text):
    """The fenced blocks; one that is not closed runs to the end, as in a browser."""
    out, open_mark, indent, current, body = [], None, 0, None, []
    for number, line in enumerate(text.splitlines(), 1):
        match = FENCE.match(line)
        if current is None:
            if match and not (match[2][0] == "`" and "`" in match[3]):
                language, _, info = match[3].partition(" ")
                open_mark, indent = match[2], len(match[1])
                current, body = Fence(number, language, info.strip(), ""), []
        elif match and match[2][0] == open_mark[0] and len(match[2]) >= len(open_mark) and not match[3]:
            current.body = "\n".join(body)
            out.append(current)
            current = None
        else:
            body.append(re.sub(r"^ {0,%d}" % indent, "", line))
    if current is not None:
        current.body = "\n".join(body)
        out.append(current)
    return out


def without_code(text):
    """The same lines, with fences blanked: what is prose."""
    lines = text.splitlines()
    for fence in fences(text):
        count = fence.body.count("\n") + 1 if fence.body else 0
        for i in range(fence.line - 1, min(len(lines), fence.line + count + 1)):
            lines[i] = ""
    return lines


def links(text):
    out = []
    for number, line in enumerate(without_code(text), 1):
        prose = re.sub(r"`[^`]*`", lambda m: "`" + "x" * (len(m[0]) - 2) + "`", line)
        for match in LINK.finditer(prose):
            out.append(Link(number, match[3], line[match.start(2):match.end(2)], bool(match[1])))
            # An image that is itself a link.
            for inner in LINK.finditer(match[2]):
                out.append(Link(number, inner[3], inner[2], True))
        match = REFERENCE.match(prose)
        if match:
            out.append(Link(number, match[1], "", False))
        for match in HTML_LINK.finditer(prose):
            out.append(Link(number, match[1], "html", False))
    return out


def anchor(heading):
    """The anchor that a heading gets on the usual forges."""
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "")
    text = re.sub(r"[^\w\- ]", "", text.strip().lower())
    return text.replace(" ", "-")


def anchors(text):
    out, seen = set(), {}
    for line in without_code(text):
        match = HEADING.match(line)
        if match:
            name = anchor(match[2])
            count = seen.get(name, 0)
            seen[name] = count + 1
            out.add(name if count == 0 else f"{name}-{count}")
        for given in re.findall(r"<a\s+(?:id|name)=\"([^\"]+)\"", line):
            out.add(given)
    return out
