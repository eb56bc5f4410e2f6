"""What people have at hand: curl, wget, ab, wrk."""
import os
import re
import signal
import subprocess
import time
import unittest

from guests import Guests
from neighbourhood import need
from program import Program

need("curl", "wget", "ab", "wrk")
here = Guests()
LARGE = "/parallel?count=1000&delay=0&timeline=true"


def setUpModule():
    here.open()
    with open(f"{here.folder}/large", "wb") as file:
        file.truncate(1_000_000)


def run(*command):
    """(exit status, output); no settings but those that are given."""
    environment = {"PATH": os.environ["PATH"], "HOME": here.folder, "LC_ALL": "C"}
    done = subprocess.run(command, cwd=here.folder, env=environment, capture_output=True, text=True,
                          timeout=30, check=False)
    return done.returncode, done.stdout + done.stderr


class Curl(unittest.TestCase):
    """Over each protocol."""
    KINDS = {"HTTP/1.0": ("http", "--http1.0"), "HTTP/1.1": ("http", "--http1.1"),
             "Upgrade": ("http", "--http2"), "HTTP/2": ("http", "--http2-prior-knowledge"),
             "TLS, HTTP/1.1": ("https", "--http1.1"), "TLS, HTTP/2": ("https", "--http2")}

    def each(self, holds, path, *options):
        """holds(exit status, output) for each of them."""
        for kind, (scheme, version) in self.KINDS.items():
            with self.subTest(kind):
                holds(*run("curl", "-sS", "--cacert", "cert.pem", version, *options, here.url(scheme) + path))

    def test_connections_are_reused(self):
        """Debian's curl cannot do it with HTTP/2 by prior knowledge, neither here nor with nghttpx."""
        for kind, (scheme, version) in self.KINDS.items():
            if kind == "HTTP/2":
                continue
            urls = [word for _ in range(4) for word in ("-o", "/dev/null", here.url(scheme) + "/hi?delay=0")]
            with self.subTest(kind):
                status, said = run("curl", "-sS", "--cacert", "cert.pem", version, "-w",
                                   "%{http_code} %{num_connects}\n", *urls)
                again = 1 if kind == "HTTP/1.0" else 0
                self.assertEqual((status, said), (0, "200 1\n" + 3 * f"200 {again}\n"))

    def test_head_says_what_get_would(self):
        def holds(status, said):
            self.assertEqual(status, 0)
            self.assertRegex(said, r"^HTTP/[0-9.]+ 200")
            self.assertRegex(said.lower(), r"\ncontent-length: [0-9]+")
        self.each(holds, "/hi?delay=0", "--head")

    def test_too_large_a_body_is_told_so(self):
        for expect in ("Expect:", "Expect: 100-continue"):
            self.each(lambda status, said: self.assertEqual((status, said), (0, "413")), "/hi", "-H", expect,
                      "--data-binary", "@large", "-o", "/dev/null", "-w", "%{http_code}")

    def test_text_arrives_as_it_is_said(self):
        """The first line, long before the rest."""
        path = "/sequence?count=3&delay=400ms&format=text"
        for _, (scheme, version) in self.KINDS.items():
            with self.subTest(version):
                began = time.monotonic()
                curl = Program(["curl", "-sSN", "--cacert", "cert.pem", version, here.url(scheme) + path],
                               here.folder, stdout=subprocess.PIPE)
                self.assertEqual(curl.output.readline(), b"Hello\n")
                first = time.monotonic() - began
                self.assertEqual(curl.output.read().count(b"\n"), 6)
                self.assertLess(first, (time.monotonic() - began) / 2)
                self.assertEqual(curl.wait(), 0)
                curl.stop()


class Wget(unittest.TestCase):
    def test_connections_are_reused(self):
        status, said = run("wget", "-O", "/dev/null", *(3 * [here.url() + "/hi?delay=0"]))
        self.assertEqual((status, said.count("Reusing existing connection")), (0, 2), said)

    def test_too_large_a_body_is_told_so(self):
        for scheme in ("http", "https"):
            status, said = run("wget", "-O", "-", "--tries=1", "--ca-certificate=cert.pem",
                               "--post-file=large", here.url(scheme) + "/hi")
            self.assertEqual((status, "413" in said), (8, True), said)


class Ab(unittest.TestCase):
    def test_each_answer_keeps_its_connection(self):
        """It speaks HTTP/1.0 with keep-alive."""
        for path in ("/hi?delay=0", LARGE):
            for head in ([], ["-i"]):
                with self.subTest(path=path, head=head):
                    status, said = run("ab", "-k", "-l", "-c", "4", "-n", "200", *head, here.url() + path)
                    self.assertEqual(status, 0, said)
                    self.assertRegex(said, r"Failed requests: +0\n")
                    self.assertRegex(said, r"Keep-Alive requests: +200\n")


class Wrk(unittest.TestCase):
    def test_a_restart_loses_nothing(self):
        wrk = Program(["wrk", "-t1", "-c32", "-d30s", here.url() + "/hi?delay=5ms"], here.folder,
                      stdout=subprocess.PIPE)
        try:
            for _ in range(2):
                time.sleep(0.4)
                self.assertEqual(here.backend.restart(), 0)
            wrk.signal(signal.SIGINT)
            said = wrk.output.read().decode()
        finally:
            wrk.stop()
        self.assertNotRegex(said, "Socket errors|Non-2xx")
        self.assertGreater(int(re.search(r"(\d+) requests in", said)[1]), 100)


if __name__ == "__main__":
    unittest.main()
