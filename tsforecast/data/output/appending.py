"""Forecasts that pile up in one file: only rows that are not there yet are added."""

from __future__ import annotations

import csv
import io
import json
import stat
from pathlib import Path

from tsforecast.data.files import write_atomically
from tsforecast.data.output.writing import ForecastTable, to_csv, to_jsonl, without_formula
from tsforecast.data.words import counted, printable
from tsforecast.errors import AccessError, DataError

APPENDED = {"csv": to_csv, "jsonl": to_jsonl}
"""Forms of a file that rows can be added to."""

Row = tuple[str, ...]


def append_table(table: ForecastTable, path: Path, form: str) -> int:
    """Add the rows of a table that a file does not hold yet; a reader sees the old file or the new one.

    A row is the same where series, timestamp and cutoff are: a forecast that was written is never changed. Two writers
    of one file wait for each other.

    Args:
        table: With cutoffs.
        path: The file; made where there is none.
        form: A name from ``APPENDED``.

    Returns:
        Rows added.

    Raises:
        DataError: The file has other columns than the table.
        AccessError: It is no regular file, or cannot be read or written; it is untouched then.
    """
    from tsforecast.data.locking import locked

    _refuse_devices(path)
    with locked(path.parent / f".{path.name}.lock", f"the file {path}", wait=60.0):
        old = _read(path)
        fresh = APPENDED[form](table).decode()
        names = table.names[: len(table.names) - len(table.columns)]
        if form == "csv" and table.spreadsheet_safe:
            names = [without_formula(name) for name in names]
        cut = _cut_csv if form == "csv" else _cut_jsonl
        if old and not old.endswith("\n"):
            old += "\n"
        known = {key for key, _ in cut(old, names, path)} if old else set()
        added = [text for key, text in cut(fresh, names, path) if key not in known]
        _check_head(old, fresh, path, form)
        if added:
            head = fresh[: fresh.index("\n") + 1] if form == "csv" and not old else ""
            write_atomically(path, (old + head + "".join(added)).encode())
    return len(added)


def _refuse_devices(path: Path) -> None:
    """Refuse what has rows of no one's to add to: a device may never end, and a pipe gives what it holds only once."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return  # there is none yet, or reading it tells what is wrong
    if not stat.S_ISREG(mode):
        kind = "a folder" if stat.S_ISDIR(mode) else "a device or a pipe"
        raise AccessError(
            f"{printable(path, limit=400)} is {kind}, so no rows can be added to it",
            hint="name a file; -o writes to a device or a pipe" if kind != "a folder" else "name a file",
        )


def _read(path: Path) -> str:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return file.read()
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise AccessError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise DataError(f"{printable(path)} is not UTF-8", hint="append to a file of forecasts") from None


def _check_head(old: str, fresh: str, path: Path, form: str) -> None:
    if form != "csv" or not old:
        return
    there, wanted = (text.partition("\n")[0].rstrip("\r") for text in (old, fresh))
    if there != wanted:
        raise DataError(
            f"{printable(path)} has other columns than this forecast: {printable(there, limit=200)}",
            hint="append to another file, or ask for the same --quantiles",
        )


def _cut_csv(text: str, names: list[str], path: Path) -> list[tuple[Row, str]]:
    """Rows with their keys and the lines they stand in; a quoted cell may hold a line break."""
    lines = list(io.StringIO(text, newline=""))
    reader = csv.reader(lines)
    head = next(reader, [])
    try:
        places = [head.index(name) for name in names]
    except ValueError:
        raise DataError(
            f"{printable(path)} lacks the columns {', '.join(names)}", hint="append to a file of forecasts"
        ) from None
    found, start = [], reader.line_num
    for cells in reader:
        body = "".join(lines[start : reader.line_num])
        start = reader.line_num
        if cells and len(cells) != len(head):
            raise DataError(
                f"the row has {counted(len(cells), 'cell')}, the header {len(head)}",
                file=str(path),
                line=start,
                hint="mend or remove the row; what cut it short was not tsforecast",
            )
        if cells:
            found.append((tuple(cells[place] for place in places), body))
    return found


def _cut_jsonl(text: str, names: list[str], path: Path) -> list[tuple[Row, str]]:
    found = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line:
            continue
        try:
            row = json.loads(line)
            found.append((tuple(str(row[name]) for name in names), line + "\n"))
        except (ValueError, KeyError, TypeError):
            raise DataError(
                "the line is no row of such a forecast",
                file=str(path),
                line=number,
                hint="append to another file",
            ) from None
    return found
