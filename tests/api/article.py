"""The article's program and its variants: article.py 'ENDPOINT SLEEP SECONDS...'...

Runs each program that it is given, with one number of seconds for each hi(). Prints what it prints,
with the number of the task that says it, and an empty line.
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

for program in sys.argv[1:]:
    endpoint, how, *delays = program.split()
    asyncio.run(ENDPOINTS[endpoint](SLEEPS[how], [float(seconds) for seconds in delays]))
    print()
