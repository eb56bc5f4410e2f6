"""What must hold behind every proxy. A test has `here`, a Neighbourhood, and `way`, one of its ways."""
import json
import signal
import time
from collections import Counter

from asking import Load, arrivals, ask, ask_on, begin, connect
from neighbourhood import skip_unless_a_port_can_be_left

# The second is no request that a proxy may send again: what is lost of these, is lost.
REQUESTS = [("GET", "/hi?delay=5ms", None), ("POST", "/hi", b"hi")]
ANSWERS = {200, 405}
TOO_LARGE = b"x" * 500_000


class Manners:
    keeps_connections = True
    passes_on_leaving = True  # while it waits for an answer; else only while one comes
    loses_itself = 0  # what part of the load in a restart, at the most

    @property
    def port(self):
        return self.here.ports[self.way]

    @property
    def awaitd(self):
        return self.here.backend.awaitd

    def test_connections_are_reused(self):
        before = self.awaitd.metric("http_connections_opened_total")
        client = connect(self.port)
        for _ in range(10):
            for method, path, body in [*REQUESTS, ("HEAD", "/hi?delay=0", None)]:
                self.assertIn(ask_on(client, method, path, body)[0], ANSWERS)
        client.close()
        opened = self.awaitd.metric("http_connections_opened_total") - before
        if self.keeps_connections:
            self.assertLessEqual(opened, 3)
        else:
            self.assertEqual(opened, 30)

    def test_head_has_no_body(self):
        client = connect(self.port)
        for path in ("/hi?delay=0", "/parallel?count=1000&timeline=true&delay=0"):
            status, headers, body = ask_on(client, "HEAD", path)
            self.assertEqual((status, body), (200, b""))
            self.assertEqual(headers["Content-Type"], "application/json")
        self.assertEqual(ask_on(client, "GET", "/hi?delay=0")[0], 200)
        client.close()

    def test_a_large_answer_is_whole(self):
        status, _, body = ask(self.port, "/parallel?count=1000&delay=1ms&timeline=true")
        self.assertEqual(status, 200)
        self.assertEqual(len(json.loads(body)["output"]), 2000)

    def test_the_log_names_the_client(self):
        path = f"/hi?delay={self.port}ns"  # as nobody else asks
        self.assertEqual(ask(self.port, path, source=("127.0.0.9", 0))[0], 200)
        self.assertEqual(self.awaitd.line_about(path)["client_ip"], "127.0.0.9")

    def test_text_arrives_as_it_is_said(self):
        times = arrivals(self.port, "/sequence?count=3&delay=400ms&format=text")
        self.assertGreater(times[-1], 1)
        self.assertLess(times[0], times[-1] / 2)
        self.assertGreaterEqual(len(times), 3)

    def test_a_client_that_leaves_is_noticed(self):
        left = self.awaitd.metric("awaitd_client_disconnects_total")
        client = begin(self.port, "/hi?delay=9s" if self.passes_on_leaving
                       else "/sequence?count=200&delay=40ms&format=text")
        self.assertTrue(self.awaitd.becomes("http_requests_in_flight", 1))
        client.close()
        self.assertTrue(self.awaitd.becomes("awaitd_client_disconnects_total", left + 1, 5))
        self.assertTrue(self.awaitd.becomes("awaitd_tasks_active", 0, 1))

    def test_too_large_a_body_is_told_so_and_hurts_nobody(self):
        with Load(self.port, [("GET", "/hi?delay=5ms", None)]) as bystanders:
            told = Counter(ask(self.port, "/hi", "POST", TOO_LARGE)[0] for _ in range(20))
            time.sleep(0.2)
        self.assertEqual(told, {413: 20})
        self.assertEqual(set(bystanders.outcomes), {200}, bystanders.outcomes)

    def test_a_slow_one_holds_up_nobody(self):
        with begin(self.port, "/hi?delay=2s") as slow:
            began = time.monotonic()
            with Load(self.port, [("GET", "/hi?delay=0", None)], clients=2) as quick:
                time.sleep(0.5)
            took = time.monotonic() - began
            self.assertTrue(slow.recv(65536).startswith(b"HTTP/1.1 200"))
            self.assertGreater(time.monotonic() - began, took)
        self.assertEqual(set(quick.outcomes), {200}, quick.outcomes)
        self.assertGreater(quick.outcomes[200], 10)

    def test_a_restart_loses_nothing(self):
        if self.way == "tls":
            skip_unless_a_port_can_be_left(self)
        with Load(self.port, REQUESTS, clients=8) as load:
            for _ in range(2):
                time.sleep(0.3)
                self.assertEqual(self.here.backend.restart(), 0)
            time.sleep(0.2)
        lost = sum(count for outcome, count in load.outcomes.items() if outcome not in ANSWERS)
        self.assertLessEqual(lost, self.loses_itself * sum(load.outcomes.values()), load.outcomes)


class Drained:
    """The way leads to both awaitds; one of them leaves."""

    def test_a_drain_loses_nothing(self):
        with Load(self.here.ports[self.way], REQUESTS, clients=8) as load:
            time.sleep(0.3)
            self.assertGreater(self.here.other.metric("http_requests_total"), 20)
            self.here.other.signal(signal.SIGTERM)
            self.assertEqual(self.here.other.wait(), 0)
            time.sleep(0.3)
        self.assertLessEqual(set(load.outcomes), ANSWERS, load.outcomes)
