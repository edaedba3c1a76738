"""Reading on behind what is refused, so that everything that is wrong with a table is told at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np

from tsforecast.config import CheckSettings
from tsforecast.data.arrays import Ints
from tsforecast.data.arrow import from_numbers, from_texts, in_one_piece
from tsforecast.data.cell_errors import BY_FIX, CELLS, MIXED, CellError
from tsforecast.data.checks.finding import Finding
from tsforecast.data.columns.id_columns import with_joined_id
from tsforecast.data.columns.target_cells import blanked
from tsforecast.data.loading import load_table
from tsforecast.data.reading import Placed, place_loaded
from tsforecast.data.series_ids import join_id, split_id
from tsforecast.data.table import CellsError, Table
from tsforecast.data.times.timestamps import parse_times
from tsforecast.data.values.numbers import marker_hint
from tsforecast.data.values.numeric_columns import with_plain_numbers
from tsforecast.data.words import counted, quoted
from tsforecast.errors import DataError, ForecastError, UsageError

_MOST = 0.5
"""Share of the rows from which on nothing can be said of the others."""

_SHOWN = 4


@dataclass(kw_only=True)
class Look:
    """How far a table could be read.

    Attributes:
        findings: What fit would refuse.
        settings: As given, with the repairs that were needed to go on.
        placed: The table on its grid, None where it could not be read at all.
        done: What else had to be mended to go on, in words.
        needed: Why a setting was changed, by its name.
    """

    findings: list[Finding]
    settings: CheckSettings
    placed: Placed | None = None
    done: list[str] = field(default_factory=list)
    needed: dict[str, Finding] = field(default_factory=dict)

    def change(self, settings: CheckSettings, why: Finding) -> None:
        """Go on with other settings."""
        for item in fields(settings):
            if getattr(settings, item.name) != getattr(self.settings, item.name):
                self.needed[item.name] = why
        self.settings = settings


def look_at(source: Any, settings: CheckSettings) -> Look:
    """Read a table as fit does; where that is refused say why, mend it for this look and go on.

    Raises:
        AccessError: The table cannot be read.
    """
    look = Look(findings=[], settings=settings)
    loaded = _loaded(look, source)
    if loaded is None:
        return look
    table, sha256 = loaded
    rows, original = np.arange(table.rows, dtype=np.int64), table
    where: dict[int, tuple[int, str]] = {}
    repairs = _repairs(look.settings)
    while look.placed is None:
        try:
            look.placed = place_loaded(table, sha256, look.settings)
        except CellsError as error:
            if len(error.rows) > _MOST * table.rows:
                look.findings.append(as_finding(error))
                break
            where[len(look.findings)] = int(rows[error.rows[0]]), error.name
            table, rows = _past(look, table, rows, error)
        except (DataError, UsageError) as error:
            finding = as_finding(error)
            if finding not in look.findings:
                look.findings.append(finding)
            further = next(repairs, None)
            if further is None:
                break
            look.change(further, finding)
    if look.placed is not None:
        _name_series(look, look.placed, original, where)
    return look


def as_finding(error: ForecastError, check: str = "reading") -> Finding:
    """Say as a finding what fit would say as an error."""
    return Finding(
        check=check,
        severity="error",
        line=getattr(error, "line", None),
        file=getattr(error, "file", ""),
        found=error.message,
        meaning="fit refuses the table",
        mend=error.hint,
    )


def _repairs(settings: CheckSettings) -> Iterator[CheckSettings]:
    """Give settings that get past duplicates, then past gaps as well."""
    if settings.duplicates == "error":
        settings = replace(settings, duplicates="first")
        yield settings
    if settings.fill == "none":
        yield replace(settings, fill="ffill" if settings.of_classes else "linear")


def _loaded(look: Look, source: Any) -> tuple[Table, str] | None:
    """Load a table, without its short rows where they are what is wrong; None where it is none."""
    try:
        return load_table(source, look.settings)
    except (DataError, UsageError) as error:
        look.findings.append(as_finding(error))
        of_widths = "where the header has" in error.message
    with suppress(DataError, UsageError):
        if of_widths and look.settings.on_short_row == "error":
            loaded = load_table(source, replace(look.settings, on_short_row="skip"))
            look.change(replace(look.settings, on_short_row="skip"), look.findings[-1])
            return loaded
    return None


def _past(look: Look, table: Table, rows: Ints, error: CellsError) -> tuple[Table, Ints]:
    """Tell of cells that are refused, and read on without them.

    Returns:
        The table without them, and the rows of the whole table that it has.
    """
    mended: Table | None = None
    places = error.rows
    if error.kind == MIXED and error.whole and error.name in table.columns:
        mended, places = _rewritten(table, error.name, error.rows, look.settings)
    finding = as_finding(error, error.kind)
    number = len(places)
    if number > 1:
        finding = _with_others(finding, error, places)
    at = error.table.place(int(places[0])) + (f" and {number - 1} more" if number > 1 else "")
    if mended is not None:
        look.findings.append(replace(finding, mend=f"{finding.mend}; --fix OUT.csv does"))
        look.done.append(f"{counted(number, 'timestamp')} written as the others: {at}")
        return mended, rows
    if error.whole or error.name not in table.columns:
        rows_out = "the row" if number == 1 else f"these {number} rows"
        lost = f", {error.lost}" if error.lost else ""
        look.findings.append(
            replace(
                finding,
                mend=f"{finding.mend.removesuffix(BY_FIX)}; --fix OUT.csv leaves {rows_out} out{lost}",
            )
        )
        look.done.append(f"{counted(number, 'row')} left out: {at}{lost}")
        kept = np.setdiff1d(np.arange(table.rows), places)
        return table.take(kept), rows[kept]
    look.findings.append(finding)
    look.done.append(f"{counted(number, 'cell')} emptied: {at}")
    emptied = blanked(table, error.name, np.isin(np.arange(table.rows), places))
    return with_plain_numbers(
        emptied, look.settings
    ), rows  # without them the others may be seen for what they are


def _with_others(finding: Finding, error: CellsError, places: Ints) -> Finding:
    """Say where else the same is wrong; texts that differ are told, and a flag for the first is one for them all."""
    more = f" and {len(places) - 1 - _SHOWN} more" if len(places) - 1 > _SHOWN else ""
    shown = [int(row) for row in places[1 : _SHOWN + 1]]
    column = error.table.columns.get(error.name)
    texts = [] if column is None or error.whole else [str(column[int(row)].as_py()).strip() for row in places]
    distinct = list(dict.fromkeys(texts))
    if len(distinct) < 2 or error.kind != CELLS:
        also = ", ".join(error.table.place(row) for row in shown)
        return replace(finding, found=f"{finding.found}; the same in {also}{more}")
    also = ", ".join(
        f"{quoted(text)} in {error.table.place(row)}" for row, text in zip(shown, texts[1:], strict=False)
    )
    mend = marker_hint(*distinct[:_SHOWN]) if finding.mend == marker_hint(distinct[0]) else finding.mend
    return replace(finding, found=f"{finding.found}; likewise {also}{more}", mend=mend)


def _rewritten(table: Table, name: str, rows: Ints, settings: CheckSettings) -> tuple[Table | None, Ints]:
    """Write timestamps of another form as the others are written, where it is clear what they say.

    Returns:
        The table, None where none is clear, and the rows that were written anew, else all.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    column = table.columns[name].cast(pa.string())
    wanted = True if settings.day_first else False if settings.month_first else None
    others = np.setdiff1d(np.arange(table.rows), rows)
    try:
        _, form, _ = _readable(column, others, name, wanted, settings.tz or "")
        ticks, _, clear = _readable(column, rows, name, wanted, settings.tz or "")
        texts = form.render(ticks)
        again, _ = parse_times(from_texts([str(text) for text in texts]), name=name, like=form)
    except (CellError, UsageError):
        return None, rows
    if not len(clear) or not np.array_equal(again, ticks):
        return None, rows
    mask = np.isin(np.arange(table.rows), clear)
    whole = in_one_piece(column)
    written = pc.replace_with_mask(whole, pa.array(mask), from_texts([str(text) for text in texts]))
    return replace(table, columns={**table.columns, name: written}), clear


