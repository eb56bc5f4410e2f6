"""Varnish with its own rules."""
import unittest

from manners import Manners
from neighbourhood import Neighbourhood, need

need("varnishd")
here = Neighbourhood(["http1"], ["varnishd", "-F", "-j", "none", "-n", "@folder@/varnish", "-a",
                                 "127.0.0.1:@http1@", "-f", "@folder@/varnish.vcl", "-s", "malloc,16m"],
                     template="varnish.vcl")
setUpModule = here.open


class Http1(Manners, unittest.TestCase):
    here, way = here, "http1"
    passes_on_leaving = False


if __name__ == "__main__":
    unittest.main()
