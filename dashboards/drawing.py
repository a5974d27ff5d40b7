"""Lines, areas, words and numbers, for pictures.py."""

import math
from html import escape

# Pixels of a column and of a line of Grafana's grid, and between two panels.
COLUMN, LINE, GAP = 50, 30, 8
PALETTE = ["#5794f2", "#f2994a", "#56a64b", "#b877d9", "#e0b400", "#37a2b4", "#e24d42", "#8f8f9b",
           "#1f60c4", "#a16a2a", "#3d7a35", "#7d4fa0"]
NAMED = {"green": "#37872d", "red": "#d44a3a", "yellow": "#c79a00", "orange": "#e0752d", "blue": "#3274d9",
         "text": "#8f8f9b", "transparent": "#888"}
# How quantities are written: what follows the number, and the steps by which it grows.
SUFFIXES = {"ops": "/s", "reqps": "/s", "cps": "/s", "Bps": "B/s", "bytes": "B"}


def color_of(wanted):
    """A colour of Grafana's by name, or the n-th of the palette."""
    return PALETTE[wanted % len(PALETTE)] if isinstance(wanted, int) else NAMED.get(wanted, wanted)


def plain(value):
    """Three digits that count."""
    text = f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"
    return "0" if float(text) == 0 else text


def written(value, unit):
    """A value as people read it."""
    if unit == "percentunit":
        return f"{plain(value * 100)} %"
    if unit == "s":
        return seconds(value)
    if unit in ("bytes", "Bps"):
        return grown(value, 1024, ["", "Ki", "Mi", "Gi", "Ti"]) + SUFFIXES[unit]
    if unit in ("ops", "reqps", "cps"):
        return grown(value, 1000, [" ", " k", " M"]) .strip() + " " + SUFFIXES[unit]
    if unit == "bool_on_off":
        return "on" if value else "off"
    return grown(value, 1000, ["", "k", "M"])


def grown(value, step, prefixes):
    power = 0
    while abs(value) >= step and power + 1 < len(prefixes):
        value, power = value / step, power + 1
    return f"{plain(value)}{' ' if step == 1024 else ''}{prefixes[power]}"


def seconds(value):
    if value == 0:
        return "0 s"
    for bound, size, unit in ((1e-3, 1e-6, "µs"), (1, 1e-3, "ms"), (120, 1, "s"), (7200, 60, "min"), (172800, 3600, "h")):
        if abs(value) < bound:
            return f"{plain(value / size)} {unit}"
    return f"{plain(value / 86400)} d"


def scale(low, high, unit):
    """Round numbers from `low` or below to `high` or above, at most six."""
    if unit == "bool_on_off":
        return [0, 1]
    span = (high - low) or 1.0
    base = 1024 if unit in ("bytes", "Bps") and span >= 1024 else 10
    if base == 1024:
        unit_size = 1024 ** int(math.log(span, 1024))
        return [tick * unit_size for tick in scale(low / unit_size, high / unit_size, "short")]
    rough = 10 ** math.floor(math.log10(span / 4))
    step = next(rough * factor for factor in (1, 2, 5, 10) if span / (rough * factor) <= 5)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [index * step for index in range(first, max(last, first + 1) + 1)]


def place_of(ranges, box):
    """What turns a moment and a value into a place in a box."""
    start, end, low, high = ranges
    x, y, width, height = box

    def place(moment, value):
        return (x + width * (moment - start) / ((end - start) or 1),
                y + height - height * (value - low) / ((high - low) or 1))
    return place


def joined(points):
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


class Canvas:
    """An SVG that is being drawn."""

    def __init__(self, width, height):
        self.width, self.height, self.parts = width, height, []

    def add(self, part):
        self.parts.append(part)

    def text(self, x, y, words, size, color, anchor="start", bold=False, tip=None):
        weight = ' font-weight="600"' if bold else ""
        title = f"<title>{escape(tip)}</title>" if tip else ""
        self.add(f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{color}" text-anchor="{anchor}"{weight}>'
                 f"{escape(words)}{title}</text>")

    def card(self, x, y, width, height):
        self.add(f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="3" fill="#fff" stroke="#dcdce2"/>')

    def box(self, x, y, width, height, color):
        self.add(f'<rect x="{x:.1f}" y="{y:.1f}" width="{width}" height="{height}" fill="{color}"/>')

    def rule(self, x1, y1, x2, y2, color):
        self.add(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{color}"/>')

    def dashes(self, x1, y1, x2, y2, color):
        self.add(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{color}" stroke-dasharray="5 4"/>')

    def line(self, points, color):
        self.add(f'<polyline points="{joined(points)}" fill="none" stroke="{color}" stroke-width="1.3"/>')

    def area(self, points, floor, color, opacity):
        self.band(points, [(points[0][0], floor), (points[-1][0], floor)], color, opacity)

    def band(self, points, under, color, opacity):
        outline = joined([*points, *reversed(under)])
        self.add(f'<polygon points="{outline}" fill="{color}" fill-opacity="{opacity}"/>')

    def svg(self, description):
        return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}" role="img"'
                f' font-family="Inter, Helvetica, Arial, sans-serif"><desc>{description}</desc>'
                f'<rect width="100%" height="100%" fill="#f4f5f8"/>\n' + "\n".join(self.parts) + "\n</svg>\n")
