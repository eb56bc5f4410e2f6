"""The picture of a file of results: rows of servers, two panels beside each other, three times."""
from dataclasses import dataclass

import servers
from scale import Linear, Logarithmic, figure, short
from svg import Drawing

MARGIN, NAMES, GAP = 24, 190, 40
ROW, PANEL, VALUE = 22, 318, 62  # VALUE: room at a bar's end for its figure
HEADING = "awaitd beside the same service in other stacks"
WIDTH = 2 * MARGIN + NAMES + 2 * PANEL + GAP
HEAD, TITLE, FOOT = 62, 44, 52


@dataclass(frozen=True)
class Panel:
    title: str
    axis: str
    scenario: str
    cases: tuple  # one: bars; several: a dot for each
    field: str
    scale: type = Linear

    def values(self, results, server):
        medians = (results.median(self.scenario, case, server, self.field) for case in self.cases)
        return [value for value in medians if value is not None]


COUNTS = ("10000", "100000", "1000000")
PAIRS = [
    (Panel("/hi, no delay, 64 connections", "requests per second of server CPU: more is better",
           "throughput", ("hi-64",), "per_cpu_second"),
     Panel("/parallel of 3, the same", "requests per second of server CPU: more is better",
           "throughput", ("parallel-64",), "per_cpu_second")),
    (Panel("15,000 requests in flight, 1 s each: latency", "p99 beyond the 1 s, in ms, logarithmic",
           "in-flight", ("15000",), "p99_beyond_ms", Logarithmic),
     Panel("the same: memory", "peak, in MB: less is better",
           "in-flight", ("15000",), "peak_mb")),
    (Panel("one request of 10k, 100k, 1M tasks, 100 ms", "until the last byte, in s, logarithmic",
           "fan-out", COUNTS, "took_s", Logarithmic),
     Panel("the same: memory", "peak, in MB, logarithmic",
           "fan-out", COUNTS, "peak_mb", Logarithmic)),
]


def style_of(server):
    return "mine" if server.is_awaitd else "floor" if server.is_floor else "peer"


def draw_axis(drawing, panel, scale, x, top, bottom):
    for tick in scale.ticks:
        at = x + scale.at(tick)
        drawing.line(at, top, at, bottom, "grid")
        drawing.text(at, bottom + 15, short(tick), "faint", "middle", 11)
    drawing.line(x, top, x, bottom, "axis")
    drawing.text(x, bottom + 32, panel.axis, "faint", size=11)


def draw_bar(drawing, scale, server, value, x, y):
    length = max(1.0, scale.at(value))
    drawing.rect(x, y + 4, length, ROW - 8, style_of(server), radius=2)
    drawing.text(x + length + 6, y + 15, figure(value), "ink" + " strong" * server.is_awaitd,
                 size=11)


def draw_dots(drawing, scale, server, values, of_many, over_s, x, y):
    """The larger the case, the larger its dot. Bars need a zero, which a logarithmic axis lacks."""
    places = [x + scale.at(value) for value in values]
    span = "span-mine" if server.is_awaitd else "span"
    drawing.line(places[0], y + ROW / 2, places[-1], y + ROW / 2, span, 2)
    for place, radius in zip(places, (3, 4, 5) if of_many else (5,)):
        drawing.dot(place, y + ROW / 2, radius, style_of(server))
    last = f"then over {over_s} s" if over_s else figure(values[-1])
    drawing.text(places[-1] + 10, y + 15, last, "ink" + " strong" * server.is_awaitd, size=11)


def draw_panel(drawing, panel, results, rows, x, top):
    drawing.text(x, top - 14, panel.title, "ink strong", size=13)
    measured = [(server, panel.values(results, server.name)) for server in rows]
    known = [value for _, values in measured for value in values if value > 0]
    bottom = top + ROW * len(rows)
    if not known:
        drawing.text(x, top + 15, "not measured", "faint")
        return
    scale = panel.scale(known, PANEL - VALUE)
    draw_axis(drawing, panel, scale, x, top, bottom)
    for i, (server, values) in enumerate(measured):
        if values and panel.scale is Logarithmic:
            over_s = results.over_s(panel.scenario, server.name)
            draw_dots(drawing, scale, server, values, len(panel.cases) > 1, over_s, x,
                      top + ROW * i)
        elif values:
            draw_bar(drawing, scale, server, values[0], x, top + ROW * i)


def rows_of(pair, results):
    return [server for server in servers.SERVERS
            if any(panel.values(results, server.name) for panel in pair)]


def draw_pair(drawing, pair, results, rows, top):
    for i, server in enumerate(rows):
        drawing.text(MARGIN + NAMES - 10, top + ROW * i + 15, server.title,
                     "ink" + " strong" * server.is_awaitd, "end")
    for i, panel in enumerate(pair):
        draw_panel(drawing, panel, results, rows, MARGIN + NAMES + i * (PANEL + GAP), top)


def draw(results):
    """The whole picture, as SVG text."""
    rows = [rows_of(pair, results) for pair in PAIRS]
    height = HEAD + sum(TITLE + ROW * len(of_pair) + FOOT for of_pair in rows)
    drawing = Drawing(WIDTH, height, HEADING)
    machine = results.machine["machine"]
    drawing.text(MARGIN, 30, HEADING, "ink strong", size=16)
    drawing.text(MARGIN, 50, f"one core for the server, one for the load; {machine['cpu']},"
                 f" {machine['system']}, {results.machine['measured']}", "faint")
    top = HEAD
    for pair, of_pair in zip(PAIRS, rows):
        draw_pair(drawing, pair, results, of_pair, top + TITLE)
        top += TITLE + ROW * len(of_pair) + FOOT
    return str(drawing)
