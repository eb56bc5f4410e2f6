"""An awaitd for these tests, and who looks on at it."""
import http.client
import json
import socket
import subprocess
import threading
import time
import warnings

PATIENCE_SECONDS = 20
warnings.simplefilter("ignore", ResourceWarning)


class Served:
    def __init__(self, binary, *options):
        self.process = subprocess.Popen([binary, "--host", "127.0.0.1", "--port", "0", "--log", "json", *options],
                                        stdout=subprocess.PIPE, text=True)
        listening = json.loads(self.process.stdout.readline())
        self.port = int(listening["address"].rsplit(":", 1)[1])
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def ask(self, target, method="GET", timeout=30, **headers):
        """Status, headers, body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, target, headers={name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def json(self, target, **headers):
        status, _, body = self.ask(target, **headers)
        assert status == 200, f"{target}: {status} {body}"
        return json.loads(body)

    def problem(self, target, status, **headers):
        got, answered, body = self.ask(target, **headers)
        assert got == status, f"{target}: {got} {body}"
        return json.loads(body)["detail"], answered

    def leave_early(self, target, seconds, **headers):
        """A client that does not wait for its answer."""
        try:
            self.ask(target, timeout=seconds, **headers)
        except TimeoutError:
            return
        raise AssertionError(f"{target} was answered within {seconds} s")

    def metric(self, name):
        page = self.ask("/metrics")[2].decode()
        return float(next(line.split()[-1] for line in page.splitlines() if line.split(" ")[0] == name))

    def run_of(self, request_id, wanted=("done", "failed", "cancelled")):
        """The recording of the one run with this id, once it is over."""
        def look():
            runs = self.json(f"/runs?request_id={request_id}")["runs"]
            return runs[0]["run"] if runs and runs[0]["outcome"] in wanted else None
        return self.json("/runs/" + eventually(look, f"the run {request_id}"))

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
        return self.process.wait(PATIENCE_SECONDS)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        status = self.stop()
        assert status == 0, f"awaitd ended with {status}"


class Viewer:
    """Who reads /events, on a thread of its own: (id, event, data) of each."""

    def __init__(self, port, target="/events", reads=True, **headers):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.connection.sock = socket.socket()
        if not reads:
            self.connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        self.connection.sock.connect(("127.0.0.1", port))
        self.connection.request("GET", target, headers=headers)
        self.socket = self.connection.sock
        self.answer = self.connection.getresponse()
        self.status = self.answer.status
        self.events = []
        self.ended = False
        self.thread = threading.Thread(target=self.read, daemon=True)
        if reads and self.status == 200:
            self.thread.start()

    def read(self):
        parts = {}
        try:
            for line in self.answer:
                line = line.decode().rstrip("\n")
                if line == "":
                    if "event" in parts:
                        self.events.append((parts.get("id"), parts["event"], json.loads(parts["data"])))
                    parts = {}
                elif not line.startswith(":"):
                    name, value = line.split(": ", 1)
                    parts[name] = value
        except (OSError, http.client.HTTPException, ValueError, AttributeError):
            pass
        self.ended = True

    def of(self, kind):
        return [data for _, event, data in list(self.events) if event == kind]

    def ids(self):
        return [number for number, _, _ in list(self.events) if number]

    def leave(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # the server has closed it
        if self.thread.is_alive():
            self.thread.join()
        self.connection.close()


def eventually(holds, what, seconds=PATIENCE_SECONDS):
    end = time.monotonic() + seconds
    while True:
        value = holds()
        if value:
            return value
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(0.02)
