# SPDX-License-Identifier: Apache-2.0
"""One bash that lives as long as a page is run, so that a page's "cd" and variables hold as they do for its reader."""
import os
import select
import signal
import subprocess
import time


class ShellError(Exception):
    pass


class Shell:
    """Commands one after another; each with its output (both streams) and exit code."""

    def __init__(self, folder, environment):
        self.folder = folder
        self.out = os.path.join(folder, ".said")
        read, write = os.pipe()
        self.codes = read
        self.process = subprocess.Popen(
            ["bash", "--noprofile", "--norc"], cwd=environment["HOME"], env=environment,
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            pass_fds=[write], start_new_session=True)
        os.close(write)
        self.report = write
        open(self.out, "w").close()

    def run(self, command, limit):
        # The command's own line ends stay: here documents need them.
        script = (f"{{ {command}\n}} >{self.out} 2>&1 </dev/null {self.report}>&-\n"
                  f"printf '%s\\n' $? >&{self.report}\n")
        try:
            self.process.stdin.write(script.encode())
            self.process.stdin.flush()
        except BrokenPipeError:
            raise ShellError("the shell has ended before: " + command) from None
        end, answer = time.monotonic() + limit, b""
        while not answer.endswith(b"\n"):
            left = end - time.monotonic()
            ready = select.select([self.codes], [], [], max(0, left))[0] if left > 0 else []
            if not ready:
                raise ShellError(f"no end after {limit} s: {command}\n{self.said()}")
            part = os.read(self.codes, 64)
            if not part:
                raise ShellError(f"the shell ended in: {command}\n{self.said()}")
            answer += part
        return self.said(), int(answer)

    def said(self):
        with open(self.out, encoding="utf-8", errors="replace") as file:
            return file.read()

    def value(self, name):
        said, _ = self.run(f"printf '%s' \"${{{name}}}\"", 10)
        return said

    def close(self):
        """Ends everything that the page has started."""
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        for sent, patience in ((signal.SIGTERM, 5), (signal.SIGKILL, 5)):
            try:
                os.killpg(self.process.pid, sent)
            except ProcessLookupError:
                break
            end = time.monotonic() + patience
            while time.monotonic() < end and self._alive():
                time.sleep(0.02)
        self.process.wait()
        os.close(self.codes)

    def _alive(self):
        self.process.poll()
        try:
            os.killpg(self.process.pid, 0)
            return True
        except ProcessLookupError:
            return False
