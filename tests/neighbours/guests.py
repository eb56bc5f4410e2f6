"""What must hold for clients that come without a proxy. A client is a program: COMMAND ask BASE,
COMMAND upload BASE, or COMMAND load BASE until its standard input ends, 8 at a time. It prints JSON. To ask is this, one
after the other: 10 times GET, POST and HEAD ("statuses"); how much a large answer says ("large");
when the pieces of a text came ("arrivals"). To upload is 10 posts of a megabyte ("statuses")."""
import json
import subprocess
import time
from pathlib import Path

from neighbourhood import Neighbourhood, skip_test, skip_unless_a_port_can_be_left
from program import Program

CLIENTS = Path(__file__).parent / "clients"
CLIENT_S = 30


class Guests(Neighbourhood):
    def __init__(self):
        super().__init__([])

    def url(self, scheme="http"):
        # A fresh system may turn "localhost" into ::1 first, and some clients then try nothing else.
        return f"{scheme}://127.0.0.1:{self.ports['awaitd_tls' if scheme == 'https' else 'awaitd']}"


class Guest:
    """A test has `here`, which are Guests, and `command`."""
    scheme = "http"
    most_connections = 1
    cannot = {}  # what it does badly whatever awaitd does, and why

    def skip_what_it_cannot(self, what):
        if what in self.cannot:
            skip_test(self, f"{type(self).__name__}: {self.cannot[what]}")

    def run_client(self, mode, meanwhile=lambda: None):
        client = Program([*self.command, mode, self.here.url(self.scheme)], self.here.folder,
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            meanwhile()
            client.input.close()
            self.assertEqual(client.wait(CLIENT_S), 0, client.said())
            return json.loads(client.output.read())
        finally:
            client.stop()

    def test_what_it_asks_is_answered(self):
        awaitd = self.here.backend.awaitd
        before = awaitd.metric("http_connections_opened_total")
        got = self.run_client("ask")
        opened = awaitd.metric("http_connections_opened_total") - before
        with self.subTest("statuses"):
            self.assertEqual([*map(str, got["statuses"])], 10 * ["200", "405", "200"])
        with self.subTest("large"):
            self.assertEqual(got["large"], 2000)
        with self.subTest("arrivals"):
            self.assertGreater(got["arrivals"][-1], 1)
            self.assertLess(got["arrivals"][0], got["arrivals"][-1] / 2)
        with self.subTest("connections"):
            self.assertLessEqual(opened, self.most_connections)

    def test_too_large_a_body_is_told_so(self):
        self.skip_what_it_cannot("upload")
        self.assertEqual([*map(str, self.run_client("upload")["statuses"])], 10 * ["413"])

    def test_a_restart_loses_nothing(self):
        self.skip_what_it_cannot("restart")
        if self.scheme == "https":
            skip_unless_a_port_can_be_left(self)

        def restart():
            awaitd = self.here.backend.awaitd
            before = awaitd.metric("http_requests_total")
            awaitd.reaches("http_requests_total", before + 200)
            for _ in range(2):
                self.assertEqual(self.here.backend.restart(), 0)
                time.sleep(0.3)
        outcomes = self.run_client("load", restart)["outcomes"]
        self.assertLessEqual(set(outcomes), {"200", "405"}, outcomes)
        self.assertGreater(outcomes["200"], 50)
