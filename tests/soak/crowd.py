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
        self._running = set()
        self.is_complete = False  # nobody else comes

    async def _visit(self, kind):
        visitor = visits.Visitor(self._service, self.answers)
        try:
            await asyncio.wait_for(kind(visitor), visits.TIMEOUT_S)
        except Exception as error:  # whatever it is, it is a fault
            if len(self.wrong) < WRONG_MOST:
                self.wrong.append(f"{kind.__name__}: {type(error).__name__}: {error}")
        finally:
            if hasattr(visitor, "writer"):
                await visitor.leave()

    def _begin(self, kind):
        self.visits[kind.__name__] = self.visits.get(kind.__name__, 0) + 1
        visit = asyncio.create_task(self._visit(kind))
        self._running.add(visit)
        visit.add_done_callback(self._running.discard)

    async def run(self, seconds):
        """Where the machine is too busy for the rate, visits are left out, not made up for: a crowd
        that comes all at once would be another load."""
        random.seed(1)
        kinds, weights = zip(*visits.KINDS.items())
        now = following = time.monotonic()
        until = now + seconds
        while now < until:
            self._begin(random.choices(kinds, weights)[0])
            following = max(following + 1 / self._rate, now)
            await asyncio.sleep(following - now)
            now = time.monotonic()
        self.is_complete = True
        await asyncio.gather(*self._running)
