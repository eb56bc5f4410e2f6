"""What awaitd is started with. All else is at its defaults, the log and the metrics too."""


def of(server, *more, threads=1):
    return ["--threads", str(threads), *more] if server.is_awaitd else []


# One request of a million, alone, is what the other limits allow by default.
A_MILLION = ("--max-count", "1000000")
# The next million begins while the last one's tasks are still being put away.
MILLIONS = (*A_MILLION, "--max-tasks", "4000000")
