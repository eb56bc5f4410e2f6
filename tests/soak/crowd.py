"""The crowd: visits that begin at an even rate, of kinds drawn at random, each on its own."""
import asyncio
import random
import time

import visits

WRONG_MOST = 20  # are kept, word for word


class Crowd:
    def __init__(self, service, rate):
        self._service, self._rate = service, rate
        self.visits = {}  # by kind
        self.answers = {}  # by status
        self.wrong = []

    async def _visit(self, kind):
        visitor = visits.Visitor(self._service, self.answers)
        try:
            await asyncio.wait_for(kind(visitor), visits.TIMEOUT_S)
        except (AssertionError, OSError, ValueError, asyncio.IncompleteReadError,
                asyncio.TimeoutError) as error:
            if len(self.wrong) < WRONG_MOST:
                self.wrong.append(f"{kind.__name__}: {type(error).__name__}: {error}")
        finally:
            if hasattr(visitor, "writer"):
                await visitor.leave()

    async def run(self, seconds):
        random.seed(1)
        began = time.monotonic()
        running = set()
        kinds, weights = zip(*visits.KINDS.items())
        for number in range(round(seconds * self._rate)):
            await asyncio.sleep(max(0, began + number / self._rate - time.monotonic()))
            kind = random.choices(kinds, weights)[0]
            self.visits[kind.__name__] = self.visits.get(kind.__name__, 0) + 1
            visit = asyncio.create_task(self._visit(kind))
            running.add(visit)
            visit.add_done_callback(running.discard)
        await asyncio.gather(*running)
