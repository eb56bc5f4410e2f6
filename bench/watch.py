"""Watches a server, and whatever else runs on the two cores, during a `with` block."""
import resource
import time

import proc


class Watch:
    """After the block, `figures` holds what the server used.

    others: the CPU of everybody but the server and this bench with its children, as a part of one
    core. Work of others disturbs: see rounds.py.
    """

    def __init__(self, pid, cores):
        self.pid, self.cores = pid, cores

    def _now(self):
        ours = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return {
            "wall_s": time.monotonic(),
            "cpu_s": proc.cpu_seconds(self.pid),
            "busy_s": proc.busy_seconds(self.cores),
            "load_s": sum(usage.ru_utime + usage.ru_stime for usage in ours),
        }

    def __enter__(self):
        proc.reset_peak(self.pid)
        self._threads = proc.thread_cpu_seconds(self.pid)
        self._before = self._now()
        return self

    def __exit__(self, *_exception):
        after = self._now()
        spent = {name: after[name] - self._before[name] for name in after}
        threads = proc.thread_cpu_seconds(self.pid)
        others_s = spent["busy_s"] - spent["cpu_s"] - spent["load_s"]
        self.threads_s = sorted((now - self._threads.get(thread, 0)
                                 for thread, now in threads.items()), reverse=True)
        self.figures = {
            "wall_s": round(spent["wall_s"], 3),
            "cpu_s": round(max(spent["cpu_s"], sum(self.threads_s)), 4),
            "load_s": round(spent["load_s"], 3),
            "others": round(max(0.0, others_s) / spent["wall_s"], 3),
            "peak_mb": round(proc.memory_mb(self.pid, "VmHWM"), 2),
        }
