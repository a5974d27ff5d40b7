#!/usr/bin/env python3
"""Makes the dashboards that Grafana loads, grafana/*.json, from what panels/*.toml say of them.

A dashboard of Grafana's is some thousand lines, of which a few dozen say something: those are in
panels/. Everything that all panels have in common is here.

    dashboards/make.py            writes grafana/*.json
    dashboards/make.py --check    tells which of them are not current, and changes nothing

Needs Python 3.11 and nothing else.
"""

import json
import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent
# Grafana's grid has so many columns.
COLUMNS = 24
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
# Variables that choose among the values of a label: name, what it is called, where the values are.
VARIABLES = {
    "instance": ("Instance", "label_values(exportd_build_info, instance)"),
    "kind": ("Kind", "label_values(exportd_exports_total, kind)"),
    "format": ("Format", 'label_values(exportd_exports_total{kind=~"$kind"}, format)'),
    "nginx": ("nginx", "label_values(nginx_up, instance)"),
}


def dashboard(told):
    """The dashboard that a file of panels/ tells of."""
    return {
        "uid": told["uid"],
        "title": told["title"],
        "description": told["description"],
        "tags": ["exportd"],
        "schemaVersion": 39,
        "version": 1,
        "editable": True,
        "graphTooltip": 1,
        "fiscalYearStartMonth": 0,
        "liveNow": False,
        "weekStart": "",
        "timezone": "",
        "time": {"from": "now-6h", "to": "now"},
        "timepicker": {},
        "refresh": "30s",
        "links": [others()],
        "annotations": {"list": [alerts()]},
        "templating": {"list": [datasource(), *(variable(name) for name in told["variables"])]},
        "panels": panels(told["row"]),
    }


def others():
    """Leads to the other dashboards, with the same time and the same choice."""
    return {
        "title": "exportd", "type": "dashboards", "tags": ["exportd"], "icon": "external link",
        "tooltip": "", "url": "", "asDropdown": True, "targetBlank": False, "includeVars": True,
        "keepTime": True,
    }


def alerts():
    """Marks in every panel when an alert was firing."""
    return {
        "name": "Alerts", "datasource": SOURCE, "enable": True, "hide": False, "iconColor": "red",
        "expr": 'ALERTS{alertname=~"Exportd.*", alertstate="firing"}',
    }


def datasource():
    return {
        "name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus",
        "hide": 0, "includeAll": False, "multi": False, "regex": "", "refresh": 1, "skipUrlSync": False,
        "current": {}, "options": [],
    }


def variable(name):
    label, query = VARIABLES[name]
    return {
        "name": name, "label": label, "type": "query", "datasource": SOURCE,
        "query": {"query": query, "refId": name}, "hide": 0, "includeAll": True, "allValue": ".*",
        "multi": True, "regex": "", "refresh": 2, "sort": 1, "skipUrlSync": False,
        "current": {"selected": True, "text": ["All"], "value": ["$__all"]}, "options": [],
    }


def panels(rows):
    """All panels, each row below the one before, from left to right."""
    made, number, y = [], 1, 0
    for row in rows:
        made.append({
            "type": "row", "id": number, "title": row["title"], "collapsed": False, "panels": [],
            "gridPos": {"x": 0, "y": y, "w": COLUMNS, "h": 1},
        })
        number, x, y, height = number + 1, 0, y + 1, 0
        for told in row["panel"]:
            width, wanted = told.get("width", 8), told.get("height", 4 if told["type"] == "stat" else 8)
            if x + width > COLUMNS:
                x, y, height = 0, y + height, 0
            made.append(panel(told, number, {"x": x, "y": y, "w": width, "h": wanted}))
            number, x, height = number + 1, x + width, max(height, wanted)
        y += height
    return made


def panel(told, number, place):
    return {
        "id": number,
        "type": told["type"],
        "title": told["title"],
        "description": told["description"],
        "datasource": SOURCE,
        "gridPos": place,
        "targets": [target(query, index, told) for index, query in enumerate(told["query"])],
        "fieldConfig": {"defaults": {**field(told), "custom": custom(told)}, "overrides": overrides(told)},
        "options": options(told),
    }


def target(query, index, told):
    return {
        "refId": chr(ord("A") + index),
        "datasource": SOURCE,
        "expr": query["expr"].strip(),
        "legendFormat": query["legend"],
        "instant": told["type"] == "stat" and not told.get("spark", True),
        "range": told["type"] != "stat" or told.get("spark", True),
        "editorMode": "code",
    }


def field(told):
    """How values are written and what colour they have."""
    steps = [{"color": color, "value": value if index else None}
             for index, (value, color) in enumerate(told.get("thresholds", [[0, "green"]]))]
    optional = {key: told[key] for key in ("min", "max", "decimals") if key in told}
    mappings = [{"type": "value", "options": {
        value: {"text": text, "color": color, "index": index}
        for index, (value, text, color) in enumerate(told["words"])}}] if "words" in told else []
    by_threshold = told["type"] == "stat" or "thresholds" in told and told.get("colored", False)
    return {
        "unit": told["unit"],
        "color": {"mode": "thresholds" if by_threshold else "palette-classic"},
        "thresholds": {"mode": "absolute", "steps": steps},
        "mappings": mappings,
        **optional,
    }


def custom(told):
    """How lines are drawn; a line at each threshold."""
    if told["type"] != "timeseries":
        return {}
    return {
        "drawStyle": "line",
        "lineInterpolation": "linear",
        "lineWidth": 1,
        "fillOpacity": 30 if told.get("stacked") else 10,
        "showPoints": "never",
        "spanNulls": False,
        "stacking": {"mode": "normal" if told.get("stacked") else "none", "group": "A"},
        "thresholdsStyle": {"mode": "dashed" if "thresholds" in told else "off"},
    }


def overrides(told):
    """Colours of series that mean the same everywhere."""
    fixed = told.get("colors", {})
    return [{"matcher": {"id": "byName", "options": name},
             "properties": [{"id": "color", "value": {"mode": "fixed", "fixedColor": color}}]}
            for name, color in fixed.items()]


def options(told):
    if told["type"] == "stat":
        return {
            "colorMode": told.get("paint", "value"), "graphMode": "area" if told.get("spark", True) else "none",
            "justifyMode": "auto", "orientation": "auto", "wideLayout": True, "showPercentChange": False,
            "textMode": told.get("text", "auto"),
            "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        }
    return {
        # What has been nothing all the time stands last.
        "legend": {"displayMode": "table", "placement": "bottom", "showLegend": True,
                   "calcs": ["mean", "max"], "sortBy": "Mean", "sortDesc": True},
        "tooltip": {"mode": "multi", "sort": "desc"},
    }


def main():
    stale = []
    for source in sorted((HERE / "panels").glob("*.toml")):
        made = json.dumps(dashboard(tomllib.loads(source.read_text())), indent=2, ensure_ascii=False) + "\n"
        written = HERE / "grafana" / f"{source.stem}.json"
        if not written.exists() or written.read_text() != made:
            stale.append(written.name)
            if "--check" not in sys.argv:
                written.write_text(made)
    if "--check" in sys.argv and stale:
        sys.exit(f"not current, run dashboards/make.py: {', '.join(stale)}")


if __name__ == "__main__":
    main()
