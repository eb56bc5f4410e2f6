"""The picture of a soak: what was sampled, over time."""
from scale import Linear, short
from svg import Drawing

MARGIN, AXIS, PANEL, GAP = 24, 40, 372, 48
HEIGHT, TITLE, FOOT, HEAD = 130, 30, 34, 62
WIDTH = 2 * MARGIN + 2 * (AXIS + PANEL) + GAP
HEADING = "awaitd under a mixed load with leavers and errors"


def field(name):
    return lambda samples: [sample[name] for sample in samples]


def rate(name):
    """Of a counter, per second."""
    def rates(samples):
        pairs = list(zip(samples, samples[1:]))
        of_each = [(two[name] - one[name]) / (two["at_seconds"] - one["at_seconds"])
                   for one, two in pairs]
        return of_each[:1] + of_each
    return rates


PANELS = [("resident memory, MB", field("rss_mb")), ("open descriptors", field("descriptors")),
          ("hi() in flight", field("tasks")), ("open connections", field("connections")),
          ("requests per second", rate("requests")), ("clients that left, per second",
                                                      rate("left")),
          ("errors 4xx per second: asked for", rate("refused")),
          ("errors 503 per second: asked for", rate("unavailable"))]


def draw_panel(drawing, title, times, values, x, y):
    across = Linear(times, PANEL)
    up = Linear([*values, 1], HEIGHT)
    bottom = y + HEIGHT
    drawing.text(x, y - 10, title, "ink strong", size=13)
    for tick in up.ticks:
        drawing.line(x, bottom - up.at(tick), x + PANEL, bottom - up.at(tick), "grid")
        drawing.text(x - 6, bottom - up.at(tick) + 4, short(tick), "faint", "end", 11)
    for tick in across.ticks:
        drawing.text(x + across.at(tick), bottom + 15, short(tick), "faint", "middle", 11)
    drawing.line(x, bottom, x + PANEL, bottom, "axis")
    points = [(x + across.at(at), bottom - up.at(value)) for at, value in zip(times, values)]
    drawing.path(points, "span-mine", 1.2)


def draw(head, samples):
    """The whole picture, as SVG text."""
    in_minutes = samples[-1]["at_seconds"] > 120
    times = [sample["at_seconds"] / (60 if in_minutes else 1) for sample in samples]
    rows = (len(PANELS) + 1) // 2
    drawing = Drawing(WIDTH, HEAD + rows * (TITLE + HEIGHT + FOOT), HEADING)
    drawing.text(MARGIN, 30, HEADING, "ink strong", size=16)
    drawing.text(MARGIN, 50, f"{head['visits_per_second']:g} visits per second; over "
                 f"{'minutes' if in_minutes else 'seconds'}; {head['cpu']}, {head['system']}, "
                 f"{head['measured']}", "faint")
    for i, (title, values) in enumerate(PANELS):
        x = MARGIN + AXIS + i % 2 * (PANEL + AXIS + GAP)
        y = HEAD + i // 2 * (TITLE + HEIGHT + FOOT) + TITLE
        draw_panel(drawing, title, times, values(samples), x, y)
    return str(drawing)
