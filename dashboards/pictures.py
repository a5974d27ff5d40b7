#!/usr/bin/env python3
"""Draws the dashboards as they look in Grafana, or nearly so, of what a Prometheus has seen.

    dashboards/pictures.py --prometheus http://127.0.0.1:9090 --minutes 60 --out docs/pictures

For documents, and for whoever has no Grafana at hand. One SVG for each file of grafana/, with all
its panels, every variable on All. Needs Python 3.11 and nothing else.
"""

import argparse
import json
import math
import time
import urllib.parse
import urllib.request
from html import escape
from pathlib import Path

from drawing import COLUMN, GAP, LINE, Canvas, color_of, place_of, scale, written

HERE = Path(__file__).resolve().parent


class Asked:
    """What a Prometheus has seen in the time that is shown."""

    def __init__(self, arguments):
        self.url = arguments.prometheus.rstrip("/")
        self.step = arguments.step
        self.end = arguments.until or time.time()
        self.start = self.end - arguments.minutes * 60
        self.filled = {
            "$__rate_interval": f"{max(4 * arguments.step, 15)}s",
            "$__range": f"{arguments.minutes}m",
            "$instance": ".*", "$nginx": ".*", "$kind": ".*", "$format": ".*",
        }

    def series(self, target):
        """Name and points of each line that a query gives."""
        expr = target["expr"]
        for name, value in self.filled.items():
            expr = expr.replace(name, value)
        if target["instant"]:
            found = self.get("query", query=expr, time=self.end)
            return [(self.name(one, target), [one["value"]]) for one in found]
        found = self.get("query_range", query=expr, start=self.start, end=self.end, step=self.step)
        return [(self.name(one, target), one["values"]) for one in found]

    def get(self, what, **query):
        url = f"{self.url}/api/v1/{what}?{urllib.parse.urlencode(query)}"
        with urllib.request.urlopen(url, timeout=30) as answer:
            return json.load(answer)["data"]["result"]

    @staticmethod
    def name(one, target):
        name = target["legendFormat"]
        for label, value in one["metric"].items():
            name = name.replace("{{" + label + "}}", value)
        return name


def numbers(points):
    """Those points that are numbers."""
    read = [(float(at), float(value)) for at, value in points]
    return [(at, value) for at, value in read if math.isfinite(value)]


def draw_stat(canvas, panel, series, box):
    """The last value, large, in the colour of its threshold."""
    x, y, width, height = box
    defaults = panel["fieldConfig"]["defaults"]
    name, points = series[0] if series else ("no data", [])
    points = numbers(points)
    if not points:
        text, color = "no data", "#888"
    else:
        value = points[-1][1]
        words = defaults["mappings"][0]["options"] if defaults["mappings"] else {}
        color = threshold_color(defaults, value)
        text = words.get(f"{value:g}", {}).get("text") or written(value, defaults["unit"])
        if panel["options"]["textMode"] == "name":
            text, color = name, "#1f60c4"
    if panel["options"]["graphMode"] == "area" and len(points) > 1:
        low, high = min(value for _, value in points), max(value for _, value in points)
        floor = y + height - 6
        at = place_of((points[0][0], points[-1][0], low, max(high, low + 1e-9)), (x + 6, floor - 26, width - 12, 26))
        canvas.area([at(*point) for point in points], floor, color, 0.15)
    canvas.text(x + width / 2, y + height / 2 + 16, text, size=26 if len(text) < 11 else 20, color=color, anchor="middle", bold=True)


def threshold_color(defaults, value):
    color = "green"
    for step in defaults["thresholds"]["steps"]:
        if step["value"] is None or value >= step["value"]:
            color = step["color"]
    return color_of(color)


def draw_chart(canvas, panel, series, box, times):
    """Lines over time, stacked where they are parts of a whole, and whose each is."""
    defaults = panel["fieldConfig"]["defaults"]
    stacked = defaults["custom"]["stacking"]["mode"] == "normal"
    fixed = {one["matcher"]["options"]: one["properties"][0]["value"]["fixedColor"] for one in panel["fieldConfig"]["overrides"]}
    lines = [(name, numbers(points)) for name, points in series]
    lines = [line for line in lines if line[1]]
    lines.sort(key=lambda line: -sum(value for _, value in line[1]) / len(line[1]))
    # What has been nothing all the time is a line on the floor. One of those is enough.
    floor = [line for line in lines if not any(value for _, value in line[1])]
    lines = [line for line in lines if line not in floor] or floor[:4]
    x, y, width, height = box
    shown = lines[:8]
    entries = max(1, len(shown))
    legend = 13 * math.ceil(entries / legend_columns(width, shown)) + 4
    inner = (x + 52, y + 34, width - 66, height - 34 - 20 - legend)
    if not lines:
        canvas.text(x + width / 2, y + height / 2, "no data", size=13, color="#888", anchor="middle")
        return
    top = max(value for value in peak(lines, stacked))
    bottom = min(0.0, *(value for _, points in lines for _, value in points))
    marks = [step["value"] for step in defaults["thresholds"]["steps"] if step["value"] is not None]
    dashed = defaults["custom"]["thresholdsStyle"]["mode"] == "dashed"
    ticks = scale(defaults.get("min", bottom), defaults.get("max", top), defaults["unit"])
    at = place_of((*times, ticks[0], ticks[-1]), inner)
    axes(canvas, inner, at, ticks, times, defaults["unit"])
    base = {}
    for index, (name, points) in enumerate(lines):
        color = color_of(fixed[name]) if name in fixed else color_of(index)
        if stacked:
            points = [(moment, base.get(moment, 0.0) + value) for moment, value in points]
            under = [at(moment, base.get(moment, 0.0)) for moment, _ in points]
            base.update(points)
            canvas.band([at(*point) for point in points], under, color, 0.35)
        else:
            canvas.area([at(*point) for point in points], inner[1] + inner[3], color, 0.08)
        canvas.line([at(*point) for point in points], color)
    for mark in marks if dashed else []:
        if ticks[0] < mark <= ticks[-1]:
            _, level = at(times[0], mark)
            canvas.dashes(inner[0], level, inner[0] + inner[2], level, "#d44a3a")
    named(canvas, shown, len(series) - len(shown), fixed, defaults["unit"], (x + 10, y + height - legend, width - 20))


