"""HTTP/2 as a client, as little of it as GETs need (RFC 9113). Of the answers' header blocks only
the first byte is read: the status, where HPACK's static table has it."""
import struct

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY = 0, 1, 3, 4, 6, 7
END_STREAM, ACK, END_HEADERS = 1, 1, 4
CANCEL = 8
STATUSES = {0x88: 200, 0x89: 204, 0x8c: 400, 0x8d: 404, 0x8e: 500}


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def hello():
    return PREFACE + frame(SETTINGS, 0, 0)


def get(stream, path):
    block = b"\x82\x86\x04" + bytes([len(path)]) + path.encode() + b"\x01\x04soak"
    return frame(HEADERS, END_HEADERS | END_STREAM, stream, block)


def reset(stream):
    return frame(RST_STREAM, 0, stream, struct.pack(">I", CANCEL))


async def _read(reader):
    head = await reader.readexactly(9)
    length = int.from_bytes(head[:3], "big")
    stream = int.from_bytes(head[5:9], "big")
    return head[3], head[4], stream, await reader.readexactly(length)


async def answers(reader, writer, streams):
    """Yields (status, body) of these streams, as each becomes whole."""
    waiting, statuses, bodies = set(streams), {}, {}
    while waiting:
        kind, flags, stream, payload = await _read(reader)
        if kind == SETTINGS and not flags & ACK:
            writer.write(frame(SETTINGS, ACK, 0))
        elif kind == HEADERS:
            statuses[stream] = STATUSES.get(payload[0], 0)
        elif kind == DATA:
            bodies[stream] = bodies.get(stream, b"") + payload
        elif kind == GOAWAY or (kind == RST_STREAM and stream in waiting):
            raise ConnectionError(f"frame of kind {kind}: {payload!r}")
        if kind in (HEADERS, DATA) and flags & END_STREAM and stream in waiting:
            waiting.remove(stream)
            yield statuses[stream], bodies.get(stream, b"")
