"""/ : the page for a browser, a list for everyone else: front_test.py AWAITD"""
import base64
import gzip
import hashlib
import re
import sys
import unittest

from served import Served

BINARY = sys.argv.pop(1)
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"

# docs/decisions/0033-the-page.md
MOST_BYTES = 90_000
MOST_SENT_BYTES = 33_000


class Front(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.served = Served(BINARY)

    @classmethod
    def tearDownClass(cls):
        cls.served.__exit__()

    def page(self, **headers):
        return self.served.ask("/", Accept=BROWSER, **headers)

    def test_programs_get_a_list(self):
        for headers in ({}, {"Accept": "*/*"}, {"Accept": "application/json"}, {"Accept": "text/html;q=0"}):
            status, answered, body = self.served.ask("/", **headers)
            self.assertEqual((status, answered["Content-Type"], answered["Vary"]), (200, "application/json", "Accept"))
            self.assertEqual(body, b'{"endpoints": ["/hi", "/parallel", "/sequence", "/run"], "openapi": "/openapi.json"}\n')

    def test_browsers_get_the_page(self):
        status, headers, body = self.page()
        self.assertEqual((status, headers["Content-Type"]), (200, "text/html; charset=utf-8"))
        self.assertEqual((headers["Vary"], headers["Cache-Control"]), ("Accept, Accept-Encoding", "no-cache"))
        self.assertEqual((headers["Referrer-Policy"], headers["X-Content-Type-Options"]), ("no-referrer", "nosniff"))
        self.assertNotIn("Content-Encoding", headers)
        _, packed, sent = self.page(Accept_Encoding="gzip, deflate, br")
        self.assertEqual(packed["Content-Encoding"], "gzip")
        self.assertEqual(gzip.decompress(sent), body)
        self.assertNotEqual(packed["ETag"], headers["ETag"])

    def test_it_is_small(self):
        _, _, body = self.page()
        _, _, sent = self.page(Accept_Encoding="gzip")
        print(f"{len(body)} bytes, {len(sent)} sent")
        self.assertLessEqual(len(body), MOST_BYTES)
        self.assertLessEqual(len(sent), MOST_SENT_BYTES)

    def test_whoever_has_it_is_told_so(self):
        for encoding in ("identity", "gzip"):
            tag = self.page(Accept_Encoding=encoding)[1]["ETag"]
            status, headers, body = self.page(Accept_Encoding=encoding, If_None_Match=f'"x", {tag}')
            self.assertEqual((status, headers["ETag"], body), (304, tag, b""))
            self.assertEqual(self.page(Accept_Encoding=encoding, If_None_Match='"x"')[0], 200)

    def test_the_policy_allows_just_its_script_and_its_style(self):
        _, headers, body = self.page()
        policy = headers["Content-Security-Policy"]
        for kind in (b"script", b"style"):
            parts = re.findall(b"<" + kind + b">(.*?)</" + kind + b">", body, re.S)
            self.assertEqual(len(parts), 1)
            digest = base64.b64encode(hashlib.sha256(parts[0]).digest()).decode()
            self.assertIn(f"{kind.decode()}-src 'sha256-{digest}'", policy)
        for part in ("default-src 'none'", "connect-src 'self'", "base-uri 'none'", "form-action 'none'",
                     "frame-ancestors 'self'", "require-trusted-types-for 'script'"):
            self.assertIn(part, policy)
        self.assertNotIn(b'style="', body)
        self.assertNotIn(b"http://", body.replace(b"http://www.w3.org/2000/svg", b""))
        self.assertNotIn(b"https://", body)

    def test_head(self):
        status, headers, body = self.served.ask("/", method="HEAD", Accept="text/html")
        self.assertEqual((status, body, int(headers["Content-Length"])), (200, b"", len(self.page()[2])))

    def test_off(self):
        with Served(BINARY, "--page", "off") as served:
            self.assertIn("There is no '/'", served.problem("/", 404, Accept="text/html")[0])
            self.assertEqual(served.ask("/runs")[0], 200)


if __name__ == "__main__":
    unittest.main(warnings="ignore")
