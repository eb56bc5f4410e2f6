"""Views of a run for elsewhere: format=ndjson, svg and trace: views_test.py AWAITD"""
import http.client
import json
import sys
import time
import unittest
import xml.dom.minidom

from served import Served

BINARY = sys.argv.pop(1)

SHAPES = [f"/{endpoint}?{count}delay={delay}&sleep={sleep}" for endpoint, count in
          (("hi", ""), ("parallel", "count=1&"), ("parallel", "count=5&"), ("parallel", "count=9&"), ("sequence", "count=30&"),
           ("parallel", "count=70&"), ("sequence", "count=1000&"))
          for delay in ("0", "1ns", "13us", "20ms", "9s") for sleep in ("awaited", "blocking", "forgotten")
          if not (delay == "9s" and (sleep == "blocking" or endpoint == "sequence"))] + [
    "/parallel?delay=3s,1s,2s", "/run?plan=race(hi(2s),hi(1s),fail(3s))", "/run?plan=group(hi(1s),fail(500ms),hi(5s))",
    "/run?plan=timeout(100ms,parallel(50*hi(1s)))", "/run?plan=limit(2,9*hi(30ms))", "/run?plan=retry(3,fail(10ms))",
    "/run?plan=sequence(hi(0s),catch(fail(0s)))", "/run?plan=shield(hi)"]