def peak(lines, stacked):
    """The heights that lines reach."""
    if not stacked:
        return [value for _, points in lines for _, value in points]
    sums = {}
    for _, points in lines:
        for moment, value in points:
            sums[moment] = sums.get(moment, 0.0) + value
    return list(sums.values())


def legend_columns(width, lines):
    longest = max((len(name) for name, _ in lines), default=1)
    return max(1, int((width - 20) // (6.2 * min(longest, 34) + 70)))


def named(canvas, lines, more, fixed, unit, place):
    x, y, width = place
    columns = legend_columns(width + 20, lines)
    for index, (name, points) in enumerate(lines):
        left, top = x + (index % columns) * width / columns, y + 13 * (index // columns) + 9
        color = color_of(fixed[name]) if name in fixed else color_of(index)
        canvas.box(left, top - 6, 8, 4, color)
        mean = written(sum(value for _, value in points) / len(points), unit)
        rest = f"  and {more} more" if more and index == len(lines) - 1 else ""
        canvas.text(left + 12, top, f"{name[:34]}  {mean}{rest}", size=9.5, color="#555")


def axes(canvas, inner, at, ticks, times, unit):
    x, y, width, height = inner
    for tick in ticks:
        _, level = at(times[0], tick)
        canvas.rule(x, level, x + width, level, "#e4e4e8")
        canvas.text(x - 5, level + 3, written(tick, unit), size=9.5, color="#777", anchor="end")
    parts = 4 if width > 260 else 2
    for part in range(parts + 1):
        moment = times[0] + (times[1] - times[0]) * part / parts
        label = time.strftime("%H:%M" if times[1] - times[0] > 300 else "%H:%M:%S", time.gmtime(moment))
        anchor = "end" if part == parts else "middle"
        canvas.text(x + width * part / parts, y + height + 13, label, size=9.5, color="#777", anchor=anchor)


def picture(board, asked):
    """The whole dashboard as one SVG."""
    height = max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in board["panels"])
    canvas = Canvas(24 * COLUMN + GAP, height * LINE + 40)
    canvas.text(12, 26, board["title"], size=17, color="#222", bold=True)
    for panel in board["panels"]:
        grid = panel["gridPos"]
        x, y = grid["x"] * COLUMN + GAP, grid["y"] * LINE + 40
        width, height = grid["w"] * COLUMN - GAP, grid["h"] * LINE - GAP
        if panel["type"] == "row":
            canvas.text(x + 2, y + 19, panel["title"], size=13, color="#444", bold=True)
            continue
        canvas.card(x, y, width, height)
        canvas.text(x + 10, y + 17, panel["title"], size=11.5, color="#333", bold=True, tip=panel["description"])
        series = [line for target in panel["targets"] for line in asked.series(target)]
        if panel["type"] == "stat":
            draw_stat(canvas, panel, series, (x, y, width, height))
        else:
            draw_chart(canvas, panel, series, (x, y, width, height), (asked.start, asked.end))
    return canvas.svg(escape(board["description"]))


def main():
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--prometheus", default="http://127.0.0.1:9090", metavar="URL")
    words.add_argument("--minutes", type=int, default=60, help="how much is shown")
    words.add_argument("--until", type=float, help="seconds since 1970 [default: now]")
    words.add_argument("--step", type=int, default=15, help="seconds between two scrapes")
    words.add_argument("--out", type=Path, default=HERE.parent / "docs" / "pictures", metavar="FOLDER")
    arguments = words.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    asked = Asked(arguments)
    for board in sorted((HERE / "grafana").glob("*.json")):
        drawn = picture(json.loads(board.read_text()), asked)
        (arguments.out / f"{board.stem}.svg").write_text(drawn)


if __name__ == "__main__":
    main()
