#!/usr/bin/env python3
"""Draws the panels of dashboard.json into one SVG, from what a Prometheus server answers to their queries.

Of panels with more than four series, the legend has those that are not always zero.

    deploy/observability/render.py http://localhost:9090 BEGIN END docs/dashboard.svg

BEGIN and END are Unix times in seconds. Needs nothing but Python. Exits with 1 and names the queries that return nothing.
"""

import json
import re
import sys
import urllib.parse
import urllib.request
from html import escape
from pathlib import Path

COLUMN, ROW, GAP = 46, 21, 6  # the grid of Grafana, in pixels
POINTS = 90
COLOURS = ["#7eb26d", "#eab839", "#6ed0e0", "#ef843c", "#e24d42", "#5195ce", "#ba43a9", "#705da0", "#b7dbab", "#f4d598", "#70dbed", "#f9ba8f"]


def query(server, expression, begin, end):
    """The series of an expression: labels, and pairs of time and value."""
    parameters = {"query": expression, "start": begin, "end": end, "step": max(1, (end - begin) // POINTS)}
    with urllib.request.urlopen(f"{server}/api/v1/query_range?{urllib.parse.urlencode(parameters)}") as answer:
        result = json.load(answer)["data"]["result"]
    return [(series["metric"], [(t, float(v)) for t, v in series["values"] if v not in ("NaN", "+Inf", "-Inf")]) for series in result]


def legend(template, labels):
    return re.sub(r"\{\{\s*(\w+)\s*}}", lambda name: labels.get(name[1], ""), template or "")


def number(value, unit):
    """A value as people read it."""
    if unit == "percentunit":
        return f"{100 * value:.3g} %"
    size, names = (1024, ["", "Ki", "Mi", "Gi"]) if unit == "bytes" else (1000, ["", "k", "M", "G"])
    for name in names:
        if abs(value) < size or name == names[-1]:
            break
        value /= size
    return f"{value:.3g} {name}{ {'bytes': 'B', 's': 's', 'reqps': '/s'}.get(unit, '')}".strip()


def panel(definition, lines, begin, end):
    """A panel as SVG, at its place in the grid."""
    place = definition["gridPos"]
    unit = definition.get("fieldConfig", {}).get("defaults", {}).get("unit", "short")
    width, height = place["w"] * COLUMN - GAP, place["h"] * ROW - GAP
    out = [f'<g transform="translate({place["x"] * COLUMN},{place["y"] * ROW})">']
    if definition["type"] == "row":
        return out + [f'<text class="row" x="4" y="15">{escape(definition["title"])}</text></g>']
    out.append(f'<rect class="panel" width="{width}" height="{height}" rx="2"/><text class="title" x="8" y="16">{escape(definition["title"])}</text>')
    if definition["type"] == "stat":
        for i, (name, points) in enumerate(lines):
            middle = (i + 0.5) * width / len(lines)
            out.append(f'<text class="stat" x="{middle:.0f}" y="90">{number(points[-1][1], unit)}</text><text class="name" text-anchor="middle" x="{middle:.0f}" y="115">{escape(name)}</text>')
        return out + ["</g>"]
    named = [i for i, (_, points) in enumerate(lines) if len(lines) <= 4 or any(value for _, value in points)][:9]
    columns = 2 if any(len(lines[i][0]) > 20 for i in named) else 3
    names = 13 * -(-len(named) // columns)
    left, top, bottom = 58, 26, height - 22 - names
    values = [value for _, points in lines for _, value in points] or [0]
    low, high = min(0, min(values)), max(values)
    high = high if high > low else low + 1
    for i in range(3):
        y = bottom - i * (bottom - top) / 2
        out.append(f'<path class="grid" d="M{left} {y:.0f}H{width - 8}"/><text class="axis" x="{left - 5}" y="{y + 4:.0f}">{number(low + i * (high - low) / 2, unit)}</text>')
    out.append(f'<text class="name" x="{left}" y="{bottom + 12}">0</text><text class="axis" x="{width - 8}" y="{bottom + 12}">{(end - begin) / 60:.0f} min</text>')
    for i, (name, points) in enumerate(lines):
        colour = COLOURS[i % len(COLOURS)]
        path = " ".join(
            f"{left + (t - begin) / (end - begin) * (width - 8 - left):.0f},{bottom - (value - low) / (high - low) * (bottom - top):.0f}"
            for t, value in points
        )
        out.append(f'<polyline stroke="{colour}" points="{path}"/>')
        if i in named:
            x, y = 8 + named.index(i) % columns * (width - 8) / columns, bottom + 26 + 13 * (named.index(i) // columns)
            out.append(f'<path stroke="{colour}" stroke-width="3" d="M{x:.0f} {y - 4:.0f}h8"/><text class="name" x="{x + 11:.0f}" y="{y:.0f}">{escape(name)}</text>')
    return out + ["</g>"]


def main(server, begin, end, target):
    begin, end = int(begin), int(end)
    panels = json.loads((Path(__file__).parent / "dashboard.json").read_text())["panels"]
    bottom = max(p["gridPos"]["y"] + p["gridPos"]["h"] for p in panels) * ROW
    body, silent = [], []
    for definition in panels:
        lines = []
        for wanted in definition.get("targets", []):
            found = [(labels, points) for labels, points in query(server, wanted["expr"].replace("$worker", ".+"), begin, end) if points]
            if not found:
                silent.append(f"{definition['title']}: {wanted['expr']}")
            lines += [(legend(wanted.get("legendFormat"), labels), points) for labels, points in found]
        body += panel(definition, lines, begin, end)
    Path(target).write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-8 -8 {24 * COLUMN + 10} {bottom + 10}" font-family="sans-serif" font-size="11">'
        "<style>.panel{fill:#181b1f;stroke:#2c3235}.title{fill:#d8d9da;font-size:13px;font-weight:bold}.row{fill:#d8d9da;font-size:15px}"
        ".name{fill:#9fa7b3;font-size:10px}.axis{fill:#9fa7b3;font-size:10px;text-anchor:end}.grid{stroke:#2c3235}"
        ".stat{fill:#73bf69;font-size:44px;text-anchor:middle}polyline{fill:none;stroke-width:1.4}</style>"
        f'<rect x="-8" y="-8" width="100%" height="100%" fill="#111217"/>{"".join(body)}</svg>\n'
    )
    for line in silent:
        print(f"no data: {line}", file=sys.stderr)
    return 1 if silent else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) if len(sys.argv) == 5 else __doc__)
