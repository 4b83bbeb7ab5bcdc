#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The checks of the documentation find what they are for: each is shown a page that is wrong."""
import pathlib
import sys
import tempfile
import types
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import check_links  # noqa: E402
import check_misuse  # noqa: E402
import markdown  # noqa: E402
import run_commands  # noqa: E402

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 8


class Tree(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="mortise-docs-test-")
        self.root = pathlib.Path(self.folder.name)

    def tearDown(self):
        self.folder.cleanup()

    def write(self, name, content):
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            file.write_bytes(content)
        else:
            file.write_text(content, encoding="utf-8")
        return file

    def links(self):
        return check_links.check(self.root)[0]


class Links(Tree):
    def test_a_sound_tree_has_no_problem(self):
        self.write("README.md", "# Top\n[a](docs/a.md#the-second-part) ![shot](docs/x.png) <https://example.com>\n")
        self.write("docs/a.md", "## The `second` part\n[back](../README.md#top), `a.md`\n```text\n[no](link)\n```\n")
        self.write("docs/x.png", PNG)
        self.assertEqual(self.links(), [])

    def test_what_is_not_there_is_named_with_file_and_line(self):
        self.write("README.md", "# Top\n\n[a](docs/gone.md)\n")
        self.assertEqual(self.links(), ["README.md:3: docs/gone.md is not there"])

    def test_an_anchor_that_is_not_there(self):
        self.write("README.md", "[a](a.md#second) [b](#none)\n")
        self.write("a.md", "## First\n")
        self.assertEqual(len(self.links()), 2)

    def test_the_second_of_two_equal_headings_has_a_number(self):
        self.write("README.md", "## Same\n## Same\n[a](#same-1) [b](#same-2)\n")
        self.assertEqual(len(self.links()), 1)

    def test_an_orphan(self):
        self.write("README.md", "# Top\n")
        self.write("docs/alone.md", "# Alone\n")
        self.assertEqual(self.links(), ["docs/alone.md:1: no page that is reached from README.md links here"])

    def test_images(self):
        self.write("README.md", "![](x.png) ![shot](y.png)\n")
        self.write("x.png", PNG)
        self.write("y.png", b"no image")
        self.assertEqual(len(self.links()), 2)

    def test_a_page_named_in_backticks_is_there(self):
        self.write("README.md", "See `docs/gone.md`.\n")
        self.assertEqual(self.links(), ["README.md:1: `docs/gone.md` is named and not there"])

    def test_links_that_lead_out_or_begin_at_the_root(self):
        self.write("README.md", "[a](/docs/a.md) [b](../../x.md) [c](htp:x)\n")
        self.assertEqual(len(self.links()), 3)


