"""Tables for people: aligned text anywhere, a styled table on a terminal, at most 80 columns wide."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TextIO

from tsforecast.cli.streams import is_styled, printable
from tsforecast.data.words import counted

if TYPE_CHECKING:
    from tsforecast.evaluation.class_scores import Confusion
    from tsforecast.evaluation.scores import ScoreRow, ScoreTable
    from tsforecast.workflows.explain import Explanation

WIDTH = 80
GAP = "  "
MARGIN = 3
"""Columns of a terminal that a styled table leaves empty at its sides."""

LONGEST_CELL = 30


@dataclass(frozen=True, slots=True)
class TextTable:
    """A table of texts; the first column is left-aligned, the others right-aligned.

    Attributes:
        header: Column titles.
        rows: Cells, as many per row as there are titles.
        title: Line above the table, empty where none is needed.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    title: str = ""


def score_tables(scores: ScoreTable, title: str = "") -> list[TextTable]:
    """Lay out the scores of a backtest: all methods, then one table by step or series where there is one."""
    rows = tuple(
        (_cell(method), *(_number(scores.values[method].get(metric, math.nan)) for metric in scores.metrics))
        for method in scores.methods
    )
    tables = [TextTable(("method", *scores.metrics), rows, title=title)]
    if scores.by is not None:
        tables.append(_split_table(scores, scores.by))
    return tables


def _split_table(scores: ScoreTable, by: str) -> TextTable:
    metric = _telling_metric(scores)
    rows = tuple(
        (_cell(row.key), *(_number(row.values[method].get(metric, math.nan)) for method in scores.methods))
        for row in scores.rows
    )
    return TextTable((by, *map(_cell, scores.methods)), rows, title=f"{metric} by {by}")


def worst_table(rows: tuple[ScoreRow, ...]) -> TextTable:
    """Lay out the scores of the series that are forecast worst."""
    usual = ("MASE", "MAE", "bias", "coverage")
    metrics = usual if "MASE" in rows[0].values["model"] else tuple(rows[0].values["model"])
    cells = tuple(
        (_cell(row.key), str(row.windows), *(_number(row.values["model"][metric]) for metric in metrics))
        for row in rows
    )
    return TextTable(("series", "windows", *metrics), cells, title="Series that are forecast worst")


def confusion_table(confusion: Confusion) -> TextTable:
    """Lay out how often each class came where each was forecast."""
    rows = tuple(
        (_cell(label), *map(str, counts))
        for label, counts in zip(confusion.classes, confusion.counts.tolist(), strict=True)
    )
    head = ("came \\ forecast", *map(_cell, confusion.classes))
    return TextTable(head, rows, title="What came, by what the model forecast")


def explanation_tables(explanation: Explanation) -> list[TextTable]:
    """Lay out what forecasts lean on: all parts, then the largest of each series where there are any."""
    blocks = explanation.steps if len(explanation.steps) > 1 else ()
    heads = [f"steps {first}-{last}" if last > first else f"step {first}" for first, last in blocks]
    rows = tuple(
        (one.words, _percent(one.share), *map(_percent, one.by_steps if blocks else ()))
        for one in explanation.shares
    )
    title = f"What the forecasts lean on: mean weights over {counted(explanation.windows, 'window')}"
    tables = [TextTable(("part", "share", *heads), rows, title=title)]
    if explanation.series:
        tops = tuple((_cell(one.series), one.words, _percent(one.share)) for one in explanation.series)
        tables.append(
            TextTable(("series", "leans most on", "share"), tops, title="The largest share by series")
        )
    return tables


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _telling_metric(scores: ScoreTable) -> str:
    """First metric that the model has a score in, MASE where it has one."""
    own = scores.values[scores.methods[0]]
    known = [metric for metric in scores.metrics if math.isfinite(own.get(metric, math.nan))]
    return "MASE" if "MASE" in known else (known or list(scores.metrics))[0]


def _number(value: float) -> str:
    return f"{value:.4g}" if math.isfinite(value) else "-"


def _cell(content: object) -> str:
    text = printable(content)
    return text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - 3] + "..."


def to_text(table: TextTable, width: int = WIDTH) -> str:
    """Align a table; one that is too wide continues below itself, its first column repeated."""
    lines = [table.title] if table.title else []
    columns = list(zip(table.header, *table.rows, strict=True))
    for block in _blocks(_widths(table), width):
        lines += [""] if len(lines) > 1 else []
        lines += _aligned([columns[index] for index in block])
    return "\n".join(lines) + "\n"


def _blocks(widths: list[int], width: int) -> list[list[int]]:
    """Columns of each block, the first column in all of them."""
    blocks = [[0]]
    room = width - widths[0]
    for index, needed in enumerate(widths[1:], start=1):
        if needed + len(GAP) > room and len(blocks[-1]) > 1:
            blocks.append([0])
            room = width - widths[0]
        blocks[-1].append(index)
        room -= needed + len(GAP)
    return blocks


def _aligned(columns: list[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in columns]
    sides = [str.ljust, *[str.rjust] * (len(widths) - 1)]
    return [
        GAP.join(side(cell, wide) for side, cell, wide in zip(sides, row, widths, strict=True))
        for row in zip(*columns, strict=True)
    ]


def show_tables(tables: list[TextTable], stream: TextIO | None) -> None:
    """Write tables to stdout or stderr, styled where a person looks at a terminal."""
    if stream is None:
        return
    if is_styled(stream):
        _show_rich(tables, stream)
    else:
        stream.write("\n".join(to_text(table) for table in tables))


def _show_rich(tables: list[TextTable], stream: TextIO) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    stream.flush()
    console = Console(file=sys.stderr if stream is sys.stderr else sys.stdout, highlight=False)
    for one in tables:
        spaced = [width + 1 for width in _widths(one)]  # rich puts one more space between columns than we do
        for part, block in enumerate(_blocks(spaced, console.width - MARGIN)):
            title = Text(one.title) if one.title and not part else None
            table = Table(box=box.SIMPLE, title=title, title_justify="left")
            for place in block:
                side: Literal["left", "right"] = "right" if place else "left"
                table.add_column(
                    Text(one.header[place]), justify=side, style="" if place else "cyan", no_wrap=True
                )
            for line, row in enumerate(one.rows):
                table.add_row(
                    *(Text(row[place]) for place in block), style="" if line or one.title else "bold"
                )
            console.print(table)


def _widths(table: TextTable) -> list[int]:
    """Width of each column (columns,)."""
    return [max(map(len, column)) for column in zip(table.header, *table.rows, strict=True)]
