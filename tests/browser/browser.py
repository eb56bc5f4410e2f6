"""
A Chromium without a window, and an awaitd for it to look at. Every test makes its own of both; what the
page writes to the console is kept, because under the page's policy it must stay silent.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

PATIENCE_SECONDS = 20


class Awaitd:
    """awaitd on a port of its own, or on the one that it had before."""

    def __init__(self, *arguments, port=0):
        self.process = subprocess.Popen(
            [os.environ["PAGE_AWAITD"], "--host", "127.0.0.1", "--port", str(port), "--log", "json", *arguments],
            stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
        assert found, f"awaitd did not start: {line}"
        self.port = int(found.group(1))
        self.url = f"http://127.0.0.1:{self.port}"
        self.drain = subprocess.Popen(["cat"], stdin=self.process.stdout, stdout=subprocess.DEVNULL)

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
        status = self.process.wait(PATIENCE_SECONDS)
        self.drain.wait(PATIENCE_SECONDS)
        return status

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def eventually(holds, what, seconds=PATIENCE_SECONDS):
    end = time.monotonic() + seconds
    while True:
        value = holds()
        if value:
            return value
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(0.05)


class Browser:
    def __init__(self, width=1440, height=900, reduced_motion=False, dark=False):
        self.profile = tempfile.mkdtemp(prefix="awaitd-browser-")
        options = Options()
        options.binary_location = shutil.which("chromium")
        for argument in ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                         "--disable-background-networking", "--disable-component-update", "--no-first-run",
                         "--hide-scrollbars", f"--user-data-dir={self.profile}", "--force-device-scale-factor=1"]:
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        service = Service(shutil.which("chromedriver"))
        self.driver = webdriver.Chrome(options=options, service=service)
        self.media(reduced_motion, dark)
        self.resize(width, height)

    def media(self, reduced_motion=False, dark=False):
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [
            {"name": "prefers-reduced-motion", "value": "reduce" if reduced_motion else "no-preference"},
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]})

    def resize(self, width, height):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})

    def open(self, url):
        self.driver.get(url)

    def js(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def text(self, selector):
        return self.js("return document.querySelector(arguments[0])?.textContent ?? ''", selector)

    def texts(self, selector):
        return self.js("return [...document.querySelectorAll(arguments[0])].map(e => e.textContent)", selector)

    def click(self, selector):
        self.js("document.querySelector(arguments[0]).click()", selector)

    def keys(self, *keys):
        """Real key presses, to whatever has the focus."""
        from selenium.webdriver.common.action_chains import ActionChains
        chain = ActionChains(self.driver)
        for key in keys:
            chain.send_keys(key)
        chain.perform()

    def picture(self, name):
        """A screenshot, kept where the tests' artefacts are."""
        folder = os.environ.get("PAGE_SHOTS", "/tmp")
        os.makedirs(folder, exist_ok=True)
        self.driver.save_screenshot(os.path.join(folder, name + ".png"))

    def console(self):
        """What the page has written since the last time: errors, warnings, and refusals of its policy."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def close(self):
        self.driver.quit()
        shutil.rmtree(self.profile, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def skip_reason():
    for program in ("chromium", "chromedriver"):
        if shutil.which(program) is None:
            return f"there is no {program}"
    try:
        with Browser() as browser:
            browser.open("data:text/html,hello")
    except Exception as error:  # whatever keeps it from starting, a line of it says why
        return f"chromium does not start here: {str(error).splitlines()[0]}"
    return None


def main(run):
    """Runs the tests, or says why they cannot be run (77, as ctest is told)."""
    reason = skip_reason()
    if reason:
        print(f"SKIP: {reason}")
        sys.exit(77)
    run()
