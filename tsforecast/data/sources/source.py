"""Where a table comes from: a path or standard input, compressed or not, as bytes in memory."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from tsforecast.data.sources.intake import ARROW, ARROW_STREAM, PARQUET
from tsforecast.data.sources.unpacking import MOST_BYTES, unpack
from tsforecast.data.sources.workbook import is_workbook
from tsforecast.data.words import printable
from tsforecast.errors import AccessError, DataError

_STRANGERS = {
    b"FEA1": "a Feather file of the first version",
    b"%PDF": "a PDF document",
    b"\x89PNG": "an image",
    b"<!doctype html": "a web page",
    b"<html": "a web page",
    b"<?xml": "an XML document",
    b"SQLite format 3\0": "an SQLite database",
    b"\x80\x04\x95": "a Python pickle",
}
"""First bytes of files that are taken for tables by mistake."""

_HEAD = 64


@dataclass(frozen=True, slots=True)
class RawSource:
    """A table as it came.

    Attributes:
        name: What messages call it.
        data: The bytes as stored, for the hash.
        content: The bytes unpacked.
        path: The file, empty for standard input.
    """

    name: str
    data: bytes
    content: bytes
    path: str = ""

    @property
    def is_workbook(self) -> bool:
        """Whether the content says it is an Excel workbook."""
        return is_workbook(self.content)

    @property
    def is_parquet(self) -> bool:
        """Whether the content says it is a Parquet file."""
        return self.content.startswith(PARQUET)

    @property
    def is_arrow(self) -> bool:
        """Whether the content says it is an Arrow or Feather file, or an Arrow stream."""
        return self.content.startswith((ARROW, ARROW_STREAM))


def raw_source(name: str, data: bytes, path: str = "", most: int = MOST_BYTES) -> RawSource:
    """Unpack the bytes of a table.

    Args:
        name: What messages call it.
        data: As they are stored.
        path: The file, empty for standard input.
        most: Bytes that may come out of packed ones.

    Raises:
        PastSmallError: There are more.
        DataError: It is empty, cut off, or no table at all.
    """
    content = data if is_workbook(data) else unpack(data, name, most)
    if not content[:4096].strip() and not content.strip():
        raise _empty(name)
    stranger = looks_strange(content)
    if stranger:
        raise DataError(f"{name} is {stranger}, not a table", hint="save it as CSV or Parquet")
    return RawSource(name, data, content, path)


def looks_strange(content: bytes) -> str:
    """Name what is taken for a table by mistake, "" for anything else."""
    head = content[:_HEAD].lstrip().lower()
    starts = (
        kind
        for start, kind in _STRANGERS.items()
        if content.startswith(start) or head.startswith(start.lower())
    )
    return next(starts, "")


def standard_input() -> BinaryIO:
    """Give standard input as bytes.

    Raises:
        AccessError: It is closed.
    """
    if sys.stdin is None:
        raise AccessError("standard input is closed", hint="give a path, or a pipe before -")
    return sys.stdin.buffer


@contextmanager
def access(path: Path, name: str) -> Iterator[None]:
    """Say why a file cannot be read.

    Raises:
        AccessError: The system refused it.
    """
    try:
        yield
    except FileNotFoundError:
        raise AccessError(f"{name}: no such file", hint="check the path; - reads standard input") from None
    except IsADirectoryError:
        raise AccessError(f"{name} is a folder, not a file", hint="name one CSV or Parquet file") from None
    except PermissionError:
        if path.is_dir():  # what Windows says of a folder
            raise AccessError(
                f"{name} is a folder, not a file", hint="name one CSV or Parquet file"
            ) from None
        raise AccessError(f"{name}: permission denied", hint="check who may read the file") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise AccessError(f"{name} cannot be read: {printable(reason)}", hint="check the path") from None


def _empty(name: str) -> DataError:
    if name == "stdin":
        return DataError(
            "stdin is empty",
            hint="did the command before the pipe fail? `set -o pipefail` makes the shell stop there",
        )
    return DataError(f"{name} is empty", hint="a header line and one row per time step are needed")
