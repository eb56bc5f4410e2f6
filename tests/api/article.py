"""The article's program, with its variants: article.py ENDPOINT SLEEP SECONDS...

One number of seconds for each hi(). Prints what the program prints, with the number of the task
that says it, and nothing else.
"""

import asyncio
import sys
import time


async def hi_awaited(task, seconds):
    print(f"task {task}  Hello")
    await asyncio.sleep(seconds)
    print(f"task {task}  World")


async def hi_blocking(task, seconds):
    print(f"task {task}  Hello")
    time.sleep(seconds)
    print(f"task {task}  World")


async def hi_forgotten(task, seconds):
    print(f"task {task}  Hello")
    asyncio.sleep(seconds)
    print(f"task {task}  World")


async def hi(sleep, delays):
    await sleep(1, delays[0])


async def parallel(sleep, delays):
    await asyncio.gather(*[sleep(task, seconds) for task, seconds in enumerate(delays, 1)])


async def sequence(sleep, delays):
    for task, seconds in enumerate(delays, 1):
        await sleep(task, seconds)


ENDPOINTS = {"hi": hi, "parallel": parallel, "sequence": sequence}
SLEEPS = {"awaited": hi_awaited, "blocking": hi_blocking, "forgotten": hi_forgotten}

asyncio.run(ENDPOINTS[sys.argv[1]](SLEEPS[sys.argv[2]], [float(arg) for arg in sys.argv[3:]]))
