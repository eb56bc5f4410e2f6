"""Programs that a test starts: in a folder, their output in a file there, ended by their ids."""
import os
import random
import signal
import socket
import subprocess
import time
from pathlib import Path

START_S = 20
STOP_S = 20


def free_port():
    """Below those that the kernel gives to connections, so that it is still free a moment later."""
    while True:
        port = random.randrange(10240, 32768)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                pass


def is_listening(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def eventually(holds, seconds=START_S):
    """Whether it holds before that many seconds have gone."""
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


class Program:
    def __init__(self, command, folder, **options):
        self.name = Path(command[0]).name
        self.log = Path(folder) / f"{self.name}-{random.randrange(10**9)}.log"
        with open(self.log, "wb") as log:
            usual = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log}
            self._process = subprocess.Popen(command, cwd=folder, start_new_session=True,
                                             **{**usual, **options})
        self.pid = self._process.pid
        self.input, self.output = self._process.stdin, self._process.stdout

    def wait_for_ports(self, ports):
        def is_there():
            if self._process.poll() is not None:
                raise RuntimeError(f"{self.name} has ended: {self.said()}")
            return all(is_listening(port) for port in ports)
        if not eventually(is_there):
            raise RuntimeError(f"{self.name} does not listen: {self.said()}")

    def said(self):
        return self.log.read_text(errors="replace")[-2000:]

    def signal(self, number):
        self._process.send_signal(number)

    def wait(self, seconds=STOP_S):
        """Its exit status."""
        return self._process.wait(seconds)

    def stop(self):
        """With all that it started."""
        try:
            if self._process.poll() is None:
                self._process.terminate()
                self.wait()
        except subprocess.TimeoutExpired:
            pass
        finally:
            try:
                os.killpg(self.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            self._process.wait()
            for pipe in (self.input, self.output):
                if pipe is not None:
                    pipe.close()
