"""The checks by name. A new one is its function and its line here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from tsforecast.data.checks import levels, spans, tables
from tsforecast.data.checks.finding import MOST_SERIES, SEVERITIES, Check, Examined, Finding
from tsforecast.data.table import Table
from tsforecast.data.words import counted

CHECKS: dict[str, Check] = {
    "frequency": tables.unsure_frequency,
    "clock change": spans.clock_changes,
    "missing": spans.missing,
    "short": spans.short,
    "stopped": spans.stopped,
    "future": spans.ahead_of_today,
    "constant": levels.constant,
    "intermittent": levels.intermittent,
    "outliers": levels.outliers,
    "level shift": levels.level_shift,
    "negative": levels.negative,
    "leak": tables.leak,
}


OF_NUMBERS = ("intermittent", "outliers", "level shift", "negative", "leak")
"""Checks that mean nothing where the target is a class."""


def find(examined: Examined) -> list[Finding]:
    """Run all checks: the gravest findings first, each told of at most ``MOST_SERIES`` series."""
    left_out = OF_NUMBERS if examined.panel.schema.classes else ()
    checks = [check for name, check in CHECKS.items() if name not in left_out]
    found = [finding for check in checks for finding in _shortened(check(examined))]
    found = with_lines(found, examined.placed.table)
    return sorted(found, key=lambda one: SEVERITIES.index(one.severity))


def with_lines(findings: list[Finding], table: Table) -> list[Finding]:
    """Put the physical lines to the rows of findings, in one pass over the file."""
    rows = sorted({one.row for one in findings if one.row is not None})
    places = {row: (table.line_of(row), table.file_of(row)) for row in rows}
    told = []
    for one in findings:
        if one.row is not None and one.line is None:
            line, file = places[one.row]
            one = replace(one, line=line, file=file)
        told.append(one)
    return told


def _shortened(findings: Iterator[Finding]) -> Iterator[Finding]:
    """Pass on the first findings of one check, then say how many more there are."""
    left: Counter[str] = Counter()
    last: dict[str, Finding] = {}
    for number, finding in enumerate(findings):
        if number < MOST_SERIES:
            yield finding
        else:
            left[finding.severity] += 1
            last[finding.severity] = finding
    for severity, one in last.items():
        yield Finding(
            check=one.check,
            severity=one.severity,
            found=f"the same in {counted(left[severity], 'more series')}",
            meaning=one.meaning,
            mend=one.mend,
        )
