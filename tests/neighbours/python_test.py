"""Python's requests (on urllib3) and aiohttp."""
import importlib.util
import sys
import unittest

from guests import CLIENTS, Guest, Guests
from neighbourhood import skip

missing = [name for name in ("requests", "aiohttp") if importlib.util.find_spec(name) is None]
if missing:
    skip(f"not installed: {' '.join('python3-' + name for name in missing)}")
here = Guests()
setUpModule = here.open


class Requests(Guest, unittest.TestCase):
    here, command = here, [sys.executable, "-B", str(CLIENTS / "requests_client.py")]


class RequestsTls(Requests):
    scheme = "https"


class Aiohttp(Guest, unittest.TestCase):
    here, command = here, [sys.executable, "-B", str(CLIENTS / "aiohttp_client.py")]


class AiohttpTls(Aiohttp):
    scheme = "https"


if __name__ == "__main__":
    unittest.main()
