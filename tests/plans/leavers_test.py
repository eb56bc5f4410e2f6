"""Clients that leave at random moments of random plans leave no task, byte or descriptor behind, and memory
is whole (the sanitizers' builds look): leavers_test.py AWAITD [SEED]"""
import os
import random
import secrets
import socket
import struct
import sys
import time
import unittest
import urllib.parse

import made_up
from service import Service

BINARY = sys.argv.pop(1)
SEED = int(sys.argv.pop(1)) if len(sys.argv) > 1 else secrets.randbits(32)
LEAVERS = 600
AT_ONCE = 30
LARGE = ("parallel(9000*hi(1s))", "group(9000*hi(1s),fail(200ms))", "race(9000*hi(1s),hi(50ms))",
         "catch(timeout(100ms,collect(9000*hi(1s))))", "limit(50,9000*hi(10ms))",
         "parallel(90*parallel(90*shield(hi(1s))))")


def leave(connection, draw):
    """By a reset, by a close, or half, which counts as leaving too."""
    way = draw.randrange(3)
    if way == 0:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    if way == 2:
        connection.shutdown(socket.SHUT_WR)
        time.sleep(0.002)
    connection.close()


class Leavers(unittest.TestCase):
    def eventually(self, what, expected, look):
        for _ in range(600):
            found = look()
            if found == expected:
                return
            time.sleep(0.05)
        self.fail(f"{what}: {found} instead of {expected}, with seed {SEED}")

    def test_nothing_is_left(self):
        draw = random.Random(SEED)
        plans = made_up.plans(SEED, longest_ns=150 * 10**6)
        with Service(BINARY) as service:
            self.assertEqual(service.ask("hi(0s)")[0], 200)
            descriptors = len(os.listdir(f"/proc/{service.process.pid}/fd"))
            here = []
            for nth in range(LEAVERS):
                plan = draw.choice(LARGE) if nth % 20 == 0 else next(plans)
                query = {"plan": plan, "format": draw.choice(("json", "text")),
                         "clock": draw.choice(("real", "real", "virtual")),
                         "timeline": draw.choice(("false", "true", "states"))}
                connection = socket.create_connection(("127.0.0.1", service.port))
                connection.sendall(f"GET /run?{urllib.parse.urlencode(query)} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
                here.append(connection)
                if len(here) == AT_ONCE or draw.random() < 0.2:
                    time.sleep(draw.random() * 0.02)
                    leave(here.pop(draw.randrange(len(here))), draw)
            for connection in here:
                leave(connection, draw)
            self.eventually("tasks", 0, lambda: service.metric("awaitd_tasks_active"))
            self.eventually("bytes held", 0, lambda: service.metric("awaitd_held_bytes"))
            self.eventually("descriptors", descriptors,
                            lambda: len(os.listdir(f"/proc/{service.process.pid}/fd")))
            self.assertEqual(service.ask("hi(0s)")[0], 200)

    def test_a_drain_ends_what_runs(self):
        """Told to stop in the middle of everything, it is gone in time, and with status 0."""
        plans = made_up.plans(SEED + 1, longest_ns=20 * 10**9)
        with Service(BINARY, "--drain-timeout", "300ms") as service:
            here = [socket.create_connection(("127.0.0.1", service.port)) for _ in range(AT_ONCE)]
            for nth, connection in enumerate(here):
                plan = urllib.parse.quote(LARGE[nth] if nth < len(LARGE) else next(plans))
                connection.sendall(f"GET /run?plan={plan} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            self.eventually("requests taken on", True, lambda: service.metric("awaitd_tasks_active") > AT_ONCE)
        for connection in here:
            connection.close()


if __name__ == "__main__":
    unittest.main()
