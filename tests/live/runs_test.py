"""Recordings: /runs and /runs/ID, what they hold and for how long: runs_test.py AWAITD"""
import http.client
import json
import sys
import threading
import unittest

from served import Served, eventually

BINARY = sys.argv.pop(1)


class Runs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.served = Served(BINARY)

    @classmethod
    def tearDownClass(cls):
        cls.served.__exit__()

    def test_a_recording_is_what_the_answer_said(self):
        answer = self.served.json("/parallel?delay=30ms,10ms,20ms&timeline=states", X_Request_Id="anna-1")
        kept = self.served.run_of("anna-1")
        for name in ("endpoint", "output", "timeline", "groups", "tasks", "elapsed_seconds"):
            self.assertEqual(kept[name], answer[name], name)
        self.assertEqual(kept["request"], "/parallel?delay=30ms,10ms,20ms&timeline=states")
        self.assertEqual((kept["method"], kept["request_id"], kept["sleep"], kept["count"]), ("GET", "anna-1", "awaited", 3))
        self.assertEqual((kept["outcome"], kept["reason"], kept["complete"], kept["density"]), ("done", None, True, None))
        self.assertRegex(kept["started_at"], r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")

    def test_also_without_a_timeline_asked_for(self):
        self.served.ask("/sequence?delay=1ms", X_Request_Id="plain-1")
        kept = self.served.run_of("plain-1")
        self.assertEqual(kept["output"], ["Hello", "World"] * 3)
        self.assertEqual(sum(entry.get("state") == "waiting" for entry in kept["timeline"]), 3)

    def test_a_plan_and_who_was_cancelled(self):
        self.served.ask("/run?plan=race(hi(20ms),hi(5s))", X_Request_Id="race-1")
        kept = self.served.run_of("race-1")
        self.assertEqual(kept["plan"], "race(hi(20ms),hi(5s))")
        lost = [entry for entry in kept["timeline"] if entry.get("state") == "cancelled"]
        self.assertEqual([(entry["task"], entry["reason"]) for entry in lost], [(2, "lost_race")])

    def test_a_failed_run(self):
        self.served.ask("/run?plan=group(fail(10ms),hi(5s))", X_Request_Id="fail-1")
        kept = self.served.run_of("fail-1")
        self.assertEqual((kept["outcome"], kept["error"]), ("failed", "task 1 failed"))

    def test_a_client_that_leaves(self):
        self.served.leave_early("/parallel?delay=9s", 0.3, X_Request_Id="left-1")
        kept = self.served.run_of("left-1")
        self.assertEqual((kept["outcome"], kept["reason"]), ("cancelled", "client_left"))
        self.assertEqual(kept["timeline"][-1]["state"], "cancelled")
        self.assertEqual((kept["timeline"][-1]["tasks"], kept["timeline"][-1]["reason"]), ([1, 3], "client_left"))
        self.assertTrue(0.2 < kept["elapsed_seconds"] < 9)

    def test_blocking_says_how_long_it_queued(self):
        self.served.ask("/sequence?sleep=blocking&delay=20ms", X_Request_Id="block-1")
        kept = self.served.run_of("block-1")
        self.assertEqual([entry["task"] for entry in kept["timeline"] if entry.get("state") == "blocking"], [1, 2, 3])
        self.assertFalse([entry for entry in kept["timeline"] if entry.get("state") == "ready"])
        self.assertTrue(0 < kept["queued_seconds"] <= kept["elapsed_seconds"] - 0.06)
        self.assertTrue(kept["loop_blocked_seconds"] >= 0.06)

    def test_forgotten(self):
        self.served.ask("/parallel?sleep=forgotten", X_Request_Id="forgot-1")
        kept = self.served.run_of("forgot-1")
        self.assertEqual([entry["task"] for entry in kept["timeline"] if entry.get("state") == "forgotten"], [1, 2, 3])

    def test_a_virtual_clock_is_not_recorded(self):
        self.served.ask("/parallel?clock=virtual", X_Request_Id="virtual-1")
        self.served.ask("/hi?delay=0", X_Request_Id="real-1")
        self.served.run_of("real-1")
        self.assertEqual(self.served.json("/runs?request_id=virtual-1")["runs"], [])

    def test_formats(self):
        answer = self.served.ask("/parallel?delay=5ms&format=text", X_Request_Id="format-1")[2]
        run = self.served.run_of("format-1")["run"]
        self.assertEqual(self.served.ask(f"/runs/{run}?format=text")[2], answer)
        status, headers, body = self.served.ask(f"/runs/{run}?format=ndjson")
        self.assertEqual((status, headers["Content-Type"]), (200, "application/x-ndjson"))
        lines = [json.loads(line) for line in body.decode().splitlines()]
        self.assertEqual((lines[0]["count"], lines[-1]["outcome"], len(lines)), (3, "done", 14))
        self.assertIn(b"asyncio.gather", self.served.ask(f"/runs/{run}?format=python")[2])
        self.assertIn("'xml' is not known; allowed are json", self.served.problem(f"/runs/{run}?format=xml", 400)[0])

    def test_the_list(self):
        for i in range(5):
            self.served.ask("/hi?delay=0", X_Request_Id=f"list-{i}")
        self.served.run_of("list-4")
        page = self.served.json("/runs?limit=2&request_id=list-")
        self.assertEqual([run["request_id"] for run in page["runs"]], ["list-4", "list-3"])
        self.assertNotIn("timeline", page["runs"][0])
        rest = self.served.json(f"/runs?request_id=list-&before={page['runs'][1]['run']}")
        self.assertEqual([run["request_id"] for run in rest["runs"]], ["list-2", "list-1", "list-0"])
        self.assertTrue(page["oldest"].startswith(page["epoch"] + "-"))

    def test_refusals(self):
        for target, status, words in (
                ("/runs?limit=0", 400, "limit: '0' is not between 1 and 200"), ("/runs?limit=201", 400, "'201'"),
                ("/runs?limit=x", 400, "'x'"), ("/runs?limit=1&limit=2", 400, "more than once"),
                ("/runs?limits=1", 400, "no parameter 'limits' here; there are limit, before and request_id"),
                ("/runs?before=0000-1", 400, "before: '0000-1' is no run"), ("/runs?request_id=" + "a" * 65, 400, "64 bytes"),
                ("/runs/", 404, "There is no '/runs/'"), ("/runs/x", 404, "There is no run 'x'"),
                ("/events?run=1", 400, "run: '1'"), ("/events?x=1", 400, "there are run, request_id and after")):
            self.assertIn(words, self.served.problem(target, status)[0], target)
        epoch = self.served.json("/runs")["epoch"]
        self.assertIn("; the oldest kept is", self.served.problem(f"/runs/{epoch}-999999", 404)[0])
        self.assertEqual(self.served.ask("/runs", method="POST")[0], 405)

    def test_a_crowd_is_counted(self):
        with Served(BINARY, "--max-count", "100000") as served:
            served.ask("/parallel?count=20000&delay=500ms", X_Request_Id="crowd-1")
            kept = served.run_of("crowd-1")
            self.assertIsNone(kept["timeline"])
            samples = kept["density"]
            self.assertTrue(2 < len(samples) <= 512, len(samples))
            self.assertEqual(max(sample["waiting"] for sample in samples), 20000)
            for sample in samples:
                self.assertEqual(sum(sample[state] for state in ("ready", "waiting", "blocking", "done", "failed", "cancelled")), 20000)
            self.assertEqual([s["at_seconds"] for s in samples], sorted(s["at_seconds"] for s in samples))
            self.assertEqual(samples[-1]["done"], 20000)
            served.leave_early("/parallel?count=20000&delay=9s", 0.5, X_Request_Id="crowd-2")
            self.assertEqual(served.run_of("crowd-2")["reason"], "client_left")
            served.ask("/sequence?count=1500&delay=100us", X_Request_Id="crowd-3")
            self.assertEqual(max(sample["waiting"] for sample in served.run_of("crowd-3")["density"]), 1)

    def test_the_oldest_go_first(self):
        with Served(BINARY, "--record-bytes", "64KiB", "--threads", "1") as served:
            for i in range(300):
                served.ask("/hi?delay=0", X_Request_Id=f"many-{i}")
            served.run_of("many-299")
            kept = served.json("/runs?limit=200")
            self.assertTrue(20 < len(kept["runs"]) < 200, len(kept["runs"]))
            self.assertEqual([run["request_id"] for run in kept["runs"]], [f"many-{i}" for i in range(299, 299 - len(kept["runs"]), -1)])
            epoch = kept["epoch"]
            self.assertIn(f"the oldest kept is {kept['oldest']}", served.problem(f"/runs/{epoch}-1", 404)[0])

    def test_memory_has_a_bound(self):
        """Also while nobody reads what was told."""
        with Served(BINARY, "--record-bytes", "64KiB", "--threads", "2") as served:
            connection = http.client.HTTPConnection("127.0.0.1", served.port)
            for i in range(2000):
                connection.request("GET", "/parallel?count=20&delay=0")
                connection.getresponse().read()
                if i % 200 == 199:
                    self.assertLessEqual(served.metric("awaitd_recorded_bytes"), 64 * 1024)
            connection.close()
            kept = served.metric("awaitd_recorded_bytes")
            self.assertTrue(8 * 1024 < kept <= 64 * 1024, kept)
            self.assertTrue(served.json("/runs?limit=200")["runs"])
            self.assertLessEqual(served.metric("awaitd_recorded_bytes"), 64 * 1024)

    def test_a_long_run_survives_its_beginning(self):
        """One that is known, and whose end nobody has read, is over all the same."""
        with Served(BINARY, "--record-bytes", "1MiB", "--threads", "1") as served:
            viewer_sees = served.json("/runs")
            self.assertEqual((viewer_sees["runs"], viewer_sees["oldest"]), ([], None))
            long = threading.Thread(target=served.ask, args=("/hi?delay=400ms",), kwargs={"X_Request_Id": "long-1"})
            long.start()
            eventually(lambda: served.json("/runs?request_id=long-1")["runs"], "the long run")
            for _ in range(50):
                served.ask("/hi?delay=0")
            long.join()
            self.assertEqual(served.run_of("long-1")["outcome"], "done")

    def test_off(self):
        with Served(BINARY, "--live", "off") as served:
            for target in ("/runs", "/runs/1", "/events"):
                self.assertIn("There is no", served.problem(target, 404)[0])
            self.assertEqual(served.ask("/hi?delay=0")[0], 200)

    def test_not_on_the_admin_port(self):
        with Served(BINARY, "--admin-port", "0") as served:
            self.assertEqual(served.ask("/runs")[0], 200)


if __name__ == "__main__":
    unittest.main(warnings="ignore")
