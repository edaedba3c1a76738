"""Where output goes, and that it does not land on its own input."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from tsforecast.cli.switches import FORMATS
from tsforecast.errors import UsageError

STANDARD = "-"
"""Name of standard input and standard output."""

UNWRITTEN = ("gz", "zst", "bz2", "xz", "zip", "xlsx", "xls", "ods", "feather", "arrow", "db", "sqlite")
"""Endings of names that would lie about a CSV file."""


def table_format(asked: str | None, output: str | None) -> str:
    """Settle the form of a table: as asked, by the output's name, or csv.

    Raises:
        UsageError: The name promises a form that is not written.
    """
    by_name = Path(output).suffix.lower().removeprefix(".") if output else ""
    if by_name in UNWRITTEN:
        raise UsageError(
            f"tables are not written as .{by_name}",
            hint=f"give -o a name that ends in .{', .'.join(FORMATS)}",
        )
    return asked or (by_name if by_name in FORMATS else "csv")


def check_page(name: str | None, flag: str, endings: tuple[str, ...]) -> None:
    """Refuse a name that would lie about a picture or a page.

    Raises:
        UsageError: It has another ending.
    """
    if name is not None and Path(name).suffix.lower() not in endings:
        raise UsageError(
            f"{flag} does not write {name!r}", hint=f"give a name that ends in {' or '.join(endings)}"
        )


def check_csv(name: str | None, flag: str) -> None:
    """Refuse a name that promises another form of a table than CSV.

    Raises:
        UsageError: It does.
    """
    ending = Path(name).suffix.lower().removeprefix(".") if name else ""
    if ending in (*UNWRITTEN, "tsv", *FORMATS) and ending != "csv":
        raise UsageError(f"{flag} writes CSV, not .{ending}", hint=f"give {flag} a name that ends in .csv")


def refuse_overwriting(output: str | None, inputs: Iterable[str | None], flag: str = "-o") -> None:
    """Refuse to write over what is being read, under whatever name.

    Args:
        output: What is written, None for nothing.
        inputs: What is read.
        flag: Option that names the output.

    Raises:
        UsageError: Output and input are the same file or folder.
    """
    for source in inputs:
        if output and source and STANDARD not in (output, source) and _same(output, source):
            raise UsageError(f"output {output!r} is also the input", hint=f"choose another name for {flag}")


def _same(one: str, other: str) -> bool:
    try:
        return Path(one).samefile(other)
    except (OSError, ValueError):
        return os.path.abspath(one) == os.path.abspath(other)  # noqa: PTH100 - resolve() would follow a broken link
