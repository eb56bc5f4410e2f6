"""Completion in the shells themselves: a key typed at a prompt on a terminal, and what stands there then."""
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from terminal import Terminal, missing

AWAITD = Path(sys.argv.pop(1)).resolve()
TAB = "\t"
READY = "ready> "
SHELLS = {
    "bash": ["bash", "--norc", "--noprofile", "-i"],
    "zsh": ["zsh", "-f", "-i"],
}
SET_UP = {
    "bash": "PS1='ready''> '; source <(awaitd --completion bash)\n",
    "zsh": "PROMPT='ready''> '; autoload -U compinit; compinit -u -D; unsetopt prompt_sp; "
           "source <(awaitd --completion zsh)\n",
}
# What is typed before the key, and what it becomes: in every shell.
CASES = [
    ("awaitd --max-co", "awaitd --max-co"),  # max-count or max-connections: no further
    ("awaitd --max-cou", "awaitd --max-count"),
    ("awaitd --log j", "awaitd --log json"),
    ("awaitd --log=te", "awaitd --log=text"),
    ("awaitd --http2 of", "awaitd --http2 off"),
    ("awaitd --help lim", "awaitd --help limits"),
    ("awaitd --completion fi", "awaitd --completion fish"),
    ("awaitd --config a-file-wi", "awaitd --config a-file-with-a-long-name.json"),
]


def runs(shell):
    try:
        return subprocess.run([shell, "-c", "true"], check=False).returncode == 0
    except OSError:
        return False


class Completion(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        (self.folder / "a-file-with-a-long-name.json").touch()
        self.environment = {"PATH": f"{AWAITD.parent}:/usr/bin:/bin", "HOME": folder.name,
                            "TERM": "dumb", "LC_ALL": "C.UTF-8"}

    def check_at_a_prompt(self, shell):
        reason = missing() or not runs(shell) and "it is not installed"
        if reason:
            print(f"SKIP: completion in {shell}: {reason}")
            self.skipTest(reason)
        terminal = Terminal(SHELLS[shell], self.environment)
        self.addCleanup(terminal.close)
        terminal.type(f"cd {self.folder}\n{SET_UP[shell]}")
        terminal.read_until(lambda text: READY in text)
        for typed, becomes in CASES:
            with self.subTest(typed):
                terminal.text = ""
                # What stands there is then an argument, and printed.
                terminal.type(typed + TAB + "\x01print-it \x05\n")
                terminal.read_until(lambda text: ">\n" in text and READY in text.rpartition(">\n")[2])
                self.assertEqual(re.findall(r"<(awaitd.*?) ?>\n", terminal.text), [becomes])

    def test_bash(self):
        SET_UP["bash"] = "print-it() { printf '<%s>\\n' \"$*\"; }; " + SET_UP["bash"]
        self.check_at_a_prompt("bash")

    def test_zsh(self):
        SET_UP["zsh"] = "print-it() { printf '<%s>\\n' \"$*\"; }; bindkey -e; " + SET_UP["zsh"]
        self.check_at_a_prompt("zsh")

    def test_fish(self):
        """fish says by itself what it would offer."""
        if not runs("fish"):
            print("SKIP: completion in fish: it is not installed")
            self.skipTest("not installed")
        for typed, becomes in CASES[1:]:
            with self.subTest(typed):
                done = subprocess.run(
                    ["fish", "--no-config", "-c",
                     f"awaitd --completion fish | source; complete -C '{typed}'"],
                    env=self.environment, cwd=self.folder, capture_output=True, text=True, check=False)
                offers = [line.split("\t")[0] for line in done.stdout.splitlines()]
                self.assertEqual(offers, [becomes.split()[-1]], done.stderr)

    def test_every_flag_is_offered(self):
        flags = set(re.findall(r"--[a-z0-9-]+", subprocess.run(
            [AWAITD, "--help"], capture_output=True, text=True, check=True).stdout))
        for shell, pattern in [("bash", "{}[ ')]"), ("zsh", "'{}[=[]"), ("fish", " -l {} ")]:
            script = subprocess.run([AWAITD, "--completion", shell], capture_output=True, text=True,
                                    check=True).stdout
            for flag in flags:
                name = flag[2:] if shell == "fish" else flag
                self.assertRegex(script, pattern.format(re.escape(name)))
        self.assertGreater(len(flags), 30)


unittest.main(verbosity=2)
