"""awaitd and a neighbour in front of it, in a temporary folder, for as long as a test's module runs."""
import re
import shutil
import sys
import tempfile
import unittest
from pathlib import Path

from awaitd import Awaitd, Backend, can_leave_a_port, make_certificate
from program import Program, free_port

TEMPLATES = Path(__file__).parent / "templates"


class Neighbourhood:
    """Each of `ways` is a port of the neighbour, behind which it speaks to awaitd in another way.
    In its template and its command @NAME@ is the port of that way; @awaitd@ and @awaitd_tls@ are
    awaitd's; @other@ and @patient@ are others', which a test
    may drain, the second with --drain-delay; @announced@ and @announced_tls@ want a PROXY header; @folder@ is the folder."""

    def __init__(self, ways, *commands, template=None):
        self._ways, self._commands, self._template = ways, commands, template
        self.ports = {}
        self._programs = []

    def _fill_in(self, text):
        return re.sub(r"@(\w+)@", lambda match: str(self.ports[match[1]]), text)

    def open(self):
        unittest.addModuleCleanup(self._close)
        self._folder = tempfile.TemporaryDirectory(prefix="awaitd-")
        self.folder = folder = self._folder.name
        Path(folder).chmod(0o755)  # Apache's children are another user's
        make_certificate(folder)
        self.backend = Backend(folder, ["--trusted-proxies=127.0.0.1", "--drain-timeout=4s"])
        names = [*self._ways, "other", "patient", "announced", "announced_tls"]
        self.ports = {"folder": folder, "awaitd": self.backend.port, "awaitd_tls": self.backend.tls_port,
                      **{name: free_port() for name in names}}
        self.other = Awaitd(folder, port=self.ports["other"], options=["--drain-timeout=5s"])
        self.patient = Awaitd(folder, port=self.ports["patient"], options=["--drain-delay=1s"])
        self.announced = Awaitd(folder, port=self.ports["announced"], tls_port=self.ports["announced_tls"],
                                options=["--proxy-protocol=on"])
        self.ports["patient_admin"] = self.patient.admin_port
        self._programs += [self.other, self.patient, self.announced]
        if self._template:
            text = (TEMPLATES / self._template).read_text()
            (Path(folder) / self._template).write_text(self._fill_in(text))
        for command in self._commands:
            self._programs.append(Program([*map(self._fill_in, command)], folder))
        self._programs[-1].wait_for_ports([self.ports[way] for way in self._ways])

    def _close(self):
        for program in reversed(self._programs):
            program.stop()
        if hasattr(self, "backend"):
            self.backend.close()
        self._folder.cleanup()


def skip(why):
    print("SKIP:", why, flush=True)
    sys.exit(77)


def skip_test(test, why):
    """This one; unittest alone would keep its reason to itself, and leaves a line begun."""
    print("\nSKIP:", why, flush=True)
    test.skipTest(why)


def need(*programs):
    """Ends the test as skipped where one of these programs is not there."""
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        skip(f"not installed: {' '.join(missing)}")


def skip_unless_a_port_can_be_left(test):
    if not can_leave_a_port():
        skip_test(test, "a restart with TLS: this kernel wants CAP_NET_ADMIN for a socket filter")
