"""The page in a real browser, on a real awaitd: every check of its design. page_test.py [SHARD OF | TEST...]

PAGE_AWAITD, PAGE_SHOTS (where screenshots go) and PAGE_AXE (axe-core's source; without it that one
check is skipped) come from the environment.
"""
import concurrent.futures
import json
import os
import subprocess
import time
import unittest
import urllib.request

from browser import Awaitd, Browser, eventually, main

from selenium.webdriver.common.keys import Keys

SCENES = 7


def ask(awaitd, target, **headers):
    request = urllib.request.Request(awaitd.url + target, headers={k.replace("_", "-"): v for k, v in headers.items()})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.read().decode()


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.awaitd = Awaitd()
        cls.browser = Browser()

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()
        cls.awaitd.stop()

    def setUp(self):
        self.browser.media()
        self.browser.resize(1440, 900)
        self.browser.open("about:blank")
        self.browser.console()

    def tearDown(self):
        """Under its policy the page writes nothing."""
        silent = [line for line in self.browser.console() if "net::ERR" not in line and "with a status of" not in line]
        self.assertEqual(silent, [])

    # ---- what it takes to say something of it

    def show(self, query="", wait="rows"):
        self.browser.open(f"{self.awaitd.url}/{query}")
        eventually(lambda: self.browser.js("return document.querySelectorAll('#rows .row').length"), "the rows")
        if wait == "end":
            self.at_rest()

    def at_rest(self):
        eventually(lambda: self.browser.js(
            "return document.querySelector('#playhead').classList.contains('rest') && "
            "document.querySelector('#b-play').getAttribute('aria-label') === 'Play'"), "the end of the runs")

    def sentences(self):
        return [text.replace("\u00a0", " ") for text in self.browser.texts("#rows .now")]

    def lead(self):
        return self.browser.text("#lead").replace("\u00a0", " ")

    def position(self):
        return self.browser.js("return [document.querySelector('#playhead span').textContent, "
                               "[...document.querySelectorAll('.now')].map(e => e.textContent).join('|'), "
                               "[...document.querySelectorAll('.out ol')].map(e => e.textContent).join('|')]")

    # ---- the first ten seconds

    def test_the_first_screen_gives_the_answer(self):
        self.show(wait="end")
        self.assertEqual(self.lead(), "Three tasks. Each waits one second. Together that takes 1 s. One after another, 3 s.")
        self.assertEqual(self.sentences(), ["All three waited at the same time: 1 s is enough for all.",
                                            "Each one waited for the one before it: 1 s + 1 s + 1 s."])
        words = [text.replace("\u00a0", " ") for text in self.browser.texts("#rows svg text")]
        self.assertIn("1 s, shared by all three", words)
        self.assertIn("2 s sooner", words)
        self.assertEqual(words.count("1 s"), 3)
        self.assertEqual(self.browser.texts("#rows .out")[0].count("Hello"), 3)
        self.assertTrue(self.browser.js("return document.querySelector('#stage').getBoundingClientRect().bottom <= innerHeight"))
        self.browser.picture("01-first-screen")

    def test_it_plays_by_itself_while_it_runs(self):
        self.show()
        seen = set()
        end = time.monotonic() + 6
        while time.monotonic() < end:
            seen.update(self.sentences())
        self.assertIn("All three wait, at the same time. The thread is free.", seen)
        self.assertIn("Task 2 waits. Task 3 has not begun.", seen)

    def test_every_scene(self):
        leads = ["Three tasks. Each waits one second.", "Three tasks wait 3 s, 1 s, 2 s.", "The same tasks, but one line is wrong.",
                 "The same tasks, but one word is missing.", "200 tasks. Each waits 20 ms.", "Not everything gets to its end.",
                 "The same three tasks, four ways."]
        verdicts = {3: "time.sleep() held the only thread, so the waits could not overlap: 1 s + 1 s + 1 s.",
                    4: "Nothing waited. Each sleep was made and thrown away: the await is missing.",
                    6: "One failed, two were cancelled, and the others went on to their end."}
        self.show()
        for scene in range(1, SCENES + 1):
            self.browser.keys(str(scene))
            eventually(lambda: leads[scene - 1] in self.lead(), f"scene {scene}")
            self.at_rest()
            self.assertIn(leads[scene - 1], self.lead())
            if scene in verdicts:
                self.assertEqual(self.sentences()[1], verdicts[scene])
            self.assertEqual(self.browser.js("return document.querySelector('#scenes [aria-current=true]').textContent.trim().slice(-1)"), str(scene))
            self.browser.picture(f"scene-{scene}")
            self.assertEqual(self.overlaps(), [], f"scene {scene}")
        self.assertEqual(self.sentences()[3], verdicts[4])

    # ---- time

    def test_steps_forward_and_back(self):
        self.show("?a=/parallel&b=/sequence&t=0")
        total = 18
        forward = [self.position()]
        for _ in range(total):
            self.browser.keys(Keys.ARROW_RIGHT)
            forward.append(self.position())
        self.assertEqual(len({json.dumps(one) for one in forward}), total + 1)
        self.assertIn("Task 1 runs and says Hello.", forward[1][1])
        self.assertIn("awaits 1\u00a0s and steps aside: the thread is free for others.", forward[2][1])
        back = [self.position()]
        for _ in range(total):
            self.browser.keys(Keys.ARROW_LEFT)
            back.append(self.position())
        self.assertEqual(back[::-1], forward)

    def test_ruler_lanes_and_keys_reach_the_same(self):
        self.show("?a=/parallel&b=/sequence&t=0")
        self.browser.js("const s = document.querySelector('#scrub'); s.value = 1.5; s.dispatchEvent(new Event('input', {bubbles: true}))")
        by_ruler = self.position()
        self.browser.keys(Keys.HOME)
        x = self.browser.js("const s = document.querySelector('#scrub').getBoundingClientRect(), max = +document.querySelector('#scrub').max;"
                            "return s.left + 10 + 1.5 / max * (s.width - 20)")
        self.browser.js("""const lanes = document.querySelector('.lanes'), y = lanes.getBoundingClientRect().top + 40;
            for (const kind of ['pointerdown', 'pointerup']) lanes.dispatchEvent(new PointerEvent(kind,
                {clientX: arguments[0], clientY: y, bubbles: true, pointerId: 1, button: 0}))""", x)
        self.assertEqual(self.position(), by_ruler)
        self.assertEqual(by_ruler[0], "1.500\u00a0s")
        self.assertIn("t=1.5", self.browser.js("return location.search"))
        self.show(self.browser.js("return location.search"))
        self.assertEqual(self.position(), by_ruler)

    def test_play_pause_and_speed(self):
        self.show("?a=/parallel&b=/sequence&t=0")
        self.browser.keys("+", "+", " ")
        self.assertEqual(self.browser.js("return document.querySelector('#speed').value"), "10")
        self.at_rest()
        self.assertEqual(self.browser.text("#playhead span"), "3.000\u00a0s")
        self.browser.keys(Keys.HOME, "-", "-", "-", "-", " ")
        self.assertEqual(self.browser.js("return document.querySelector('#b-play').getAttribute('aria-label')"), "Pause")
        self.browser.keys(" ")
        self.assertEqual(self.browser.js("return document.querySelector('#b-play').getAttribute('aria-label')"), "Play")

    # ---- predicting and editing

    def predict(self, seconds, words):
        for j, (value, order) in enumerate(zip(seconds, words)):
            self.browser.js("const r = document.querySelectorAll('.ask input')[arguments[0]]; r.value = arguments[1];"
                            "r.dispatchEvent(new Event('input'))", j, value)
            for word in order:
                self.browser.js("[...document.querySelectorAll('.guess')[arguments[0]].querySelectorAll('button')]"
                                ".find(b => b.textContent === arguments[1]).click()", j, word)

    def test_predicting_right_and_wrong(self):
        together, in_turn = ["Hello"] * 3 + ["World"] * 3, ["Hello", "World"] * 3
        self.show(wait="end")
        self.browser.keys("p")
        self.assertEqual(self.browser.js("return document.querySelectorAll('.ask input').length"), 2)
        self.assertEqual(self.browser.texts(".secs"), ["?", "?"])
        self.browser.picture("13-predict")
        self.predict((1, 3), (together, in_turn))
        self.browser.click("#b-predict")
        eventually(lambda: "You had" in self.lead(), "the score")
        self.at_rest()
        self.assertIn(self.score((1, 3), 2), self.lead())
        self.browser.picture("14-predicted")
        self.browser.keys("p")
        self.predict((3, 3), (in_turn, in_turn))
        self.browser.click("#b-predict")
        eventually(lambda: "You had" in self.lead(), "the score")
        self.at_rest()
        self.assertIn(self.score((3, 3), 1), self.lead())
        self.assertIn("You: 3 s ✗, order ✗", self.sentences()[0])
        self.assertIn("you: 3\u00a0s", self.browser.texts("#rows svg text"))

    def score(self, seconds, orders):
        """What the headline has to say; on a machine that is busy a run may well take longer."""
        took = [float(text.split("\u00a0")[0].rstrip("sm")) for text in self.browser.texts(".secs")]
        right = orders + sum(abs(guess - one) <= max(0.125, one / 10) for guess, one in zip(seconds, took))
        return f"You had {'all four' if right == 4 else ('no', 'one', 'two', 'three')[right] + ' of four'} right."

    def edit(self, j, text):
        self.browser.js("document.querySelectorAll('.row')[arguments[0]].querySelector('.req button').click()", j)
        self.browser.js("document.querySelector('.edit input, .edit textarea').value = arguments[0]", text)
        self.browser.keys(Keys.ENTER)

    def test_editing_a_request(self):
        self.show(wait="end")
        self.edit(0, "/parallel?delay=700ms,100ms")
        eventually(lambda: "two tasks" in self.lead(), "the new request")
        self.at_rest()
        self.assertEqual(self.sentences()[0], "They waited at the same time: it takes as long as the longest, 0.7 s.")
        self.assertIn("a=/parallel?delay=700ms,100ms", self.browser.js("return location.search"))
        self.edit(0, "/parallel?delay=soon")
        eventually(lambda: self.browser.text(".problem"), "the server's word")
        self.assertIn("delay: 'soon' is not a duration", self.browser.text(".problem"))
        self.assertEqual(self.browser.js("return document.querySelector('.edit input').value"), "/parallel?delay=soon")
        self.assertEqual(self.browser.js("return document.querySelectorAll('.row.editing').length"), 1)
        self.browser.keys(Keys.ESCAPE)
        self.assertEqual(self.browser.text(".problem"), "")

    def test_a_plan_and_an_error_under_its_word(self):
        self.show("?a=/run?plan=race(hi(300ms),hi(100ms))", wait="end")
        self.assertEqual(self.sentences()[0], "One was cancelled, and the other went on to its end.")
        self.assertIn("⊣ lost the race", self.browser.texts("#rows svg text"))
        self.assertIn("race", self.browser.texts("#rows svg text"))
        self.browser.click(".req button")
        self.browser.js("document.querySelector('.edit textarea').value = 'parallel(hi(1s),rase(hi))'")
        self.browser.keys(Keys.ENTER)
        eventually(lambda: self.browser.text(".problem"), "the server's word")
        self.assertIn("did you mean 'race'", self.browser.text(".problem"))
        self.assertEqual(self.browser.text(".problem mark"), "rase")
        self.browser.picture("15-plan-error")
        self.browser.js("document.querySelector('.edit textarea').value = 'parallel(hi(200ms),race(hi(100ms),hi(50ms)))'")
        self.browser.keys(Keys.ENTER)
        eventually(lambda: self.browser.js("return !document.querySelector('.edit')"), "the plan that is right")
        self.at_rest()
        self.assertEqual(self.browser.js("return document.querySelectorAll('.lanes svg').length"), 1)

    # ---- live

    def card(self, text):
        return next((one for one in self.browser.texts("#feed li") if text in one), None)

    def test_a_curl_grows_in_live(self):
        self.show("?a=/hi&t=0")
        eventually(lambda: self.browser.js("return document.querySelector('#pill').dataset.state") == "live", "the stream")
        with concurrent.futures.ThreadPoolExecutor() as pool:
            asked = pool.submit(ask, self.awaitd, "/sequence?delay=700ms")
            running = eventually(lambda: (self.card("/sequence?delay=700ms") or "") if "▸" in (self.card("/sequence?delay=700ms") or "") else None, "the card")
            self.assertIn("…", running)
            self.browser.picture("17-live")
            asked.result()
        eventually(lambda: "✓ 2.1" in (self.card("/sequence?delay=700ms") or ""), "its end")
        self.browser.js("[...document.querySelectorAll('#feed button')].find(b => b.textContent.includes('/sequence?delay=700ms')).click()")
        eventually(lambda: len(self.sentences()) == 2, "the run in B")
        self.assertEqual(self.sentences()[1], "Each one waited for the one before it: 0.7 s + 0.7 s + 0.7 s.")

    def test_who_leaves_is_seen(self):
        self.show("?a=/hi&t=0")
        eventually(lambda: self.browser.js("return document.querySelector('#pill').dataset.state") == "live", "the stream")
        subprocess.run(["curl", "-s", "-m", "0.4", self.awaitd.url + "/parallel?delay=5s"], check=False)
        eventually(lambda: "⊣ client left" in (self.card("/parallel?delay=5s") or ""), "the cut")

    def test_pages_that_were_left_hold_no_stream(self):
        """A browser has six connections to a server, for all its pages, kept ones too."""
        for i in range(8):
            self.show(f"?a=/hi?delay={i}ms&t=0")
            eventually(lambda: self.browser.js("return document.querySelector('#pill').dataset.state") == "live", "the stream")
        viewers = lambda: next(line for line in ask(self.awaitd, "/metrics").splitlines() if line.startswith("awaitd_viewers "))
        eventually(lambda: viewers() == "awaitd_viewers 1", "one stream")
        self.browser.driver.back()
        eventually(lambda: self.browser.js("return document.querySelector('#pill').dataset.state") == "live", "the stream again")

    def test_mine_only(self):
        self.show(wait="end")
        ask(self.awaitd, "/hi?delay=3ms")
        eventually(lambda: self.card("/hi?delay=3ms") and self.card("/sequence"), "the card of another, and one's own")
        self.browser.click("#mine")
        visible = self.browser.js("return [...document.querySelectorAll('#feed li:not([hidden])')].map(e => e.textContent)")
        self.assertTrue(visible and not any("/hi?delay=3ms" in one for one in visible), visible)

    def test_hostile_text_stays_text(self):
        hostile = "<img-src=x-onerror=alert(1)>"
        ask(self.awaitd, "/hi?delay=2ms", X_Request_Id="evil-" + "b" * 20)
        request = urllib.request.Request(self.awaitd.url + "/run?plan=hi(1ms)&clock=real&x=%3Cscript%3E", headers={"X-Request-Id": hostile})
        try:
            urllib.request.urlopen(request)
        except urllib.error.HTTPError:
            pass
        urllib.request.urlopen(urllib.request.Request(self.awaitd.url + "/hi?delay=1ms&timeline=%66alse", headers={"X-Request-Id": hostile}))
        self.show("?a=/hi?%3Cscript%3Ealert(1)%3C/script%3E=1&b=/parallel")
        eventually(lambda: self.card("/hi?delay=1ms"), "the card")
        self.assertEqual(self.browser.js("return document.querySelectorAll('#rows img, #feed img, #rows script, #feed script').length"), 0)
        self.browser.js("if (window.alerted) throw 1")

    def test_the_server_goes_and_comes_back(self):
        awaitd = Awaitd()
        self.browser.open(awaitd.url + "/?a=/parallel&b=/sequence&t=0")
        eventually(lambda: self.browser.js("return document.querySelector('#pill').dataset.state") == "live", "the stream")
        awaitd.stop()
        eventually(lambda: self.browser.js("return document.querySelector('#pill').dataset.state") == "gone", "the word that it is gone")
        self.assertIn("What is on the page is recorded", self.browser.text("#bars"))
        self.assertTrue(self.browser.js("return document.querySelector('#b-run').disabled"))
        self.assertIn("until", self.browser.text("#until"))
        self.browser.picture("16-server-gone")
        before = self.position()
        self.browser.keys(Keys.ARROW_RIGHT)
        self.assertNotEqual(self.position(), before)  # what is recorded still plays
        self.browser.keys("+", "+", " ")
        self.at_rest()
        with Awaitd(port=awaitd.port) as again:
            eventually(lambda: self.browser.js("return document.querySelector('#pill').dataset.state") == "live", "the stream again")
            self.assertEqual(self.browser.text("#bars"), "")
            ask(again, "/hi?delay=7ms")
            eventually(lambda: self.card("/hi?delay=7ms"), "a run of the new server")

    def test_a_page_that_is_too_slow_is_told(self):
        hook = self.browser.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source":
            "window.EventSource = class extends EventSource { constructor(...a) { super(...a); window.awaitdEvents = this; } }"})
        self.show("?a=/hi&t=0")
        self.browser.driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", {"identifier": hook["identifier"]})
        eventually(lambda: self.browser.js("return document.querySelector('#pill').dataset.state") == "live", "the stream")
        ask(self.awaitd, "/parallel?delay=2ms")
        eventually(lambda: self.card("/parallel?delay=2ms"), "the card")
        run = self.browser.js("return document.querySelector('#feed li').dataset.run")
        self.browser.js("window.awaitdEvents.dispatchEvent(new MessageEvent('dropped', {data: JSON.stringify({events: 14, runs: [arguments[0]]})}))", run)
        self.assertIn("14 events were dropped", self.browser.text("#bars"))
        self.browser.click("#bars .dropped button")
        eventually(lambda: self.browser.text("#bars") == "", "the bar's end")

    def test_nothing_live(self):
        with Awaitd("--live", "off") as awaitd:
            self.browser.open(awaitd.url + "/")
            eventually(lambda: self.browser.js("return document.body.classList.contains('no-live')"), "no Live")
            self.assertFalse(self.browser.js("return document.querySelector('#feed').checkVisibility()"))
            self.at_rest()
            self.assertIn("at the same time", self.sentences()[0])

    # ---- for everybody

    def test_reduced_motion_starts_nothing(self):
        self.browser.media(reduced_motion=True)
        self.show()
        self.assertEqual(self.browser.js("return document.querySelector('#b-play').getAttribute('aria-label')"), "Play")
        self.assertEqual(self.sentences(), ["All three waited at the same time: 1 s is enough for all.",
                                            "Each one waited for the one before it: 1 s + 1 s + 1 s."])
        self.browser.keys(" ")
        seen = {self.browser.text("#playhead span") for _ in range(100)}
        self.assertLessEqual(len(seen), 6)  # it jumps from event to event
        self.at_rest()
        self.browser.picture("28-reduced-motion")

    def test_keyboard_only(self):
        self.show("?a=/parallel&b=/sequence&t=0")
        reached = set()
        for _ in range(60):
            self.browser.keys(Keys.TAB)
            reached.add(self.browser.js("const e = document.activeElement; return e.id || e.getAttribute('aria-label') || e.textContent.trim()"))
        for name in ("b-share", "b-theme", "b-help", "scrub", "b-home", "b-prev", "b-play", "b-next", "b-end", "speed", "b-predict", "b-run",
                     "Edit A's request", "Copy B as curl", "mine"):
            self.assertIn(name, reached)
        self.browser.keys("?")
        self.assertTrue(self.browser.js("return document.querySelector('#dialog').open"))
        self.browser.keys(Keys.ESCAPE)
        self.assertFalse(self.browser.js("return document.querySelector('#dialog').open"))

    def test_the_accessibility_tree_has_the_verdicts(self):
        self.show(wait="end")
        nodes = self.browser.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
        names = [node.get("name", {}).get("value", "").replace("\u00a0", " ") for node in nodes]
        self.assertTrue(any("parallel, 3 tasks, 1.0" in name and "Task 1: Hello at" in name for name in names))
        self.assertTrue(any("One after another." in name for name in names))
        self.assertTrue(any("All three waited" in name or "at the same time" in name for name in names))
        self.browser.js("document.querySelector('#table').open = true")
        eventually(lambda: len(self.browser.texts("#table tbody tr")) == 18, "the table")

    def test_axe_finds_nothing(self):
        source = os.environ.get("PAGE_AXE")
        if not source or not os.path.exists(source):
            self.skipTest("axe-core is not installed")
        with open(source, encoding="utf-8") as file:
            axe = file.read()
        for query, dark in (("", False), ("", True), ("?scene=3", False), ("?scene=6", True)):
            self.browser.media(dark=dark)
            self.show(query, wait="end")
            self.browser.js("document.querySelector('#table').open = true")
            self.browser.driver.execute_script(axe)
            found = self.browser.driver.execute_async_script(
                "const done = arguments[arguments.length - 1];"
                "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice']})"
                ".then(r => done(r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.target.join(' ') + ' ' + n.failureSummary).slice(0, 3).join('; '))))")
            self.assertEqual(found, [], f"{query} {'dark' if dark else 'light'}")

    def test_dark(self):
        self.browser.media(dark=True)
        self.show(wait="end")
        self.browser.picture("02-dark")
        self.assertEqual(self.browser.js("return getComputedStyle(document.body).backgroundColor"), "rgb(14, 17, 23)")
        self.browser.keys("t")
        self.assertEqual(self.browser.js("return getComputedStyle(document.body).backgroundColor"), "rgb(246, 243, 236)")
        self.browser.js("localStorage.clear()")

    def overlaps(self):
        """Pairs of texts of one picture or one column that lie on each other."""
        return self.browser.js("""
            const found = [];
            for (const svg of document.querySelectorAll('#rows svg, #rulebox svg')) {
              const boxes = [...svg.querySelectorAll('text')].map(e => [e.textContent, e.getBoundingClientRect()]).filter(([, b]) => b.width);
              for (let i = 0; i < boxes.length; i++) for (let j = 0; j < i; j++) {
                const [s, a] = boxes[i], [t, b] = boxes[j];
                const w = Math.min(a.right, b.right) - Math.max(a.left, b.left), h = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
                if (w > 1.5 && h > 4) found.push(s + ' / ' + t);
              }
            }
            const wide = document.documentElement.scrollWidth - innerWidth;
            if (wide > 0) found.push('the page is ' + wide + ' px too wide');
            return found""")

    def test_no_overlap_at_any_width(self):
        for width, height in ((390, 844), (860, 900), (1080, 900), (1440, 900)):
            self.browser.resize(width, height)
            for scene in (1, 2, 3, 4, 5, 6, 7):
                self.browser.media(reduced_motion=True)
                self.show(f"?scene={scene}")
                self.assertEqual(self.overlaps(), [], f"scene {scene} at {width} px")
                if scene in (1, 3):
                    self.browser.picture(f"width-{width}-scene-{scene}")

    def test_a_phone_shows_the_whole_on_its_first_screen(self):
        self.browser.resize(390, 844)
        self.browser.media(reduced_motion=True)
        self.show()
        bottoms = self.browser.js("return [...document.querySelectorAll('.lanes')].map(e => e.getBoundingClientRect().bottom)")
        foot = self.browser.js("return document.querySelector('.foot').getBoundingClientRect()")
        self.assertLessEqual(max(bottoms), foot["top"])
        self.assertLessEqual(foot["bottom"], 844)
        small = self.browser.js("return [...document.querySelectorAll('.foot button, header button, .scenes button')]"
                                ".filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 40).map(e => e.id || e.textContent)")
        self.assertEqual(small, [])

    def test_contrast_of_the_tokens(self):
        """Text 4.5 to 1 on every ground that it stands on, drawing 3 to 1, in light and dark."""
        self.show("?a=/hi&t=0")
        texts = [("ink", "bg"), ("ink", "card"), ("ink", "sunk"), ("muted", "bg"), ("muted", "card"), ("muted", "sunk"), ("run", "card"),
                 ("run", "waitbg"), ("waitink", "waitbg"), ("waitink", "card"), ("ready", "readybg"), ("block", "card"), ("block", "blockbg"),
                 ("onblock", "block"), ("never", "neverbg"), ("never", "card"), ("done", "donebg"), ("done", "card"), ("fail", "card"),
                 ("onaccent", "run"), ("ink", "pen"), ("block", "pen")]
        drawn = [("wait", "waitbg"), ("wait", "card"), ("wait", "blockbg"), ("ready", "card"), ("block", "card"), ("never", "card")]
        for dark in (False, True):
            self.browser.media(dark=dark)
            for pairs, least in ((texts, 4.5), (drawn, 3)):
                for one, other in pairs:
                    ratio = self.browser.js("""
                        const probe = document.createElement('i'); document.body.append(probe);
                        const light = name => { probe.style.color = `var(--${name})`;
                          const [r, g, b] = getComputedStyle(probe).color.match(/\\d+/g).map(v => { v /= 255; return v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; });
                          return .2126 * r + .7152 * g + .0722 * b; };
                        const a = light(arguments[0]), b = light(arguments[1]); probe.remove();
                        return (Math.max(a, b) + .05) / (Math.min(a, b) + .05)""", one, other)
                    self.assertGreaterEqual(ratio, least, f"{one} on {other}, {'dark' if dark else 'light'}")

    # ---- links

    def test_a_link_sets_the_page_up(self):
        self.show("?a=/parallel?delay=300ms,100ms%26count=2&b=/hi?delay=200ms&speed=0.25&lang=c&t=0.15")
        self.assertEqual(self.browser.text("#playhead span"), "0.150\u00a0s")
        self.assertEqual(self.browser.js("return document.querySelector('#speed').value"), ".25")
        self.assertIn("await(gather(co, hi, each, 2));", self.browser.text(".code"))
        self.show("?embed=1&predict=1")
        self.assertFalse(self.browser.js("return document.querySelector('header').checkVisibility()"))
        self.assertEqual(self.browser.texts(".secs"), ["?", "?"])

    def test_a_recording_in_the_link_needs_no_server(self):
        awaitd = Awaitd()
        ask(awaitd, "/parallel?delay=40ms,20ms", X_Request_Id="link-1")
        run = eventually(lambda: json.loads(ask(awaitd, "/runs?request_id=link-1"))["runs"], "the recording")[0]["run"]
        self.browser.open(f"{awaitd.url}/?a=run:{run}")
        eventually(lambda: self.sentences(), "the row")
        self.browser.js("navigator.clipboard.writeText = text => { window.copied = text; return Promise.resolve(); }")
        self.browser.click("#b-share")
        link = eventually(lambda: self.browser.js("return window.copied"), "the link")
        self.assertIn("#r=", link)
        awaitd.stop()
        self.browser.open(self.awaitd.url + "/" + link.split("/", 3)[3])
        eventually(lambda: self.sentences(), "the row from the link")
        self.assertEqual(self.sentences(), ["They waited at the same time: it takes as long as the longest, 40 ms."])

    def test_a_run_that_is_gone(self):
        self.show("?a=/hi?delay=1ms&b=run:0000-1")
        self.assertIn("There is no run '0000-1' of this process.", self.browser.text(".problem"))

    def test_a_link_that_is_wrong_says_so(self):
        self.show("?a=/hi?delay=never")
        self.assertIn("delay: 'never' is not a duration", self.browser.text(".problem"))

    def test_a_refusal_says_when_to_come_back(self):
        with Awaitd("--max-blocking", "1") as awaitd:
            holding = subprocess.Popen(["curl", "-s", awaitd.url + "/sequence?sleep=blocking&delay=2s"], stdout=subprocess.DEVNULL)
            self.browser.open(awaitd.url + "/?a=/hi&b=/hi?sleep=blocking%26delay=10ms")
            eventually(lambda: "Try again" in self.browser.text(".row:nth-child(2) .code"), "the word when to come back")
            self.assertIn("max_blocking is 1", self.browser.text(".problem"))
            holding.wait()
            eventually(lambda: self.browser.js("return !document.querySelector('.row:nth-child(2) .code > button').disabled"), "the time to come back")
            self.browser.click(".row:nth-child(2) .code > button")
            eventually(lambda: self.browser.text(".problem") == "", "the answer")

    # ---- many

    def test_many_tasks(self):
        self.show("?a=/parallel?count=1000%26delay=100ms&b=/sequence?count=1000%26delay=1ms")
        self.at_rest()
        self.assertIn("All 1,000 waited at the same time", self.sentences()[0])
        self.assertEqual(self.browser.js("return document.querySelectorAll('#rows canvas').length"), 2)
        self.assertLess(self.browser.js("return document.querySelectorAll('#rows svg *').length"), 400)
        self.browser.picture("29-1000-tasks")

    def test_a_frame_costs_little(self):
        """Script of a frame, with two rows of 1,000 tasks: the median of 200, far below a frame's time."""
        self.show("?a=/parallel?count=1000%26delay=100ms&b=/sequence?count=1000%26delay=1ms&t=0")
        cost = self.browser.js("""
            const scrub = document.querySelector('#scrub'), costs = [];
            for (let k = 0; k < 200; k++) {
              scrub.value = k / 200 * +scrub.max;
              const before = performance.now();
              scrub.dispatchEvent(new Event('input', {bubbles: true}));
              costs.push(performance.now() - before);
            }
            return costs.sort((a, b) => a - b)[100]""")
        print(f"a frame's script: {cost:.2f} ms")
        self.assertLess(cost, 16)


def run():
    """All tests; those that are named; or each OF-th of them, so that several can run side by side."""
    import sys
    if len(sys.argv) == 3 and sys.argv[1].isdigit():
        shard, of = int(sys.argv[1]), int(sys.argv[2])
        names = unittest.defaultTestLoader.getTestCaseNames(Page)
        sys.argv[1:] = [f"Page.{name}" for name in names[shard - 1::of]]
    unittest.main(warnings="ignore", verbosity=2)


if __name__ == "__main__":
    main(run)
