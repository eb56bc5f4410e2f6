"""The kinds of clients. Each is one visit: it connects, does what it is named after, checks each
answer that it gets, and goes. A wrong answer is an AssertionError."""
import asyncio
import json
import random
import socket
import ssl
import struct

import http1
import http2

TIMEOUT_S = 30


def tls_context(*protocols):
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(protocols)
    return context


TLS_HTTP1, TLS_HTTP2 = tls_context("http/1.1"), tls_context("h2")


class Visitor:
    """One connection, and where its answers are counted."""

    def __init__(self, service, answers):
        self.service, self.answers = service, answers

    async def connect(self, tls=None, limit=65536):
        """Of an answer, asyncio holds twice `limit` bytes; then it lets the sender wait."""
        port = self.service.tls_port if tls else self.service.port
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", port, ssl=tls,
                                                                 limit=limit)

    def count(self, status, expected):
        self.answers[str(status)] = self.answers.get(str(status), 0) + 1
        allowed = expected if isinstance(expected, tuple) else (expected,)
        assert status in allowed, f"status {status}, where {allowed} was expected"

    async def ask(self, path, expected=200, **what):
        self.writer.write(http1.request(path, **what))
        return await self.hear(expected, what.get("method") != "HEAD")

    async def hear(self, expected=200, has_body=True):
        status, headers, body = await http1.answer(self.reader, has_body)
        self.count(status, expected)
        kind = headers.get("content-type", "")
        if status >= 400 and has_body:
            assert kind == "application/problem+json", kind
        if has_body and kind.startswith("application/") and kind.endswith("json"):
            json.loads(body)
        return body

    async def leave(self):
        self.writer.close()
        try:
            await self.writer.wait_closed()
        except (OSError, ssl.SSLError):
            pass  # whoever left in the middle of something

    def reset(self):
        at_once = struct.pack("ii", 1, 0)
        connected = self.writer.get_extra_info("socket")
        if connected is not None:  # it was not closed meanwhile
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)


def some_path():
    delay = random.choice(("0", "5ms", "20ms", "100ms", "0.3"))
    count = random.choice((1, 2, 3, 10, 100))
    endpoint = random.choice(("hi", "parallel", "sequence"))
    query = [f"delay={delay}"]
    if endpoint == "parallel" or (endpoint == "sequence" and delay in ("0", "5ms")):
        query.append(f"count={count}")
    query += random.choice(([], ["timeline=true"], ["format=text"], ["sleep=forgotten"]))
    return f"/{endpoint}?" + "&".join(query)


async def keeps_alive(visitor):
    await visitor.connect()
    for _ in range(random.randint(1, 5)):
        await visitor.ask(some_path(), headers=random.choice(([], ["Accept: text/plain"])))


async def pipelines(visitor):
    await visitor.connect()
    count = random.randint(2, 10)
    visitor.writer.write(b"".join(http1.request(some_path()) for _ in range(count)))
    for _ in range(count):
        await visitor.hear()


async def speaks_tls(visitor):
    await visitor.connect(TLS_HTTP1)
    for _ in range(2):
        await visitor.ask(some_path())


async def errs(visitor):
    await visitor.connect()
    await visitor.ask("/parallel?cuont=3", 400)
    await visitor.ask("/parallel?delay=11s", 400)
    await visitor.ask("/nothing", 404)
    await visitor.ask("/hi", 405, method="DELETE")
    await visitor.ask("/hi", 406, headers=["Accept: image/png"])
    await visitor.ask("/hi?delay=0", method="HEAD")
    await visitor.ask("/hi", 204, method="OPTIONS")
    await visitor.ask("/hi", 413, method="POST", body=b"x" * 70000)


async def babbles(visitor):
    """No HTTP: told so, or cut off."""
    await visitor.connect()
    visitor.writer.write(bytes(random.randrange(256) for _ in range(200)) + b"\r\n\r\n")
    await visitor.reader.read()


