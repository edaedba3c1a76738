"""Forecast tables on their way out: to a file at once, or down the pipe."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from tsforecast.cli.streams import is_terminal, open_stdout, printable
from tsforecast.errors import PartialError

if TYPE_CHECKING:
    from tsforecast.data.output.writing import ForecastTable

SHOWN = 5
"""Series that are named."""


def save_table(table: ForecastTable, output: str, form: str) -> None:
    """Write a table to a file; a reader sees the old file or the new one."""
    from tsforecast.data.output.writing import write_table

    write_table(table, Path(output), form)


def add_to_table(table: ForecastTable, output: str, form: str) -> int:
    """Add the rows that a file does not hold yet, and count them."""
    from tsforecast.data.output.appending import append_table

    return append_table(table, Path(output), form)


def report_skipped(names: tuple[str, ...]) -> None:
    """End a run that left series out, after everything else was written.

    Raises:
        PartialError: There are some.
    """
    if names:
        shown = ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
        raise PartialError(
            f"{len(names)} series skipped: {shown}; the rest is written",
            hint="-v or --log FILE tells what is wrong with each",
        )


def print_table(table: ForecastTable, form: str) -> None:
    """Write a table to standard output."""
    from tsforecast.data.output.writing import write_table

    stream = open_stdout()
    if is_terminal(stream):
        whole = io.BytesIO()
        write_table(table, whole, form)
        # A terminal obeys what a pipe only carries.
        stream.write("".join(f"{printable(line)}\n" for line in whole.getvalue().decode().split("\n")[:-1]))
        return
    stream.flush()
    write_table(table, stream.buffer, form)
