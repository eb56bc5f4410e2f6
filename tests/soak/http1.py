"""HTTP/1.1 as a client: requests as bytes, answers one at a time."""


def request(path, method="GET", headers=(), body=b""):
    lines = [f"{method} {path} HTTP/1.1", "Host: soak", *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


async def _chunks(reader):
    body = b""
    while size := int(await reader.readuntil(b"\r\n"), 16):
        body += (await reader.readexactly(size + 2))[:-2]
    await reader.readexactly(2)
    return body


async def answer(reader, has_body=True):
    """(status, headers, body) of the next answer."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.split("\r\n")[:-2]
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    status = int(first.split()[1])
    if not has_body or status == 204:
        body = b""
    elif headers.get("transfer-encoding") == "chunked":
        body = await _chunks(reader)
    elif "content-length" in headers:
        body = await reader.readexactly(int(headers["content-length"]))
    else:
        body = await reader.read()
    return status, headers, body