class Commands(Tree):
    def run_page(self, text, limit=20):
        page = self.write("page.md", text)
        given = types.SimpleNamespace(bin="/usr/bin", plugins="", repository=str(self.root), limit=limit, patience=1)
        return [what for _, what in run_commands.run_page(page, given)[0]]

    def test_output_is_compared_and_an_ellipsis_stands_for_any(self):
        self.assertEqual(self.run_page(
            "```console\n$ printf 'one 17\\ntwo\\nthree\\n'\none …\n…\nthree\n$ cd /; pwd\n/\n$ pwd\n/\n```\n"), [])

    def test_other_output_is_a_problem(self):
        [problem] = self.run_page("```console\n$ echo two\none\n```\n")
        self.assertIn("says:\ntwo", problem)

    def test_more_output_than_shown_is_a_problem(self):
        self.assertEqual(len(self.run_page("```console\n$ printf 'a\\nb\\n'\na\n```\n")), 1)

    def test_an_exit_code_other_than_promised_is_a_problem(self):
        self.assertEqual(len(self.run_page("```console\n$ false\n```\n")), 1)
        self.assertEqual(self.run_page("```console exit=1\n$ false\n```\n"), [])
        self.assertEqual(len(self.run_page("```console exit=1\n$ true\n```\n")), 1)

    def test_a_command_that_fails_ends_the_page(self):
        self.assertEqual(len(self.run_page("```sh run\nfalse\n```\n```sh run\nfalse\n```\n")), 1)

    def test_a_command_without_end_is_stopped(self):
        [problem] = self.run_page("```sh run limit=1\nsleep 1000\n```\n")
        self.assertIn("no end after 1 s", problem)

    def test_files_are_written_and_names_stand_for_values(self):
        self.assertEqual(self.run_page(
            "```toml file=a/b.toml\n[x]\n```\n<!-- docs: let ID=$(echo 42) -->\n"
            "```console\n$ cat a/b.toml; echo ID\n[x]\nID\n$ echo ID | tr 4 5\n52\n```\n"), [])

    def test_hidden_commands_that_fail_are_a_problem(self):
        self.assertEqual(len(self.run_page("<!-- docs: run\nfalse\n-->\n```sh run\ntrue\n```\n")), 1)

    def test_shell_blocks_say_whether_they_are_run(self):
        for text in ("```sh\nls\n```\n", "```sh norun=\"no\"\nls\n```\n", "```bash\nls\n```\n",
                     "```text\n$ mortise run\n```\n", "```\nx\n```\n", "    mortise check\n",
                     "```console\nls\n```\n", "```sh run twice\nls\n```\n"):
            self.assertEqual(len(self.run_page(text)), 1, text)
        self.assertEqual(self.run_page("```sh norun=\"needs a machine of its own\"\nfalse\n```\n"), [])

    def test_a_block_that_is_from_a_file_is_a_piece_of_it(self):
        self.write("code/x.cpp", "int a;\nint f() {\n    return 1;\n}\n")
        self.assertEqual(self.run_page("```cpp from=code/x.cpp\nint f() {\n    return 1;\n```\n"), [])
        self.assertEqual(self.run_page("```cpp from=code/x.cpp\nreturn 1;\n}\n```\n"), [])
        [problem] = self.run_page("```cpp from=code/x.cpp\nint f() {\n    return 2;\n```\n")
        self.assertIn("no longer a piece", problem)
        [problem] = self.run_page("```cpp from=code/y.cpp\nint a;\n```\n")
        self.assertIn("is not there", problem)

    def test_what_a_page_starts_ends_with_it(self):
        self.assertEqual(self.run_page(f"```sh run\nsleep 1000 & echo $! >{self.root}/pid\n```\n"), [])
        pid = int((self.root / "pid").read_text())
        stat = pathlib.Path(f"/proc/{pid}/stat")
        self.assertTrue(not stat.exists() or stat.read_text().rsplit(")", 1)[1].split()[0] == "Z")


class Misuse(Tree):
    def test_a_message_that_is_not_in_the_source_is_named(self):
        page = self.write("docs/misuse.md", "| symptom |\n|---|\n| `the cow jumped` |\n| `a.code` |\n")
        self.write("host/a.cpp", 'x = "the cow " \n  "jumped";\n')
        problems, count = check_misuse.check(self.root, page, least=2)
        self.assertEqual((len(problems), count), (1, 2))
        self.assertIn("a.code", problems[0])

    def test_too_few_rows_are_a_problem(self):
        page = self.write("docs/misuse.md", "| `x y` |\n")
        self.write("host/a.cpp", '"x y"')
        self.assertEqual(len(check_misuse.check(self.root, page, least=30)[0]), 1)


class Reading(unittest.TestCase):
    def test_fences_know_their_language_and_body(self):
        [one, two] = markdown.fences("x\n```toml file=a\nk = 1\n```\n~~~\n```\n~~~\n")
        self.assertEqual((one.line, one.language, one.info, one.body), (2, "toml", "file=a", "k = 1"))
        self.assertEqual((two.language, two.body), ("", "```"))

    def test_anchors_are_made_as_forges_do(self):
        self.assertEqual(markdown.anchor("`[host.http]` and *more*"), "hosthttp-and-more")


if __name__ == "__main__":
    unittest.main()
