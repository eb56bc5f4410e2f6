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
    loses_in_a_restart = "at a GOAWAY it gives up what is below its last stream, too"


if __name__ == "__main__":
    unittest.main()
