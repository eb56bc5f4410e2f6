"""Starting a server: one whose port somebody else has is not measured with them."""
import os
import socket
import sys
import tempfile
import unittest
from pathlib import Path
from types import SimpleNamespace

import running
import servers


class Port(unittest.TestCase):
    def bench(self, port):
        return SimpleNamespace(port=port, servers=servers.SERVERS)

    def test_each_server_has_its_own(self):
        first, second = servers.SERVERS[:2]
        with socket.create_server(("", 0)) as free:
            base = free.getsockname()[1]
        self.assertEqual(running.port_for(self.bench(base), first), base)
        self.assertNotEqual(running.port_for(self.bench(0), second), 0)

    def test_one_that_is_taken_is_refused(self):
        with socket.create_server(("", 0), reuse_port=True) as taken:
            with self.assertRaisesRegex(running.Failure, "Address already in use"):
                running.port_for(self.bench(taken.getsockname()[1]), servers.SERVERS[0])


class Ends(unittest.TestCase):
    def test_one_that_ends_at_once_is_named_with_its_status(self):
        server = servers.Server("made-up", "made up", [sys.executable, "-c", "exit(7)"])
        core = min(os.sched_getaffinity(0))
        with tempfile.TemporaryDirectory() as folder:
            bench = SimpleNamespace(port=0, servers=[server], logs=Path(folder), server_core=core,
                                    values=lambda port: {"port": port})
            with self.assertRaisesRegex(running.Failure, "ended at once with status 7"):
                running.Running(bench, server).__enter__()


if __name__ == "__main__":
    unittest.main()
