"""nginx as it comes, with connections that it keeps, with TLS to awaitd, and with HTTP/2 (grpc_pass)."""
import unittest

from manners import Drained, Manners
from neighbourhood import Neighbourhood, need

need("nginx")
here = Neighbourhood(["defaults", "kept", "tls", "grpc", "both"],
                     ["nginx", "-e", "stderr", "-p", "@folder@", "-c", "nginx.conf"], template="nginx.conf")
setUpModule = here.open


class Defaults(Manners, unittest.TestCase):
    here, way = here, "defaults"
    keeps_connections = False


class Kept(Manners, unittest.TestCase):
    here, way = here, "kept"


class Tls(Manners, unittest.TestCase):
    here, way = here, "tls"


class Grpc(Manners, unittest.TestCase):
    here, way = here, "grpc"


class Both(Drained, unittest.TestCase):
    here, way = here, "both"


if __name__ == "__main__":
    unittest.main()
