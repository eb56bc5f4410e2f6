"""What awaitd says on a terminal, and what is true of it: the links, the curl lines, Ctrl-C."""
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.request

from terminal import Terminal, missing

AWAITD = sys.argv.pop(1)
ENDS = "Ctrl-C again stops at once.\n"
CTRL_C = "\x03"
# And what a sanitizer is told by whoever runs the tests.
PLAIN = {name: value for name, value in os.environ.items()
         if name == "PATH" or name.endswith("SAN_OPTIONS")}


class Greeting(unittest.TestCase):
    def greet(self, *options, environment=None, until=lambda text: ENDS in text):
        terminal = Terminal([AWAITD, "--port", "0", *options], environment or dict(PLAIN, TERM="dumb"))
        self.addCleanup(terminal.close)
        terminal.read_until(until)
        return terminal

    def check_curl_lines(self, text):
        """They work as they stand, in a shell."""
        lines = re.findall(r"^  (curl .*?) +#", text, re.M)
        self.assertEqual(len(lines), 3)
        for line, said in zip(lines, ["Hello Hello Hello World World World",
                                      "Hello World Hello World Hello World", "Hello World"]):
            done = subprocess.run(["bash", "-c", line.replace("curl ", "curl -sS ", 1)],
                                  capture_output=True, text=True, check=False)
            self.assertEqual((done.returncode, done.stderr), (0, ""), line)
            self.assertEqual(re.findall("Hello|World", done.stdout), said.split(), line)

    def test_links_and_lines_are_true(self):
        terminal = self.greet("--max-delay", "20ms")
        link = re.search(r"listening on (http://localhost:\d+)\n", terminal.text)[1]
        with urllib.request.urlopen(link + "/livez") as answer:
            self.assertEqual(answer.status, 200)
        self.check_curl_lines(terminal.text)

    def test_a_unix_socket_has_its_lines(self):
        with tempfile.TemporaryDirectory() as folder:
            terminal = self.greet("--plain", "off", "--unix", f"{folder}/a socket",
                                  "--max-delay", "20ms")
            self.assertIn(f"listening on unix:{folder}/a socket\n", terminal.text)
            self.check_curl_lines(terminal.text)

    def test_tls_has_its_lines(self):
        with tempfile.TemporaryDirectory() as folder:
            key, certificate = f"{folder}/key.pem", f"{folder}/certificate.pem"
            subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj",
                            "/CN=localhost", "-keyout", key, "-out", certificate],
                           check=True, capture_output=True)
            terminal = self.greet("--plain", "off", "--tls-port", "0", "--tls-key", key,
                                  "--tls-cert", certificate, "--max-delay", "20ms")
            self.assertRegex(terminal.text, r"listening on https://localhost:\d+\n")
            self.check_curl_lines(terminal.text)

    def fetch(self, link):
        with urllib.request.urlopen(link) as answer:
            return answer.read().decode()

    def ask(self, terminal, target):
        """In a thread; returns it and what it finds out."""
        link = re.search(r"http://localhost:\d+", terminal.text)[0]
        found = []

        def main():
            try:
                with urllib.request.urlopen(link + target) as answer:
                    found.append(answer.status)
            except OSError as error:
                found.append(error)
        thread = threading.Thread(target=main)
        thread.start()
        while "awaitd_tasks_active 1\n" not in self.fetch(link + "/metrics"):
            pass
        return thread, found

    def test_ctrl_c_lets_what_runs_finish(self):
        terminal = self.greet()
        thread, found = self.ask(terminal, "/hi?delay=2s")
        terminal.type(CTRL_C)
        self.assertEqual(terminal.wait(), 0)
        thread.join()
        self.assertEqual(found, [200])
        self.assertIn("draining: 1 requests", terminal.text)

    def test_ctrl_c_twice_stops_at_once(self):
        terminal = self.greet("--max-delay", "3600s", "--max-duration", "3600s", "--drain-timeout", "3600s")
        thread, found = self.ask(terminal, "/hi?delay=3600s")
        terminal.type(CTRL_C)
        terminal.read_until(lambda text: "draining" in text)
        terminal.type(CTRL_C)
        terminal.wait()  # and not in an hour
        thread.join()
        self.assertNotEqual(found, [200])
        self.assertIn("told to stop again", terminal.text)

    def test_colours_are_for_who_wants_them(self):
        def escapes(**environment):
            return "\x1b" in self.greet(environment={**PLAIN, **environment}).text
        self.assertTrue(escapes(TERM="xterm"))
        self.assertTrue(escapes(TERM="xterm", NO_COLOR=""))
        self.assertFalse(escapes(TERM="xterm", NO_COLOR="1"))
        self.assertFalse(escapes(TERM="dumb"))
        self.assertFalse(escapes())

    def test_who_wants_json_or_nothing_gets_no_greeting(self):
        for log in ["json", "off"]:
            terminal = self.greet("--log", log, until=lambda text: "listening" in text and text.endswith("\n"))
            self.assertNotIn("curl", terminal.text)
        self.assertIn("listening on http://[::]:", terminal.text)

    def test_elsewhere_it_is_json(self):
        with subprocess.Popen([AWAITD, "--port", "0"], stdout=subprocess.PIPE, text=True,
                              env=dict(PLAIN, TERM="xterm")) as process:
            line = json.loads(process.stdout.readline())
            process.terminate()
            rest = process.stdout.read().splitlines()
        self.assertEqual(line["msg"], "listening")
        self.assertEqual([json.loads(each)["msg"] for each in rest],
                         ["told to stop", "draining", "stopped"])


if missing():
    print(f"SKIP: the greeting; {missing()}")
    sys.exit(77)
unittest.main(verbosity=2)
