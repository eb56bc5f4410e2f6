"""asyncio on a clock that jumps to the next deadline, and what a program says on it.

The loop counts nanoseconds, as awaitd does, so that no sum is rounded. Of equal deadlines the one that
was asked for first is due first, which asyncio itself leaves open.
"""
import asyncio
import heapq
import selectors
import sys

NS = 10**9
ORDER = 1 << 40  # times are in units of a nanosecond / ORDER: what is below one is who asked first


class Time(int):
    def __add__(self, seconds):
        return Time(int(self) + round(seconds * NS) * ORDER)

    __radd__ = __add__


class NothingLeft(Exception):
    pass


class Selector(selectors.SelectSelector):
    """In place of waiting, the clock is set."""
    loop = None

    def select(self, timeout=None):
        if timeout is None or timeout > 0:
            self.loop.jump()
        return []


class Loop(asyncio.SelectorEventLoop):
    def __init__(self):
        selector = Selector()
        super().__init__(selector)
        selector.loop = self
        self.now = Time(0)
        self.asked = 0
        self.set_exception_handler(lambda loop, context: None)

    def time(self):
        return self.now

    def call_at(self, when, callback, *args, context=None):
        self.asked += 1
        return super().call_at(Time(int(when) + self.asked), callback, *args, context=context)

    def jump(self):
        while self._scheduled and self._scheduled[0]._cancelled:
            heapq.heappop(self._scheduled)._scheduled = False
        if not self._scheduled:
            raise NothingLeft("everybody waits, and nothing is to come")
        self.now = Time(max(int(self.now), int(self._scheduled[0]._when) // ORDER * ORDER))


class OlderTaskGroup(asyncio.TaskGroup):
    """Before 3.13 a group that fails asks its own task to end, and does not take that back once its
    children are gone (python/cpython#116720): a later timeout in the same task then does not see that it
    was its own cancellation."""

    async def __aexit__(self, *error):
        task, asked = self._parent_task, self._parent_task.cancelling()
        try:
            return await super().__aexit__(*error)
        finally:
            if self._parent_cancel_requested and task.cancelling() > asked:
                task.uncancel()


TaskGroup = OlderTaskGroup if sys.version_info < (3, 13) else asyncio.TaskGroup


def run(program):
    """What the program prints, as (nanoseconds, task, word), its failure or None, and how long it took."""
    said, ends = [], []
    loops = []

    def new_loop():
        loops.append(Loop())
        return loops[-1]

    def record(*words):
        now = int(loops[-1].now) // ORDER
        if words[0] == "failed:":
            ends.append(str(words[1]))
        elif words[0].startswith("elapsed"):
            ends.append(now)
        else:
            said.append((now, sys._getframe(1).f_locals["task"], words[0]))

    def run_in_time(main):
        loop = new_loop()
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            return runner.run(main)

    whole, group = asyncio.run, asyncio.TaskGroup
    asyncio.run, asyncio.TaskGroup = run_in_time, TaskGroup
    try:
        exec(compile(program, "plan.py", "exec"), {"print": record})
    finally:
        asyncio.run, asyncio.TaskGroup = whole, group
    return said, ends[0] if len(ends) > 1 else None, ends[-1]
