"""aiohttp, as it comes."""
import asyncio
import ssl
import sys
import time

import aiohttp

import contract

MODE, BASE = sys.argv[1:3]
TLS = ssl.create_default_context(cafile="cert.pem")


async def status_of(session, method, path, body=None):
    async with session.request(method, BASE + path, data=body, ssl=TLS) as answer:
        await answer.read()
        return answer.status


async def arrivals(session):
    began, times = time.monotonic(), []
    async with session.get(BASE + contract.TEXT, ssl=TLS) as answer:
        async for _ in answer.content.iter_any():
            times.append(time.monotonic() - began)
    return times


async def ask():
    async with aiohttp.ClientSession() as session:
        statuses = [await status_of(session, *request) for request in contract.ORDINARY]
        async with session.get(BASE + contract.LARGE, ssl=TLS) as answer:
            large = len((await answer.json())["output"])
        return {"statuses": statuses, "large": large, "arrivals": await arrivals(session)}


async def upload():
    async with aiohttp.ClientSession() as session:
        return {"statuses": [await status_of(session, "POST", "/hi", contract.TOO_LARGE)
                             for _ in range(10)]}


async def be_client(session, outcomes, end):
    while not end.done():
        for request in contract.LOAD:
            try:
                outcomes.append(str(await status_of(session, *request)))
            except aiohttp.ClientError as error:
                outcomes.append(repr(error))


async def load():
    outcomes = []
    async with aiohttp.ClientSession() as session:
        end = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        await asyncio.gather(*(be_client(session, outcomes, end) for _ in range(8)))
    return contract.counted(outcomes)


contract.answer(asyncio.run({"ask": ask, "upload": upload, "load": load}[MODE]()))
