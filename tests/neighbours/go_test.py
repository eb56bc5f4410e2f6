"""Go's net/http: HTTP/1 without TLS, HTTP/2 with it."""
import os
import subprocess
import unittest

from guests import CLIENTS, Guest, Guests
from neighbourhood import need

need("go")
here = Guests()


def setUpModule():
    here.open()
    go = {"GOCACHE": f"{here.folder}/go", **os.environ, "GO111MODULE": "off", "CGO_ENABLED": "0"}
    subprocess.run(["go", "build", "-o", f"{here.folder}/client", CLIENTS / "client.go"], check=True, env=go)


class Http1(Guest, unittest.TestCase):
    here, command = here, ["./client"]


class Http2Tls(Http1):
    scheme = "https"


if __name__ == "__main__":
    unittest.main()
