"""Pages that show themselves anywhere: offline, without a script, on a phone, on paper, in the dark."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tsforecast.evaluation.svg import NARROW, WIDE, Chart, Size, draw, escape

POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""What the page forbids itself: to load or run anything."""

STYLE = """
:root{--paper:#fff;--ink:#111;--soft:#555;--line:#ddd;--tint:#f1f5fa;color-scheme:light dark}
body{font:16px/1.5 Arial,Helvetica,sans-serif;max-width:760px;margin:0 auto;padding:8px 16px 40px;
 color:var(--ink);background:var(--paper);overflow-wrap:break-word}
h1{font-size:26px;line-height:1.25}h2{font-size:20px;margin:36px 0 8px}
.verdict{border-left:4px solid #0b62a8;background:var(--tint);padding:10px 14px;font-weight:bold}
.soft,figcaption,summary{color:var(--soft);font-size:14px}
figure{margin:0 0 18px}svg{display:block;width:100%;height:auto}
.narrow svg{max-width:480px}.narrow{display:none}.alone{max-width:420px}
@media(max-width:560px){.wide{display:none}.narrow{display:block}body{padding:4px 12px 32px}td,th{padding:4px 6px}}
.sideways{overflow-x:auto}
table{border-collapse:collapse;font-size:14px;font-variant-numeric:tabular-nums}
td,th{padding:4px 10px;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap}
td:first-child,th:first-child{text-align:left;position:sticky;left:0;background:var(--paper);padding-left:0;
 white-space:normal;min-width:88px;max-width:260px;overflow-wrap:anywhere}
tr.own td{font-weight:bold}
.facts td{text-align:left;white-space:normal;overflow-wrap:anywhere;vertical-align:top}
.facts td:first-child{color:var(--soft);overflow-wrap:normal}
@media(prefers-color-scheme:dark){
 :root{--paper:#15181c;--ink:#e4e7eb;--soft:#a4abb4;--line:#363c44;--tint:#1d242d}
 .paper{fill:#15181c}.ink{fill:#d3d8de}.grid{stroke:#363c44}.rule{stroke:#8a929c}
 .history{stroke:#aab2bc}.actual{stroke:#f2f4f7}.forecast{stroke:#6db3f2}.band{fill:#7cc4ff}.other{stroke:#e39a55}}
@media print{body{max-width:none}figure,tr{break-inside:avoid}}
""".replace("\n", "")


def page(title: str, parts: Sequence[str]) -> str:
    """Write a page.

    Args:
        title: Its heading, any text.
        parts: HTML below the heading; empty ones are left out.
    """
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>\n"
        f"<body><h1>{escape(title)}</h1>\n" + "\n".join(part for part in parts if part) + "\n</body></html>\n"
    )


def section(title: str, body: str, caption: str = "") -> str:
    """Write a part with a heading; nothing where there is no body."""
    below = paragraph(caption, "soft") if caption else ""
    return f"<h2>{escape(title)}</h2>\n{below}{body}" if body else ""


def paragraph(text: str, style: str = "") -> str:
    """Write a sentence."""
    how = f' class="{style}"' if style else ""
    return f"<p{how}>{escape(text)}</p>\n"


def figure(chart: Chart) -> str:
    """Draw a chart twice, for a wide page and for a phone; the page shows the one that fits."""
    wide, narrow = draw(chart, size=WIDE), draw(chart, size=NARROW)
    return f'<figure><div class="wide">{wide}</div><div class="narrow">{narrow}</div></figure>'


def small_figure(chart: Chart, size: Size) -> str:
    """Draw a chart that fits any page."""
    return f'<figure class="alone">{draw(chart, size=size)}</figure>'


def table(head: Sequence[str], rows: Sequence[Sequence[str]], own: str = "") -> str:
    """Write a table that scrolls sideways where it is too wide; the row that starts with ``own`` stands out."""
    body = "".join(_row(row, "td", ' class="own"' if own and row[0] == own else "") for row in rows)
    return f'<div class="sideways"><table>{_row(head, "th")}{body}</table></div>\n'


def facts(pairs: dict[str, str]) -> str:
    """Write names and what belongs to them."""
    return f'<table class="facts">{"".join(_row(pair, "td") for pair in pairs.items())}</table>\n'


def folded(title: str, body: str) -> str:
    """Write what is shown on demand."""
    return f"<details><summary>{escape(title)}</summary>{body}</details>\n"


def bullets(texts: Sequence[str]) -> str:
    """Write a list; nothing where there is nothing."""
    return "<ul>" + "".join(f"<li>{escape(text)}</li>" for text in texts) + "</ul>" if texts else ""


def number(value: float) -> str:
    """Write a score: at least four digits, all of a whole number, a dash where there is none."""
    if not math.isfinite(value):
        return "–"
    return f"{value:.0f}" if 1000 <= abs(value) < 1e12 else f"{value:.4g}"


def _row(cells: Sequence[str], tag: str, how: str = "") -> str:
    return f"<tr{how}>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"
