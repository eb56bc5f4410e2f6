"""Java's HttpClient, which asks for HTTP/2 in every first request."""
import subprocess
import unittest

from guests import CLIENTS, Guest, Guests
from neighbourhood import need

need("java", "javac")
here = Guests()


def setUpModule():
    here.open()
    subprocess.run(["javac", "-d", here.folder, CLIENTS / "Client.java"], check=True)


class Plain(Guest, unittest.TestCase):
    here, command = here, ["java", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "Client"]


class Http2Tls(Plain):
    scheme = "https"
    cannot = {"restart": "Java 17 gives up all streams at a GOAWAY, also those below its last",
              "upload": "Java 17 waits for ever to send the rest of a body that RST_STREAM(NO_ERROR) ended"}


if __name__ == "__main__":
    unittest.main()
