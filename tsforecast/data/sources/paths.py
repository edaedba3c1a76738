"""Which files a user named: one, several, or a pattern, and what each is called as a series."""

from __future__ import annotations

import glob
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import Any

from tsforecast.data.words import counted, printable
from tsforecast.errors import AccessError, UsageError

STDIN = "-"
PACKED = (".gz", ".zst", ".bz2", ".xz", ".zip")
"""Endings that say how a file is compressed, and nothing of what is in it."""

FILE = "file"
"""Column with the name of the file a row comes from, where files are series."""

_MARKS = "*?["


def several_paths(source: Any) -> list[str]:
    """Files behind a list of names or a pattern such as ``sales-*.csv``, each once; none where it is a single table.

    Raises:
        AccessError: No file matches a pattern.
        UsageError: The list is empty, or standard input is only one of several.
    """
    if isinstance(source, list | tuple):
        return _listed(source)
    return matching_paths(os.fspath(source)) if isinstance(source, str | os.PathLike) else []


def matching_paths(source: str) -> list[str]:
    """Files that a pattern names, sorted; none where it is the name of a file, or no pattern.

    Raises:
        AccessError: No file matches.
    """
    if not any(mark in source for mark in _MARKS) or Path(source).exists():
        return []
    paths = sorted(path for path in glob.glob(source) if Path(path).is_file())  # noqa: PTH207 - absolute ones too
    if not paths:
        raise AccessError(f"{printable(source, limit=400)}: no file matches", hint="check the pattern")
    return paths


def name_of(source: Any) -> str:
    """Name that messages call a table by, of one file or of several."""
    if not isinstance(source, list | tuple):
        return printable(os.fspath(source), limit=400)
    first = printable(os.fspath(source[0]), limit=400)
    return first if len(source) == 1 else f"{first} and {counted(len(source) - 1, 'other file')}"


def series_names(paths: Sequence[str]) -> list[str]:
    """Name each file's series: the file without its endings, with its folders where that is not enough.

    ``north/sales.csv`` and ``south/sales.csv`` are ``north/sales`` and ``south/sales``.
    """
    plain = [_without_endings(path) for path in paths]
    longest = max((len(path.parts) for path in plain), default=1)
    for kept in range(1, longest + 1):
        names = ["/".join(path.parts[-kept:]) for path in plain]
        if max(Counter(names).values(), default=1) == 1:
            return names
    return [os.fspath(path) for path in paths]


def _without_endings(path: str) -> PurePath:
    plain = PurePath(path)
    if plain.suffix.lower() in PACKED:
        plain = plain.with_suffix("")
    return plain.with_suffix("")


def _listed(sources: Sequence[Any]) -> list[str]:
    names = [os.fspath(one) for one in sources]
    if not names:
        raise UsageError("the list of files is empty", hint="name at least one")
    if len(names) == 1 and not matching_paths(names[0]):
        return []
    if STDIN in names:
        raise UsageError(
            "standard input cannot be read beside files", hint="write it to a file first, or give - alone"
        )
    return list(dict.fromkeys(path for name in names for path in matching_paths(name) or [name]))
