"""/events: what those who look on are told, and what it costs the others: events_test.py AWAITD"""
import concurrent.futures
import random
import socket
import subprocess
import sys
import time
import unittest

from served import Served, Viewer, eventually

BINARY = sys.argv.pop(1)


def numbers(ids):
    return [int(one.split("-")[1]) for one in ids]


class Events(unittest.TestCase):
    def test_a_run_from_its_beginning_to_its_end(self):
        with Served(BINARY) as served:
            viewer = Viewer(served.port)
            eventually(lambda: viewer.of("server"), "the greeting")
            self.assertEqual(viewer.answer.headers["Content-Type"], "text/event-stream")
            self.assertEqual(viewer.answer.headers["Cache-Control"], "no-store")
            self.assertEqual(viewer.answer.headers["X-Accel-Buffering"], "no")
            greeting = viewer.of("server")[0]
            self.assertEqual(greeting["limits"], {"max_delay": 10, "max_count": 1000})
            self.assertEqual((greeting["draining"], greeting["epoch"]), (False, served.json("/runs")["epoch"]))
            asked = served.json("/parallel?delay=200ms,100ms&timeline=states", X_Request_Id="look-1")
            eventually(lambda: len(viewer.of("run")) == 2, "the end")
            began, ended = viewer.of("run")
            self.assertEqual((began["outcome"], began["request_id"], began["count"]), ("running", "look-1", 2))
            self.assertEqual((ended["outcome"], ended["elapsed_seconds"]), ("done", asked["elapsed_seconds"]))
            self.assertEqual([entry for event in viewer.of("timeline") for entry in event["timeline"]], asked["timeline"])
            self.assertGreaterEqual(len(viewer.of("timeline")), 3)  # as it happens, not in the end
            ids = numbers(viewer.ids())
            self.assertEqual(ids, list(range(ids[0], ids[0] + len(ids))))
            viewer.leave()

    def test_filters(self):
        with Served(BINARY) as served:
            mine = Viewer(served.port, "/events?request_id=mine-")
            eventually(lambda: mine.of("server"), "the greeting")
            for name in ("mine-1", "other-1", "mine-2"):
                served.ask("/hi?delay=1ms", X_Request_Id=name)
            eventually(lambda: len([run for run in mine.of("run") if run["outcome"] == "done"]) == 2, "both ends")
            self.assertEqual({run["request_id"] for run in mine.of("run") if "request_id" in run}, {"mine-1", "mine-2"})
            mine.leave()

    def test_coming_back_loses_and_doubles_nothing(self):
        """Connections that break again and again, against one that does not."""
        random.seed(8)
        with Served(BINARY) as served:
            steady = Viewer(served.port)
            eventually(lambda: steady.of("server"), "the greeting")
            seen, last = [], None
            with concurrent.futures.ThreadPoolExecutor(4) as pool:
                for i in range(30):
                    viewer = Viewer(served.port, **({"Last-Event-ID": last} if last else {}))
                    eventually(lambda: viewer.of("server"), "the greeting")
                    asked = [pool.submit(served.ask, "/parallel?delay=3ms,1ms")]
                    time.sleep(0.01 + random.random() * 0.03)
                    viewer.leave()
                    viewer.thread.join()
                    self.assertFalse(viewer.of("missed"))
                    seen += viewer.ids()
                    last = seen[-1] if seen else None
                    concurrent.futures.wait(asked)
            final = Viewer(served.port, **{"Last-Event-ID": last})
            eventually(lambda: len([run for run in steady.of("run") if run["outcome"] == "done"]) == 30, "all ends")
            eventually(lambda: (seen + final.ids())[-1] == steady.ids()[-1], "the last event")
            seen += final.ids()
            self.assertEqual(numbers(seen), list(range(numbers(seen)[0], numbers(seen)[-1] + 1)))
            self.assertEqual(seen[-1], steady.ids()[-1])
            steady.leave()
            final.leave()

    def test_what_is_missed_is_told(self):
        with Served(BINARY) as served:
            for after in ("0000-17", "nonsense", served.json("/runs")["epoch"] + "-999999"):
                viewer = Viewer(served.port, f"/events?after={after}")
                eventually(lambda: viewer.of("missed"), "the word that it missed some")
                viewer.leave()

    def test_who_does_not_read_falls_behind(self):
        with Served(BINARY, "--write-timeout", "1m") as served:
            reader = Viewer(served.port)
            sleeper = Viewer(served.port, reads=False)
            eventually(lambda: reader.of("server"), "the greeting")

            def has_told_enough():
                served.ask("/parallel?count=60&delay=0")
                return sum(len(event["timeline"]) for event in reader.of("timeline")) > 30000  # some 3 MB

            eventually(has_told_enough, "enough to fall behind", 60)
            self.assertFalse(reader.of("dropped"))
            sleeper.thread.start()
            eventually(lambda: sleeper.of("dropped"), "the word that it lost some")
            lost = sleeper.of("dropped")[0]
            self.assertGreater(lost["events"], 0)
            run = lost["runs"][-1]
            self.assertEqual(served.json(f"/runs/{run}")["run"], run)  # which can be had whole
            reader.leave()
            sleeper.leave()

    def test_at_most_so_many(self):
        with Served(BINARY, "--max-viewers", "3") as served:
            viewers = [Viewer(served.port) for _ in range(3)]
            detail, headers = served.problem("/events", 503)
            self.assertEqual((headers["Retry-After"], "max_viewers is 3" in detail), ("10", True))
            viewers.pop().leave()
            eventually(lambda: Viewer(served.port).status == 200, "room again")

    def test_above_fifty_a_second_it_says_so(self):
        with Served(BINARY) as served:
            viewer = Viewer(served.port)
            eventually(lambda: viewer.of("server"), "the greeting")
            def enough():
                with concurrent.futures.ThreadPoolExecutor(4) as pool:
                    list(pool.map(lambda _: served.ask("/hi?delay=0"), range(200)))
                return viewer.of("rate")
            rate = eventually(enough, "a rate")[0]
            self.assertGreater(rate["runs_per_second"], 50)
            self.assertEqual(rate["shown"], 50)
            viewer.leave()

    def test_many_tasks_are_shown_as_samples(self):
        with Served(BINARY) as served:
            viewer = Viewer(served.port)
            eventually(lambda: viewer.of("server"), "the greeting")
            served.ask("/sequence?count=100&delay=5ms")
            eventually(lambda: len(viewer.of("run")) == 2, "the end")
            samples = [sample for event in viewer.of("timeline") for sample in event.get("density", [])]
            self.assertGreaterEqual(len(samples), 3)
            self.assertFalse([event for event in viewer.of("timeline") if "timeline" in event])
            self.assertEqual([sample["done"] for sample in samples], sorted(sample["done"] for sample in samples))
            viewer.leave()

    def test_it_says_goodbye(self):
        with Served(BINARY, "--drain-timeout", "5s") as served:
            viewer = Viewer(served.port)
            eventually(lambda: viewer.of("server"), "the greeting")
            started = time.monotonic()
            self.assertEqual(served.stop(), 0)
            self.assertLess(time.monotonic() - started, 4)
            eventually(lambda: viewer.ended, "the end")
            self.assertEqual(viewer.of("bye"), [{"reason": "drained"}])

    def test_over_http2_and_with_head(self):
        with Served(BINARY) as served:
            url = f"http://127.0.0.1:{served.port}/events"
            reading = subprocess.Popen(["curl", "-sN", "--http2-prior-knowledge", "-m", "3", url], stdout=subprocess.PIPE)
            time.sleep(0.5)
            served.ask("/hi?delay=1ms", X_Request_Id="two-1")
            text = reading.communicate()[0].decode()
            self.assertIn("event: server", text)
            self.assertIn("two-1", text)
            status, headers, body = served.ask("/events", method="HEAD")
            self.assertEqual((status, headers["Content-Type"], body), (200, "text/event-stream", b""))

    def test_leavers_leave_nothing(self):
        """Viewers come and go at random moments, between runs that do."""
        random.seed(5)
        with Served(BINARY) as served:
            descriptors = served.metric("process_open_fds")
            def come_and_go(i):
                viewer = Viewer(served.port, random.choice(("/events", "/events?request_id=x", "/events?after=0000-1")),
                                reads=random.random() < 0.7)
                served.ask(random.choice(("/hi?delay=1ms", "/parallel?count=50&delay=0", "/runs", "/runs?limit=200")))
                time.sleep(random.random() * 0.02)
                viewer.leave()
            with concurrent.futures.ThreadPoolExecutor(8) as pool:
                list(pool.map(come_and_go, range(150)))
            eventually(lambda: served.metric("process_open_fds") <= descriptors + 1, "no descriptor more")
            eventually(lambda: served.metric("awaitd_held_bytes") == 0, "nothing held")
            for _ in range(64):
                self.assertEqual(Viewer(served.port, reads=False).status, 200)  # all places are free again


if __name__ == "__main__":
    unittest.main(warnings="ignore")
