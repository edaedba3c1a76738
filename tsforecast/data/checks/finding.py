"""A finding about a table, and what the checks look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Literal, TypedDict, Unpack

import numpy as np

from tsforecast.data.panel import Panel
from tsforecast.data.reading import Placed

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
"""The gravest first; fit refuses a table with an error."""

MOST_SERIES = 20
"""Series with one finding that are told one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing worth knowing about a table.

    Attributes:
        check: Name of the check.
        severity: ``error`` where fit refuses the table.
        series: Id of the series, None where it concerns the table.
        line: Physical line of the file, None where there is none.
        file: That file, where several were read together.
        row: Row of the table, from 0; its line is looked up once for all findings that are told.
        found: What was found.
        meaning: What it means for the forecast.
        mend: Flag or step that mends it, "" where there is nothing to do.
    """

    check: str
    severity: Severity
    found: str
    meaning: str
    mend: str = ""
    series: str | None = None
    line: int | None = None
    file: str = ""
    row: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain values; what only leads to the line is left out."""
        return {name: value for name, value in asdict(self).items() if name != "row"}


class Told(TypedDict):
    """What a check has to say of a row: the attributes of a finding but for where it is."""

    check: str
    severity: Severity
    found: str
    meaning: str
    mend: str


@dataclass(frozen=True, kw_only=True)
class Examined:
    """What the checks look at.

    Attributes:
        placed: The table on its grid.
        panel: Its series, mended as it was asked for.
        horizon: Steps that a forecast will have.
    """

    placed: Placed
    panel: Panel
    horizon: int

    def at(self, series: int, row: int) -> str:
        """Timestamp of a row of a series, as the table writes it."""
        ticks = self.panel.frequency.ticks(np.array([int(self.panel.first[series]) + row]))
        return self.panel.schema.time_format.shown(ticks)[0]

    def finding(self, series: int, row: int, **told: Unpack[Told]) -> Finding:
        """Give a finding about a row of a series, with its id and its place, the one before where the row is absent."""
        name, step = self.panel.series_ids[series], int(self.panel.first[series]) + row
        own = self._order[name]
        place = self.placed.row(own, step)
        place = self.placed.row(own, step - 1) if place is None else place
        return Finding(series=name, row=place, **told)

    @cached_property
    def _order(self) -> dict[str, int]:
        """Position in the table of a series, of which some may be left out by request."""
        return {name: index for index, name in enumerate(self.placed.grid.seen.series_ids)}


Check = Callable[[Examined], Iterator[Finding]]