class Views(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.served = Served(BINARY, "--max-count", "5000", "--max-delay", "100s", "--max-duration", "10000s")

    @classmethod
    def tearDownClass(cls):
        cls.served.__exit__()

    def body(self, target, form):
        """Whole and well-measured: http.client fails where fewer bytes come than Content-Length says."""
        status, headers, body = self.served.ask(f"{target}&clock=virtual&format={form}")
        self.assertEqual(status, 200, body)
        self.assertEqual(int(headers["Content-Length"]), len(body), target)
        return body.decode()

    def test_every_shape_is_a_whole_picture(self):
        for target in SHAPES:
            text = self.body(target, "svg")
            picture = xml.dom.minidom.parseString(text).documentElement
            self.assertEqual((picture.tagName, picture.getAttribute("role")), ("svg", "img"))
            self.assertEqual(text, self.body(target, "svg"))
            high = float(picture.getAttribute("height"))
            for rect in picture.getElementsByTagName("rect"):
                if rect.hasAttribute("x"):
                    self.assertLessEqual(float(rect.getAttribute("y")) + float(rect.getAttribute("height")), high, target)
                    self.assertLessEqual(float(rect.getAttribute("x")), 960, target)

    def test_a_picture_is_to_scale(self):
        def bars(target, kind):
            rects = xml.dom.minidom.parseString(self.body(target, "svg")).getElementsByTagName("rect")
            return [(float(r.getAttribute("x")), float(r.getAttribute("width"))) for r in rects if r.getAttribute("class") == kind]
        together, in_turn = bars("/parallel?delay=1s", "w"), bars("/sequence?delay=1s", "w")
        self.assertEqual({x for x, _ in together}, {64.0})
        self.assertEqual([round((x - 64) / in_turn[0][1]) for x, _ in in_turn], [0, 1, 2])
        self.assertEqual(len(bars("/parallel?sleep=blocking", "b")), 3 + 6)  # the blocks, and a mark for each word
        self.assertEqual(len(bars("/parallel?sleep=blocking", "r")), 2)
        self.assertEqual(len(bars("/parallel?sleep=forgotten", "n")), 3)
        lost = self.body("/run?plan=race(hi(3s),hi(1s))", "svg")
        self.assertIn(">lost_race</text>", lost)
        self.assertIn("prefers-color-scheme:dark", lost)

    def test_too_many_to_draw(self):
        text = self.body("/parallel?count=5000&delay=1s", "svg")
        self.assertIn("More than 1000 tasks are not drawn", text)
        xml.dom.minidom.parseString(text)

    def test_every_shape_is_a_trace(self):
        for target in SHAPES + ["/parallel?count=5000&delay=1s"]:
            events = json.loads(self.body(target, "trace"))["traceEvents"]
            states = json.loads(self.served.ask(f"{target}&clock=virtual&timeline=states")[2])
            slices = [event for event in events if event["ph"] == "X"]
            lasting = [entry for entry in states["timeline"] if entry.get("state") in ("waiting", "blocking", "ready")]
            self.assertEqual(len(slices), len(lasting), target)
            for event, entry in zip(slices, lasting):
                self.assertAlmostEqual(event["ts"], entry["at_seconds"] * 1e6, places=2)
                self.assertLessEqual(event["ts"] + event["dur"], states["elapsed_seconds"] * 1e6 + 0.01)
            said = [event["name"] for event in events if event["ph"] == "i" and event["name"] in ("Hello", "World")]
            self.assertEqual(said, states["output"], target)
        waits = [event["dur"] for event in json.loads(self.body("/run?plan=race(hi(3s),hi(1s))", "trace"))["traceEvents"] if event["ph"] == "X"]
        self.assertEqual(waits, [1e6, 1e6])  # who lost did not wait for three

    def test_every_shape_line_by_line(self):
        for target in SHAPES:
            head, *entries, end = [json.loads(line) for line in self.body(target, "ndjson").splitlines()]
            states = json.loads(self.served.ask(f"{target}&clock=virtual&timeline=states")[2])
            self.assertEqual(entries, states["timeline"], target)
            self.assertEqual((head["groups"], head["tasks"], head.get("plan")), (states["groups"], states["tasks"], states.get("plan")))
            self.assertEqual((end["elapsed_seconds"], end.get("error")), (states["elapsed_seconds"], states.get("error")))
            self.assertEqual((head["outcome"], end["outcome"]), ("running", states.get("outcome", "done")))

    def test_lines_come_as_it_happens(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.served.port, timeout=30)
        connection.request("GET", "/sequence?delay=300ms&count=2&format=ndjson")
        answer = connection.getresponse()
        self.assertEqual((answer.status, answer.headers["Content-Type"], answer.headers["X-Accel-Buffering"]), (200, "application/x-ndjson", "no"))
        came = []
        began = time.monotonic()
        while line := answer.readline():
            came.append((time.monotonic() - began, json.loads(line)))
        for at, object_ in came[1:]:
            happened = object_.get("at_seconds", object_.get("elapsed_seconds"))
            self.assertGreaterEqual(at, happened - 0.05)
        self.assertLess(came[0][0], 0.25)  # the head, long before the first World
        self.assertEqual([o["says"] for _, o in came if "says" in o], ["Hello", "World"] * 2)
        connection.close()

    def test_cancelled_ones_are_told_though_nothing_is_said(self):
        lines = self.served.ask("/run?plan=timeout(50ms,hi(5s))&format=ndjson")[2].decode().splitlines()
        self.assertEqual(json.loads(lines[-2])["reason"], "timeout")

    def test_also_of_recordings(self):
        self.served.ask("/parallel?delay=5ms", X_Request_Id="views-1")
        run = self.served.run_of("views-1")["run"]
        status, headers, body = self.served.ask(f"/runs/{run}?format=svg")
        self.assertEqual((status, headers["Content-Type"]), (200, "image/svg+xml"))
        self.assertEqual(body.decode().count('class="w"'), 3)
        self.assertEqual(len([e for e in json.loads(self.served.ask(f"/runs/{run}?format=trace")[2])["traceEvents"] if e["ph"] == "X"]), 3)

    def test_named_in_accept(self):
        for kind in ("image/svg+xml", "application/x-ndjson"):
            self.assertEqual(self.served.ask("/hi?delay=0", Accept=kind)[1]["Content-Type"], kind)
        self.assertEqual(self.served.ask("/hi?delay=0", Accept="image/*, */*;q=0.1")[1]["Content-Type"], "application/json")


if __name__ == "__main__":
    unittest.main(warnings="ignore")
