"""Apache: mod_proxy_http and mod_proxy_http2, with TLS and without."""
import unittest

from manners import Drained, Manners
from neighbourhood import Neighbourhood, need

need("apache2")
here = Neighbourhood(["http1", "http2", "tls", "both"],
                     ["apache2", "-f", "@folder@/apache.conf", "-DFOREGROUND"], template="apache.conf")
setUpModule = here.open


class Http1(Manners, unittest.TestCase):
    here, way = here, "http1"
    passes_on_leaving = False


class Http2(Manners, unittest.TestCase):
    here, way = here, "http2"
    passes_on_leaving = False


class Tls(Manners, unittest.TestCase):
    here, way = here, "tls"
    passes_on_leaving = False


class Both(Drained, unittest.TestCase):
    here, way = here, "both"


if __name__ == "__main__":
    unittest.main()