def _readable(
    column: Any, rows: Ints, name: str, day_first: bool | None, zone: str
) -> tuple[Ints, Any, Ints]:
    """Ticks and form of those of some cells that can be read together, and which these are."""
    while True:
        try:
            ticks, form = parse_times(
                column.take(from_numbers(rows)), name=name, day_first=day_first, zone=zone
            )
        except CellError as error:
            if error.rows is None or len(error.rows) == len(rows):
                raise
            rows = np.delete(rows, error.rows)
        else:
            return ticks, form, rows


def _name_series(look: Look, placed: Placed, original: Table, where: dict[int, tuple[int, str]]) -> None:
    """Put the name of the series to the findings about single cells."""
    roles = placed.roles
    table = with_joined_id(original, look.settings, None) if placed.table.id_columns else original
    for number, (row, column) in where.items():
        finding = look.findings[number]
        if roles.id is not None and roles.id in table.columns:
            name = str(table.columns[roles.id][row].as_py())
            if column in roles.series_columns:
                name = join_id([*(split_id(name) if table.id_columns else (name,)), column])
        elif roles.layout == "long" and roles.id is None:
            name = placed.grid.seen.series_ids[0]
        elif column in roles.series_columns:
            name = column
        else:
            continue
        look.findings[number] = replace(finding, series=name)
