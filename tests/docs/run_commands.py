#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the commands that the pages show, as docs/testing.md says, each page in a folder of its own.
    run_commands.py --repository DIR --bin DIR [--plugins DIR] [--jobs N] [--limit SECONDS] [--list] [PAGE...]
Without pages: all but those whose stage is "install"."""
import argparse
import concurrent.futures
import os
import pathlib
import re
import shutil
import sys
import tempfile
import time

import markdown
from shell import Shell, ShellError
from stages import STAGES, start_stage

RUN = {"console", "sh"}
SHELLS = RUN | {"bash", "shell", "shell-session", "zsh"}
OPTION = re.compile(r'(\w+)(?:=(?:"([^"]*)"|(\S+)))?')
KNOWN = {"run", "norun", "exit", "limit", "file", "append", "usage", "from"}
# A command in the clothes of something else would not be run.
LOOKS_LIKE_COMMAND = re.compile(r"^\s*(\$ |\./dev |mortise(-sandbox)? [a-z-]|cmake |ctest |systemctl |apt(-get)? |sudo )")


class Problem(Exception):
    def __init__(self, line, what):
        super().__init__(what)
        self.line = line


def options(fence):
    found = {m[1]: m[2] if m[2] is not None else (m[3] if m[3] is not None else "")
             for m in OPTION.finditer(fence.info)}
    unknown = set(found) - KNOWN
    if unknown:
        raise Problem(fence.line, f"the block says {', '.join(sorted(unknown))}, which means nothing here")
    return found


def pattern_of(expected):
    """A line "…" stands for any lines, "…" in a line for any text in it."""
    out = []
    lines = expected.split("\n")
    for i, line in enumerate(lines):
        if line.strip() == "…":
            out.append(r"(?:[^\n]*\n)*?")
        else:
            text = re.escape(line.rstrip()).replace("…", r"[^\n]*")
            text = re.sub(r"(?:\\ ){2,}|(?<!\\) {2,}", r"[ ]+", text)  # columns are as wide as they must be
            out.append(text + r"[ \t]*\n")
    return re.compile("".join(out) + r"\Z")


def console(fence):
    """(line, command, expected output) of each command of a block."""
    out, command, expected = [], None, []
    for number, line in enumerate(fence.body.split("\n"), fence.line + 1):
        if line.startswith("$ "):
            if command is not None:
                out.append((at, command, "\n".join(expected)))
            at, command, expected = number, line[2:], []
        elif command is not None and line.startswith("> ") and not expected:
            command += "\n" + line[2:]
        elif command is None:
            if line.strip():
                raise Problem(number, "output before a command; commands begin with \"$ \"")
        else:
            expected.append(line)
    if command is None:
        raise Problem(fence.line, "a console block without a command; they begin with \"$ \"")
    out.append((at, command, "\n".join(expected)))
    return out


def pieces(text):
    """Fences and hidden words of a page, in its order."""
    found = [(f.line, f) for f in markdown.fences(text)]
    prose = "\n".join(markdown.without_code(text))
    for match in markdown.COMMENT.finditer(prose):
        found.append((prose.count("\n", 0, match.start()) + 1, match[1]))
    return [p for _, p in sorted(found, key=lambda x: x[0])]


def check_piece(page, fence, name):
    """A block that is a piece of a file, perhaps less indented, is one still."""
    file = page.parent / name
    if not file.is_file():
        raise Problem(fence.line, f"the block is from {name}, which is not there")
    have = [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]
    want = [line.strip() for line in fence.body.strip("\n").split("\n")]
    if not any(have[at:at + len(want)] == want for at in range(len(have) - len(want) + 1)):
        raise Problem(fence.line, f"the block is no longer a piece of {name}")


def check_form(page):
    """What must hold for every page, whether it is run or not."""
    text, problems = page.read_text(encoding="utf-8"), []
    for fence in markdown.fences(text):
        try:
            given = options(fence)
            if not fence.language:
                raise Problem(fence.line, "the block names no language; text that is not run is ```text")
            if fence.language in SHELLS - RUN:
                raise Problem(fence.line, f"write {fence.language} as console (commands with output) or sh")
            if fence.language in RUN:
                if "norun" in given and len(given["norun"]) < 10:
                    raise Problem(fence.line, "norun needs the reason: norun=\"why it cannot be run\"")
                if fence.language == "sh" and "run" not in given and "norun" not in given:
                    raise Problem(fence.line, "say sh run, or sh norun=\"why it cannot be run\"")
                if fence.language == "console" and "norun" not in given:
                    console(fence)
            elif "from" in given:
                check_piece(page, fence, given["from"])
            elif "usage" not in given and LOOKS_LIKE_COMMAND.match(fence.body):
                raise Problem(fence.line, "this looks like a command; make it a console or sh block")
        except Problem as e:
            problems.append((e.line, str(e)))
    for number, line in enumerate(markdown.without_code(text), 1):
        if re.match(r"^ {4,}\S", line) and LOOKS_LIKE_COMMAND.match(line):
            problems.append((number, "a command in an indented block; make it a console or sh block"))
    return problems


def stage_of(text):
    for piece in pieces(text):
        if isinstance(piece, str) and piece.startswith("stage "):
            return piece.split(None, 1)[1].strip()
    return "plain"


def runs_something(text):
    return any(f.language in RUN and "run" in f.info.split() or f.language == "console" and "norun" not in f.info
               for f in markdown.fences(text))


class Page:
    """One page being run: its shell, and the words that stand for something else on this machine."""

    def __init__(self, shell, words, limit):
        self.shell, self.words, self.limit = shell, dict(words), limit

    def here(self, text):
        for word, value in sorted(self.words.items(), key=lambda x: -len(x[0])):
            text = re.sub(r"(?<![\w-])" + re.escape(word) + r"(?![\w-])", lambda _: value, text)
        return text

    def there(self, text):
        for word, value in sorted(self.words.items(), key=lambda x: -len(x[1])):
            if value:
                text = re.sub(r"(?<![\w-])" + re.escape(value) + r"(?![\w-])", lambda _: word, text)
        return text

    def command(self, line, command, expected, exit_code, limit):
        said, code = self.shell.run(self.here(command), limit)
        said = self.there(said)
        if code != exit_code:
            raise Problem(line, f"{command}\n  ended with {code}, not {exit_code}:\n{said}")
        if expected.strip() and not pattern_of(expected.strip("\n")).match(said.strip("\n") + "\n"):
            raise Problem(line, f"{command}\n  says:\n{said}\n  and not:\n{expected}")

    def hidden(self, words):
        what, *rest = re.split(r"\s+", words, maxsplit=1)
        rest = rest[0] if rest else ""
        if what == "stage":
            return
        if what == "let":  # let NAME=$(command): NAME in the page stands for it
            name = rest.split("=", 1)[0].strip()
            said, code = self.shell.run(f"{self.here_value(rest.strip())} && [ -n \"${{{name}}}\" ]", self.limit)
            if code != 0:
                raise Problem(0, f"{rest.strip()}\n  gave nothing: {said}")
            self.words[name] = self.shell.value(name)
        elif what == "run":
            said, code = self.shell.run("set -e\n" + self.here(rest) + "\nset +e", self.limit)
            if code != 0:
                raise Problem(0, f"the hidden commands\n{rest}\n  ended with {code}:\n{said}")
        else:
            raise Problem(0, f"<!-- docs: {what} --> means nothing here")

    def here_value(self, text):
        name, _, value = text.partition("=")
        return f"{name}={self.here(value)}"

    def fence(self, fence):
        given = options(fence)
        if "file" in given:
            mode = ">>" if "append" in given else ">"
            name = given["file"]
            end = "END-OF-" + re.sub(r"\W", "-", name)
            self.command(fence.line, f"mkdir -p \"$(dirname {name})\" && cat {mode}{name} <<'{end}'\n{fence.body}\n{end}",
                         "", 0, self.limit)
            return
        if fence.language not in RUN or "norun" in given:
            return
        limit = int(given.get("limit", self.limit))
        code = int(given.get("exit", 0))
        if fence.language == "sh":
            self.command(fence.line, fence.body, "", code, limit)
            return
        commands = console(fence)
        for i, (line, command, expected) in enumerate(commands):
            self.command(line, command, expected, code if i + 1 == len(commands) else 0, limit)


def run_page(page, given):
    """The problems of one page, and how long it took."""
    text, began = page.read_text(encoding="utf-8"), time.monotonic()
    # Templates are filled in by `mortise new` and tried by the pages about it.
    problems = [] if "sdk/templates" in page.as_posix() else check_form(page)
    if problems or not runs_something(text):
        return problems, time.monotonic() - began
    name = stage_of(text)
    if name not in STAGES:
        return [(1, f"there is no stage {name}: {', '.join(STAGES)}")], 0.0
    for last in (False, True):
        found = run_on_stage(text, name, given)
        # Somebody took a port between its choice and its use: once more.
        if last or not any("did not start" in what for _, what in found):
            break
    return problems + found, time.monotonic() - began


def run_on_stage(text, name, given):
    """One page in a folder and a shell of its own; its problems."""
    problems = []
    folder = tempfile.mkdtemp(prefix="mortise-docs-")
    shell = None
    try:
        install = name == "install"
        environment = {
            "HOME": os.path.join(folder, "home"), "LANG": "C.UTF-8", "TERM": "dumb", "TMPDIR": folder, "USER": "you",
            "TZ": "UTC", "PATH": f"{'' if install else given.bin + ':'}/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
            "MORTISE_CONFIG": "", "DOCS_PATIENCE": str(given.patience)}
        for key in ("CCACHE_DIR", "CCACHE_NOHASHDIR", "CMAKE_CXX_COMPILER_LAUNCHER"):
            if key in os.environ:
                environment[key] = os.environ[key]
        os.mkdir(environment["HOME"])
        shell = Shell(folder, environment)
        # Where a package puts the plugins, and where this build has them.
        words = {"/usr/lib/mortise/plugins": given.plugins}
        words |= start_stage(name, shell, given)
        runner = Page(shell, words, given.limit)
        for piece in pieces(text):
            if isinstance(piece, str):
                runner.hidden(piece)
            else:
                runner.fence(piece)
    except Problem as e:
        problems.append((e.line, str(e)))
    except (ShellError, RuntimeError) as e:
        problems.append((0, str(e)))
    finally:
        if shell is not None:
            shell.close()
        shutil.rmtree(folder, ignore_errors=True)
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repository", required=True)
    parser.add_argument("--bin", required=True, help="where mortise and mortise-sandbox are")
    parser.add_argument("--plugins", default="")
    parser.add_argument("--jobs", type=int, default=3)
    parser.add_argument("--limit", type=int, default=60, help="seconds for one command")
    parser.add_argument("--patience", type=int, default=1, help="how much longer pages wait, for slow builds")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("pages", nargs="*")
    given = parser.parse_args()
    root = pathlib.Path(given.repository).resolve()
    given.repository, given.bin = str(root), str(pathlib.Path(given.bin).resolve())
    given.plugins = str(pathlib.Path(given.plugins or pathlib.Path(given.bin).parent / "plugins").resolve())
    if given.pages:
        pages = [root / p for p in given.pages]
    else:
        pages = [p for p in markdown.pages(root)
                 if stage_of(p.read_text(encoding="utf-8")) != "install"]
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(given.jobs) as pool:
        for page, (problems, took) in zip(pages, pool.map(lambda p: run_page(p, given), pages)):
            name = page.relative_to(root) if page.is_relative_to(root) else page
            if given.list or took > 1:
                print(f"{took:6.1f} s  {name}")
            for line, what in problems:
                bad += 1
                print(f"{name}:{line}: {what}")
    print(f"{len(pages)} pages, {bad} problems")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
