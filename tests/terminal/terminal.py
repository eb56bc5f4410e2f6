"""A program on a terminal of its own, and what it writes there."""
import os
import pty
import select
import signal
import time

PATIENCE_S = 60


def missing():
    """Why there can be no terminal here, or None. A root without /dev/pts has none."""
    try:
        for fd in pty.openpty():
            os.close(fd)
    except OSError as error:
        return f"a terminal cannot be had here: {error}"
    return None


class Terminal:
    def __init__(self, command, environment):
        self.text = ""
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            os.execvpe(command[0], command, environment)

    def type(self, keys):
        os.write(self._fd, keys.encode())

    def read_until(self, holds):
        """Reads on until holds(text); returns the text."""
        end = time.monotonic() + PATIENCE_S
        while not holds(self.text):
            if time.monotonic() > end or not self._read():
                raise AssertionError(f"it never came; there is only:\n{self.text}")
        return self.text

    def wait(self):
        """Reads to the end; returns the exit status."""
        while self._read():
            pass
        _, status = os.waitpid(self.pid, 0)
        self.pid = None
        return os.waitstatus_to_exitcode(status)

    def close(self):
        if self.pid is not None:
            os.kill(self.pid, signal.SIGKILL)
            self.wait()
        os.close(self._fd)

    def _read(self):
        readable, _, _ = select.select([self._fd], [], [], PATIENCE_S)
        try:
            data = os.read(self._fd, 65536) if readable else b""
        except OSError:  # its other end is closed
            data = b""
        self.text += data.decode(errors="replace").replace("\r\n", "\n")
        return bool(data)
