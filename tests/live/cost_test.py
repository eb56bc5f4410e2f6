"""What recording costs a request, in instructions, which do not depend on what else the machine does:
cost_test.py AWAITD"""
import http.client
import re
import subprocess
import sys
import tempfile
import time
import unittest

BINARY = sys.argv.pop(1)
MANY, FEW = 1500, 300

# Of /hi?delay=0, with nobody looking on.
MOST_SHARE = 0.05


def instructions(port, requests, *options):
    """Of all threads, from the first to the last."""
    with tempfile.NamedTemporaryFile() as counts:
        process = subprocess.Popen(
            ["valgrind", "--tool=callgrind", "--quiet", f"--callgrind-out-file={counts.name}", BINARY, "--threads", "1",
             "--host", "127.0.0.1", "--port", str(port), "--log", "off", *options], stdout=subprocess.DEVNULL)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for _ in range(300):
            try:
                connection.connect()
                break
            except ConnectionRefusedError:
                time.sleep(0.1)
        for _ in range(requests):
            connection.request("GET", "/hi?delay=0", headers={"X-Request-Id": "a"})
            connection.getresponse().read()
        connection.close()
        process.terminate()
        assert process.wait(60) == 0
        return int(re.search(r"^(?:summary|totals): (\d+)", open(counts.name).read(), re.M).group(1))


def each(port, *options):
    return (instructions(port, MANY, *options) - instructions(port, FEW, *options)) / (MANY - FEW)


class Cost(unittest.TestCase):
    def test_recording(self):
        import socket
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        off, on = each(port, "--live", "off"), each(port)
        print(f"a request: {off:.0f} instructions, with recording {on:.0f} ({on / off - 1:+.1%})")
        self.assertLessEqual(on, off * (1 + MOST_SHARE))


if __name__ == "__main__":
    unittest.main(warnings="ignore")
