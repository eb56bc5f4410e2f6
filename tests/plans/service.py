"""An awaitd for a test, with limits that no plan here meets, and what it says of a plan."""
import http.client
import json
import subprocess
import threading
import urllib.parse


class Service:
    def __init__(self, binary, *options):
        self.process = subprocess.Popen(
            [binary, "--port", "0", "--max-delay", "1000s", "--max-duration", "86400s", "--max-count", "100000",
             "--log", "json", "--threads", "1", *options], stdout=subprocess.PIPE, text=True)
        listening = json.loads(self.process.stdout.readline())
        self.port = int(listening["address"].rsplit(":", 1)[1])
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def ask(self, plan, **query):
        """Status and body."""
        if len(plan) < 4000:
            self.connection.request("GET", "/run?" + urllib.parse.urlencode({"plan": plan, **query}))
        else:
            self.connection.request("POST", "/run?" + urllib.parse.urlencode(query), plan,
                                    {"Content-Type": "text/plain"})
        answer = self.connection.getresponse()
        return answer.status, answer.read().decode()

    def run(self, plan):
        """As virtual_time.run() has it: what is said, the failure, and how long it takes."""
        status, body = self.ask(plan, clock="virtual", timeline="true")
        if status != 200:
            raise AssertionError(f"{plan}: {status} {body}")
        run = json.loads(body, parse_float=str)
        said = [(nanoseconds(entry["at_seconds"]), entry["task"], entry["says"]) for entry in run["timeline"]]
        if [word for _, _, word in said] != run["output"]:
            raise AssertionError(f"{plan}: output and timeline do not agree: {body}")
        return said, run.get("error"), nanoseconds(run["elapsed_seconds"])

    def program(self, plan):
        status, body = self.ask(plan, format="python")
        if status != 200:
            raise AssertionError(f"{plan}: {status} {body}")
        return body

    def metric(self, name):
        self.connection.request("GET", "/metrics")
        page = self.connection.getresponse().read().decode()
        return float(next(line.split()[-1] for line in page.splitlines() if line.split(" ")[0] == name))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()
        self.process.terminate()
        if self.process.wait(timeout=20) != 0:
            raise AssertionError(f"awaitd ended with {self.process.returncode}")


def nanoseconds(text):
    seconds, decimals = str(text).split(".")
    return int(seconds) * 10**9 + int(decimals.ljust(9, "0"))
