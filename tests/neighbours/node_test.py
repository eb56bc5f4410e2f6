"""Node: fetch, http with an agent that keeps connections, http2."""
import unittest

from guests import CLIENTS, Guest, Guests
from neighbourhood import need

need("node")
here = Guests()
setUpModule = here.open


class Fetch(Guest, unittest.TestCase):
    here, command = here, ["node", str(CLIENTS / "client.mjs"), "fetch"]
    most_connections = 12  # it leaves after each HEAD


class Http(Guest, unittest.TestCase):
    here, command = here, ["node", str(CLIENTS / "client.mjs"), "http"]


class HttpTls(Http):
    scheme = "https"


class Http2(Guest, unittest.TestCase):
    here, command = here, ["node", str(CLIENTS / "client.mjs"), "http2"]
    cannot = {"restart": "a session of Node's is one connection"}


class Http2Tls(Http2):
    scheme = "https"


if __name__ == "__main__":
    unittest.main()
