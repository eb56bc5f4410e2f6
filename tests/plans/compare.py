"""One plan, by awaitd on its virtual clock and by CPython's asyncio: the same words, by the same tasks, in
the same order, at the same nanosecond, with the same outcome."""
import virtual_time


def show(run):
    said, failure, elapsed = run
    lines = [f"  {at / 10**9:.9f} task {task} {word}" for at, task, word in said]
    return "\n".join([*lines, f"  {failure or 'done'} after {elapsed / 10**9:.9f} s"])


def difference(service, plan):
    """None, or what is told of it."""
    ours = service.run(plan)
    theirs = virtual_time.run(service.program(plan))
    if ours == theirs:
        return None
    return f"{plan}\nawaitd:\n{show(ours)}\nasyncio:\n{show(theirs)}"
