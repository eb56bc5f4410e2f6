"""/run as a request among its siblings: what is asked, refused and answered, over HTTP: requests_test.py
AWAITD"""
import json
import subprocess
import sys
import unittest
from collections import Counter

from service import Service

BINARY = sys.argv.pop(1)


class Requests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.service = Service(BINARY)

    @classmethod
    def tearDownClass(cls):
        cls.service.__exit__()

    def ask(self, target, method="GET", body=None, **headers):
        """Status, headers, body."""
        connection = self.service.connection
        connection.request(method, target.replace(" ", "%20").replace("\n", "%0A"), body,
                           {name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()

    def run_of(self, target, **headers):
        status, _, body = self.ask(target, **headers)
        self.assertEqual(status, 200, body)
        return json.loads(body)

    # ---- asking

    def test_the_answer(self):
        run = self.run_of("/run?plan= parallel ( 2 * hi , fail(20ms) )&delay=30ms")
        self.assertEqual(run["endpoint"], "run")
        self.assertEqual(run["plan"], "parallel(2*hi(30ms),fail(20ms))")
        self.assertEqual(run["output"], ["Hello"] * 3)
        self.assertEqual((run["outcome"], run["error"]), ("failed", "task 3 failed"))
        self.assertTrue(0.02 <= run["elapsed_seconds"])

    def test_a_body(self):
        plan = "race( hi(10ms),\n hi(20ms) )"
        said = "race(hi(10ms),hi(20ms))"
        for kind, body in (("text/plain", plan), ("text/plain; charset=utf-8", plan), ("TEXT/Plain", plan),
                           ("application/x-www-form-urlencoded", plan),
                           ("application/x-www-form-urlencoded", "plan=race(hi(10ms)%2C+hi(20ms))")):
            status, _, answer = self.ask("/run", "POST", body, Content_Type=kind)
            self.assertEqual((status, json.loads(answer)["plan"]), (200, said), kind)
        status, _, answer = self.ask("/run?plan=hi", "POST", "", Content_Type="text/plain")
        self.assertEqual(status, 200, answer)
        status, _, answer = self.ask("/run", "POST", "{}", Content_Type="application/json")
        self.assertEqual((status, "application/json" in answer), (415, True))
        status, _, answer = self.ask("/run?plan=hi", "POST", plan, Content_Type="text/plain")
        self.assertEqual((status, "once is enough" in answer), (400, True))

    def test_a_long_body(self):
        """As long as a plan may be, over HTTP/1 and HTTP/2; and one byte more."""
        plan = "parallel(" + ",".join(["hi(0s)"] * 9000) + ")"
        plan += " " * (65536 - len(plan))
        for version in ("--http1.1", "--http2-prior-knowledge"):
            for body, expected in ((plan, "200"), (plan + " ", "413")):
                done = subprocess.run(
                    ["curl", "-s", version, "-o", "-", "-w", "\n%{http_code}", "-H", "Content-Type: text/plain",
                     "--data-binary", "@-", f"http://127.0.0.1:{self.service.port}/run?clock=virtual"],
                    input=body.encode(), stdout=subprocess.PIPE, check=True)
                answer, code = done.stdout.decode().rsplit("\n", 1)
                self.assertEqual(code, expected, answer[:300])
                if code == "200":
                    self.assertEqual(Counter(json.loads(answer)["output"]), {"Hello": 9000, "World": 9000})

    def test_methods(self):
        status, headers, _ = self.ask("/run", "OPTIONS")
        self.assertEqual((status, headers["Allow"]), (204, "GET, HEAD, POST, OPTIONS"))
        self.assertEqual(headers["Access-Control-Allow-Methods"], headers["Allow"])
        status, headers, _ = self.ask("/hi", "POST", "hi")
        self.assertEqual((status, headers["Allow"]), (405, "GET, HEAD, OPTIONS"))
        status, headers, _ = self.ask("/run?plan=hi", "DELETE")
        self.assertEqual((status, headers["Allow"]), (405, "GET, HEAD, POST, OPTIONS"))
        whole = self.ask("/run?plan=hi&clock=virtual")
        status, headers, body = self.ask("/run?plan=hi&clock=virtual", "HEAD")
        self.assertEqual((status, body, headers["Content-Length"]), (200, "", whole[1]["Content-Length"]))

    # ---- refusals

    def test_refusals_point_at_the_place(self):
        for plan, column, *words in (
                ("rase(hi)", 1, "'rase'", "did you mean 'race'?"),
                ("parallel(hi(1s),rase(hi))", 17, "'rase'"),
                ("xyzzy(hi)", 1, "there are hi, fail, sequence", "and shield"),
                ("", 1, "ends where a word"),
                ("hi)", 3, "')'", "the end"),
                ("parallel(hi", 12, "ends where ',' or ')'"),
                ("parallel()", 10, "')'", "a word"),
                ("parallel(hi,)", 13, "')'", "a word"),
                ("parallel hi", 10, "'hi'", "'('"),
                ("hi(1x)", 4, "'1x'", "not a duration", "max_delay"),
                ("hi(1001s)", 4, "too long", "1000s"),
                ("timeout(hi,1s)", 9, "'hi'", "not a duration"),
                ("timeout(1s)", 11, "')'", "','"),
                ("timeout(1s,hi,hi)", 14, "timeout takes one plan"),
                ("catch(2*hi)", 7, "catch takes one plan"),
                ("3*hi", 1, "/run takes one plan"),
                ("hi,hi", 3, "/run takes one plan"),
                ("limit(0,hi)", 7, "'0'", "1 to 1000"),
                ("retry(1001,hi)", 7, "1 to 1000"),
                ("parallel(0*hi)", 10, "'0'", "1 to 100000", "max_count"),
                ("parallel(100001*hi)", 10, "max_count"),
                ("sequence(hi,parallel(400*parallel(400*hi)))", 26, "'parallel'", "160000", "100000", "max_count"),
                ("retry(1000,retry(1000,retry(1000,hi)))", 12, "'retry'", "1000000", "max_count"),
                ("sequence(hi(1s),sequence(90*hi(1000s)))", 17, "'sequence'", "90000s", "86400s", "max_duration"),
                ("catch(" * 32 + "catch(hi)" + ")" * 32, 193, "32")):
            status, headers, body = self.ask("/run?plan=" + plan)
            problem = json.loads(body)
            self.assertEqual((status, headers["Content-Type"], problem["parameter"]),
                             (400, "application/problem+json", "plan"), body)
            self.assertEqual((problem["line"], problem["column"]), (1, column), body)
            self.assertIn(f"plan: at {column}, ", problem["detail"])
            for word in words:
                self.assertIn(word, problem["detail"])

    def test_a_place_in_several_lines(self):
        status, _, body = self.ask("/run", "POST", "parallel(\n  hi,\n  hii\n)", Content_Type="text/plain")
        problem = json.loads(body)
        self.assertEqual((status, problem["line"], problem["column"]), (400, 3, 3))
        self.assertIn("plan: at line 3, column 3, 'hii' is not known; did you mean 'hi'?", problem["detail"])

    def test_bounds_are_not_too_narrow(self):
        for plan in ("catch(" * 32 + "hi" + ")" * 32, "parallel(100000*hi(0s))", "limit(1000,hi(0s))",
                     "race(90*sequence(90*hi(1000s)),hi(0s))", "timeout(1s,sequence(90*hi(1000s)))"):
            status, _, body = self.ask("/run?clock=virtual&plan=" + plan)
            self.assertEqual(status, 200, body[:300])

    def test_what_does_not_go_together(self):
        for target, words in (("/run", "plan: /run needs one"), ("/run?plan=hi&count=3", "has it in its plan"),
                              ("/run?plan=hi&sleep=blocking", "has it in its plan"),
                              ("/hi?plan=hi", "only /run take a plan"), ("/run?plan=hi&delay=1s,2s", "one delay"),
                              ("/run?plan=hi&clock=slow", "real and virtual"), ("/run?plan=hi&plan=hi", "once")):
            status, _, body = self.ask(target)
            self.assertEqual(status, 400, body)
            self.assertIn(words, json.loads(body)["detail"])

    # ---- the virtual clock

    def test_the_same_each_time(self):
        for target in ("/hi?clock=virtual", "/parallel?delay=3s,1s,2s&timeline=states&clock=virtual",
                       "/sequence?clock=virtual&format=text", "/run?plan=race(hi,fail)&clock=virtual",
                       "/run?plan=race(hi,fail)&format=python", "/parallel?format=python"):
            first, again = self.ask(target), self.ask(target)
            self.assertEqual(first[2], again[2])
            etag = first[1]["ETag"]
            self.assertEqual((again[1]["ETag"], first[1]["Cache-Control"], first[1]["Vary"]), (etag, "no-cache", "Accept"))
            self.assertNotIn("Server-Timing", first[1])
            for given in (etag, "W/" + etag, f'"other", {etag}', "*"):
                status, headers, body = self.ask(target, If_None_Match=given)
                self.assertEqual((status, headers["ETag"], body), (304, etag, ""), given)
            self.assertEqual(self.ask(target, If_None_Match='"other"')[0], 200)

    def test_another_request_has_another_tag(self):
        targets = ["/hi", "/hi?delay=2s", "/hi?timeline=true", "/hi?timeline=states", "/hi?format=text",
                   "/hi?sleep=forgotten", "/parallel", "/parallel?count=4", "/sequence", "/run?plan=hi", "/run?plan=fail",
                   "/run?plan=parallel(hi)"]
        tags = {self.ask(f"{target}{'&' if '?' in target else '?'}clock=virtual")[1]["ETag"] for target in targets}
        self.assertEqual(len(tags), len(targets))

    def test_a_real_run_has_none(self):
        _, headers, _ = self.ask("/hi?delay=0", If_None_Match="*")
        self.assertNotIn("ETag", headers)
        self.assertEqual(headers["Cache-Control"], "no-store")

    def test_exact_times(self):
        for target, elapsed in (("/hi?delay=1ns", "0.000000001"), ("/parallel?delay=3s,1s,2s", "3.000000000"),
                                ("/sequence?delay=3s,1s,2s", "6.000000000"), ("/parallel?sleep=blocking", "3.000000000"),
                                ("/parallel?sleep=forgotten", "0.000000000")):
            _, _, body = self.ask(f"{target}{'&' if '?' in target else '?'}clock=virtual")
            self.assertIn(f'"elapsed_seconds": {elapsed}', body)
        blocked = self.run_of("/sequence?sleep=blocking&clock=virtual")
        self.assertEqual(blocked["loop_blocked_seconds"], 3)

    # ---- what tasks do

    def states(self, target):
        run = self.run_of(target + "&timeline=states&clock=virtual")
        lines = []
        for entry in run["timeline"]:
            tasks = entry["task"] if "task" in entry else "{}-{}".format(*entry["tasks"])
            what = entry.get("says", entry.get("state"))
            more = entry.get("until_seconds", entry.get("delay_seconds", entry.get("reason", "")))
            by = f"/{entry['by_group']}" if "by_group" in entry else ""
            lines.append(f"{entry['at_seconds']:g} {tasks} {what} {more}{by}".strip())
        return run, lines

    def test_states_of_a_race(self):
        run, lines = self.states("/run?plan=race(limit(1,hi(3s),2*hi(1s)),hi(2s))")
        self.assertEqual(lines, ["0 4 Hello", "0 4 waiting 2.0", "0 1 Hello", "0 1 waiting 3.0", "0 2 ready", "0 3 ready",
                                 "2 4 World", "2 4 done", "2 1 cancelled lost_race/1", "2 2 cancelled lost_race/1",
                                 "2 3 cancelled lost_race/1"])
        self.assertEqual(run["groups"], [{"group": 1, "parent": 0, "kind": "race"},
                                         {"group": 2, "parent": 1, "kind": "limit"}])
        self.assertEqual(run["tasks"], [{"task": 1, "group": 2, "delay_seconds": 3},
                                        {"tasks": [2, 3], "group": 2, "delay_seconds": 1},
                                        {"task": 4, "group": 1, "delay_seconds": 2}])

    def test_states_of_failures(self):
        _, lines = self.states("/run?plan=group(hi(2s),fail(1s),group(hi(3s)))")
        self.assertEqual(lines[-4:], ["1 2 failed", "1 1 cancelled sibling_failed/1", "1 3 cancelled sibling_failed/1"][-4:]
                         if len(lines) < 4 else lines[-4:])
        self.assertIn("1 2 failed", lines)
        self.assertIn("1 1 cancelled sibling_failed/1", lines)
        self.assertIn("1 3 cancelled sibling_failed/1", lines)

    def test_reasons(self):
        for plan, line in (("timeout(1s,hi(2s))", "1 1 cancelled timeout/1"),
                           ("catch(timeout(1s,parallel(hi(2s),hi(3s))))", "1 2 cancelled timeout/2"),
                           ("timeout(1s,group(hi(2s)))", "1 1 cancelled timeout/1"),
                           ("race(hi(1s),race(hi(2s)))", "1 2 cancelled lost_race/1"),
                           ("parallel(fail(1s),hi(2s))", "1 2 cancelled abandoned"),
                           ("timeout(1s,shield(hi(2s)))", "1 1 cancelled abandoned"),
                           ("limit(1,timeout(1s,hi(2s)),parallel(hi,hi))", "0 2-3 ready")):
            self.assertIn(line, self.states("/run?plan=" + plan)[1], plan)

    def test_states_of_the_siblings(self):
        run, lines = self.states("/parallel?count=2")
        self.assertEqual(lines, ["0 1 Hello", "0 1 waiting 1.0", "0 2 Hello", "0 2 waiting 1.0", "1 1 World", "1 1 done",
                                 "1 2 World", "1 2 done"])
        self.assertEqual(run["groups"], [{"group": 1, "parent": 0, "kind": "parallel"}])
        self.assertEqual(run["tasks"], [{"tasks": [1, 2], "group": 1, "delay_seconds": 1}])
        run, lines = self.states("/parallel?count=2&sleep=blocking")
        self.assertEqual(lines, ["0 1 Hello", "0 1 blocking 1.0", "1 1 World", "1 1 done", "0 2 ready", "1 2 Hello",
                                 "1 2 blocking 2.0", "2 2 World", "2 2 done"])
        _, lines = self.states("/hi?sleep=forgotten")
        self.assertEqual(lines, ["0 1 Hello", "0 1 World", "0 1 forgotten 1.0", "0 1 done"])
        run, _ = self.states("/sequence?delay=1s,2s")
        self.assertEqual(run["groups"][0]["kind"], "sequence")
        self.assertEqual([task["delay_seconds"] for task in run["tasks"]], [1, 2])
        run, _ = self.states("/hi?delay=1s")
        self.assertEqual((run["groups"], run["tasks"]), ([], [{"task": 1, "group": 0, "delay_seconds": 1}]))

    def test_text(self):
        _, _, body = self.ask("/run?plan=race(hi(1s),sequence(hi(500ms),fail(100ms)))&format=text&clock=virtual")
        self.assertEqual(body, "Hello\nHello\nWorld\nHello\nfailed: task 3 failed\nelapsed: 0.600 s\n")
        _, _, body = self.ask("/run?plan=race(hi(2s),hi(1s))&format=text&timeline=states&clock=virtual")
        self.assertEqual(body, "0.000000 s  task 1  Hello\n0.000000 s  task 1  waiting until 2.000000 s\n"
                               "0.000000 s  task 2  Hello\n0.000000 s  task 2  waiting until 1.000000 s\n"
                               "1.000000 s  task 2  World\n1.000000 s  task 2  done\n"
                               "1.000000 s  task 1  cancelled (lost_race)\nelapsed: 1.000 s\n")

    def test_the_program_prints_the_same(self):
        """By python3 as it is, in real time; but for how long it took."""
        for target in ("/run?plan=race(hi(60ms),hi(20ms))", "/run?plan=group(hi(90ms),fail(20ms))",
                       "/run?plan=limit(2,5*hi(20ms))", "/run?plan=retry(2,timeout(20ms,hi(200ms)))",
                       "/run?plan=sequence(catch(parallel(2*fail(20ms),hi(60ms))),shield(hi(90ms)))",
                       "/run?plan=collect(2*sequence(hi(10ms),fail(20ms)),3*hi(40ms))", "/run?plan=fail(0s)",
                       "/hi?delay=10ms", "/parallel?delay=50ms,10ms", "/sequence?delay=10ms&count=2",
                       "/parallel?delay=10ms&sleep=blocking"):
            more = "&" if "?" in target else "?"
            text, program = (self.ask(f"{target}{more}format={view}")[2] for view in ("text", "python"))
            done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
            lines, ours = done.stdout.splitlines(), text.splitlines()
            self.assertEqual([line for line in lines if not line.startswith("elapsed: ")],
                             [line for line in ours if not line.startswith(("elapsed: ", "loop blocked: "))], target)
            self.assertRegex(lines[-1], r"^elapsed: \d+\.\d{3} s$")
            self.assertEqual(done.stderr, "")

    def test_text_grows_while_it_runs(self):
        """The first word is there before the run can be over."""
        with subprocess.Popen(["curl", "-sgN", f"http://127.0.0.1:{self.service.port}/run?plan=sequence(hi(1s),"
                               "timeout(200ms,hi(1s)))&format=text"], stdout=subprocess.PIPE, text=True) as curl:
            self.assertEqual(curl.stdout.readline(), "Hello\n")
            self.assertEqual(self.service.metric("awaitd_tasks_active"), 1)
            self.assertEqual(curl.stdout.read().splitlines()[:3], ["World", "Hello", "failed: timeout after 0.200 s"])

    def test_it_is_counted(self):
        before = self.service.metric('awaitd_tasks_total{outcome="done"}')
        self.run_of("/run?plan=retry(3,parallel(2*fail(0s)))")
        self.assertEqual(self.service.metric('awaitd_tasks_total{outcome="done"}'), before + 2)
        self.assertGreater(self.service.metric('http_requests_total{method="GET",route="/run",code="200"}'), 0)


if __name__ == "__main__":
    unittest.main()
