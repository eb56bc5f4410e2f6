"""A second of awaitd's life: what the kernel and what awaitd itself say of it."""
import http.client
import os
import re
import time

import proc

LINE = re.compile(r"^(\w+)(?:\{([^}]*)\})? ([0-9.e+-]+)$", re.M)


def parse(page):
    """{name: {labels: value}} of a page of metrics."""
    metrics = {}
    for name, labels, value in LINE.findall(page):
        metrics.setdefault(name, {})[labels] = float(value)
    return metrics


def total(metrics, name, wanted=""):
    return round(sum(value for labels, value in metrics.get(name, {}).items()
                     if re.search(wanted, labels)))


class Sampler:
    def __init__(self, service):
        self._service = service
        self._began = time.monotonic()

    def take(self):
        """While the one who asks is connected: it counts itself, each time."""
        connection = http.client.HTTPConnection("127.0.0.1", self._service.port, timeout=10)
        try:
            connection.request("GET", "/metrics")
            return self._sample(parse(connection.getresponse().read().decode()))
        finally:
            connection.close()

    def _sample(self, metrics):
        return {
            "at_seconds": round(time.monotonic() - self._began, 1),
            "rss_mb": round(proc.memory_mb(self._service.pid, "VmRSS"), 2),
            "descriptors": len(os.listdir(f"/proc/{self._service.pid}/fd")),
            "threads": len(os.listdir(f"/proc/{self._service.pid}/task")),
            "cpu_seconds": round(proc.cpu_seconds(self._service.pid), 2),
            "tasks": total(metrics, "awaitd_tasks_active"),
            "in_flight": total(metrics, "http_requests_in_flight"),
            "connections": total(metrics, "http_connections"),
            "requests": total(metrics, "http_requests_total"),
            "refused": total(metrics, "http_requests_total", 'code="4'),
            "unavailable": total(metrics, "http_requests_total", 'code="503"'),
            "failed": total(metrics, "http_requests_total", 'code="5(?!03)'),
            "left": total(metrics, "awaitd_client_disconnects_total"),
            "cut_off": total(metrics, "awaitd_http2_connections_killed_total"),
            "slow_turns": total(metrics, "awaitd_slow_turns_total"),
            "log_lines_lost": total(metrics, "awaitd_log_dropped_lines_total"),
        }
