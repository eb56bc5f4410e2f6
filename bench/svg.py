"""A drawing as SVG text, readable on a light and on a dark page: it brings its own background, and
takes its colours from the page's reader (prefers-color-scheme, Media Queries Level 5)."""
from xml.sax.saxutils import escape

# class: what it colours, on light, on dark
COLOURS = {
    "page": ("fill", "#ffffff", "#14181f"),
    "ink": ("fill", "#1f2933", "#e6e9ee"),
    "faint": ("fill", "#5b6673", "#9aa5b3"),
    "grid": ("stroke", "#e2e6eb", "#2b323d"),
    "axis": ("stroke", "#98a2ae", "#5a6573"),
    "mine": ("fill", "#0b7a75", "#3ecfc4"),
    "peer": ("fill", "#a9b8c9", "#566780"),
    "floor": ("fill", "#d9cfb8", "#6f6549"),
    "span": ("stroke", "#a9b8c9", "#566780"),
    "span-mine": ("stroke", "#0b7a75", "#3ecfc4"),
}
FONT = "system-ui, 'Segoe UI', 'DejaVu Sans', Helvetica, Arial, sans-serif"


def rules(which):
    return " ".join(f".{name}{{{what}:{(light, dark)[which]}}}"
                    for name, (what, light, dark) in COLOURS.items())


class Drawing:
    def __init__(self, width, height, title):
        self._parts = []
        self._head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
            f' width="{width}" height="{height}" role="img" font-family="{FONT}" font-size="12">\n'
            f"<title>{escape(title)}</title>\n"
            f"<style>{rules(0)} .strong{{font-weight:600}}"
            f" @media (prefers-color-scheme: dark){{{rules(1)}}}</style>\n")
        self.rect(0, 0, width, height, "page", radius=8)

    def rect(self, x, y, width, height, style, radius=0):
        self._parts.append(f'<rect class="{style}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}"'
                           f' height="{height:.1f}" rx="{radius}"/>')

    def line(self, x1, y1, x2, y2, style, width=1):
        self._parts.append(f'<line class="{style}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}"'
                           f' y2="{y2:.1f}" stroke-width="{width}"/>')

    def path(self, points, style, width=1):
        through = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self._parts.append(f'<polyline class="{style}" points="{through}" fill="none"'
                           f' stroke-width="{width}"/>')

    def dot(self, x, y, radius, style):
        self._parts.append(f'<circle class="{style}" cx="{x:.1f}" cy="{y:.1f}" r="{radius}"/>')

    def text(self, x, y, words, style="ink", anchor="start", size=12):
        self._parts.append(f'<text class="{style}" x="{x:.1f}" y="{y:.1f}" font-size="{size}"'
                           f' text-anchor="{anchor}">{escape(words)}</text>')

    def __str__(self):
        return self._head + "\n".join(self._parts) + "\n</svg>\n"