async def operates(visitor):
    await visitor.connect()
    for path in ("/livez", "/readyz", "/healthz", "/metrics", "/openapi.json"):
        await visitor.ask(path)


async def dribbles(visitor):
    await visitor.connect()
    for byte in http1.request("/hi?delay=1ms"):
        visitor.writer.write(bytes([byte]))
        await asyncio.sleep(0.005)
    await visitor.hear()


async def leaves(visitor):
    """In the middle of a request, with a reset or without."""
    await visitor.connect(random.choice((None, TLS_HTTP1)))
    visitor.writer.write(http1.request("/parallel?delay=5s&count=100"))
    await asyncio.sleep(random.random() / 10)
    if random.random() < 0.5:
        visitor.reset()


async def says_nothing(visitor):
    """Some longer than the time-outs allow."""
    await visitor.connect(random.choice((None, TLS_HTTP1)))
    if random.random() < 0.2:
        await visitor.reader.read()
    else:
        await asyncio.sleep(random.random())


async def stalls(visitor):
    """Half a request, and no more: told 408."""
    await visitor.connect()
    visitor.writer.write(b"GET /hi HTTP/1.1\r\nHost:")
    await visitor.hear(408)


async def reads_slowly(visitor):
    await visitor.connect(limit=64)
    visitor.writer.write(http1.request("/sequence?format=text&delay=5ms&count=100"))
    body = b""
    while b"elapsed" not in body:
        piece = await visitor.reader.read(64)
        assert piece, "the answer was cut"
        body += piece
        await asyncio.sleep(0.02)
    visitor.count(int(body.split()[1]), 200)


async def blocks(visitor):
    await visitor.connect()
    await visitor.ask("/hi?sleep=blocking&delay=2ms", (200, 503))


async def crowds(visitor):
    """More at once than may block: some are told 503, which is what they ask for."""
    visitors = [Visitor(visitor.service, visitor.answers) for _ in range(8)]
    await visitor.connect()
    try:
        await asyncio.gather(*(one.connect() for one in visitors))
        await asyncio.gather(*(one.ask("/hi?sleep=blocking&delay=5ms", (200, 503))
                               for one in visitors))
    finally:
        await asyncio.gather(*(one.leave() for one in visitors if hasattr(one, "writer")))


async def speaks_http2(visitor):
    await visitor.connect(random.choice((None, TLS_HTTP2)))
    streams = range(1, 2 * random.randint(1, 20), 2)
    visitor.writer.write(http2.hello() + b"".join(http2.get(i, some_path()) for i in streams))
    async for status, _body in http2.answers(visitor.reader, visitor.writer, streams):
        visitor.count(status, 200)


async def cancels_http2(visitor):
    """Half of the streams, while they sleep."""
    await visitor.connect(random.choice((None, TLS_HTTP2)))
    path = "/parallel?delay=50ms&count=20"
    visitor.writer.write(http2.hello() + b"".join(http2.get(i, path) for i in range(1, 21, 2)))
    await asyncio.sleep(0.01)
    visitor.writer.write(b"".join(http2.reset(i) for i in range(1, 21, 4)))
    async for status, _body in http2.answers(visitor.reader, visitor.writer, range(3, 21, 4)):
        visitor.count(status, 200)


async def leaves_http2(visitor):
    await visitor.connect(random.choice((None, TLS_HTTP2)))
    visitor.writer.write(http2.hello() + http2.get(1, "/parallel?delay=5s&count=100"))
    await asyncio.sleep(random.random() / 10)
    if random.random() < 0.5:
        visitor.reset()


# how often, in parts
KINDS = {
    keeps_alive: 20, pipelines: 8, speaks_tls: 6, errs: 6, babbles: 3, operates: 3, dribbles: 2,
    leaves: 12, says_nothing: 5, stalls: 1, reads_slowly: 3, blocks: 3, crowds: 1,
    speaks_http2: 10, cancels_http2: 6, leaves_http2: 6,
}
