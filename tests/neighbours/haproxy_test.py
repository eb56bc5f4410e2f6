"""HAProxy, which reuses any connection at any time and tries nothing twice: HTTP/1, HTTP/2, TLS."""
import signal
import time
import unittest

from asking import Load, ask
from manners import ANSWERS, REQUESTS, Drained, Manners
from neighbourhood import Neighbourhood, need

need("haproxy")
here = Neighbourhood(["http1", "http2", "tls", "both", "checked", "announced1", "announced2"],
                     ["haproxy", "-db", "-f", "haproxy.cfg"], template="haproxy.cfg")
setUpModule = here.open


class Http1(Manners, unittest.TestCase):
    here, way = here, "http1"


class Http2(Manners, unittest.TestCase):
    here, way = here, "http2"


class Tls(Manners, unittest.TestCase):
    here, way = here, "tls"


class Both(Drained, unittest.TestCase):
    here, way = here, "both"


class Announced(unittest.TestCase):
    def test_a_proxy_header_names_the_client(self):
        for way in ("announced1", "announced2"):
            with self.subTest(way):
                path = f"/hi?delay={here.ports[way]}ns"
                self.assertEqual(ask(here.ports[way], path, source=("127.0.0.9", 0))[0], 200)
                self.assertEqual(here.announced.line_about(path)["client_ip"], "127.0.0.9")


class Checked(unittest.TestCase):
    def test_nobody_is_sent_to_who_is_about_to_leave(self):
        with Load(here.ports["checked"], REQUESTS, clients=8) as load:
            time.sleep(0.4)
            self.assertGreater(here.patient.metric("http_requests_total"), 20)
            here.patient.signal(signal.SIGTERM)
            self.assertEqual(here.patient.wait(), 0)
            time.sleep(0.3)
        self.assertLessEqual(set(load.outcomes), ANSWERS, load.outcomes)


if __name__ == "__main__":
    unittest.main()
