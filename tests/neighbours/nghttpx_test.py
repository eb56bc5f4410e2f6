"""nghttpx: HTTP/1, HTTP/2 and TLS to awaitd. It lets all clients share one HTTP/2 connection."""
import unittest

from manners import Manners
from neighbourhood import Neighbourhood, need

need("nghttpx")


def command(way, backend):
    return ["nghttpx", "--conf=/dev/null", "--single-process", "--workers=1", "--insecure", "--add-x-forwarded-for",
            f"--frontend=127.0.0.1,@{way}@;no-tls", f"--backend=127.0.0.1,{backend}"]


here = Neighbourhood(["http1", "http2", "tls"], command("http1", "@awaitd@"),
                     command("http2", "@awaitd@;;proto=h2"), command("tls", "@awaitd_tls@;;proto=h2;tls"))
setUpModule = here.open


class Http1(Manners, unittest.TestCase):
    here, way = here, "http1"


class Http2(Manners, unittest.TestCase):
    """What it has not yet sent when it reads a GOAWAY, nghttpx does not send elsewhere: "request HEADERS
    is not allowed" in its log, and 502."""
    here, way = here, "http2"
    loses_itself = 0.02


class Tls(Http2):
    here, way = here, "tls"


if __name__ == "__main__":
    unittest.main()
