"""How names and cells of a user's table appear in sentences: escaped, shortened, counted."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

NEAR = 0.7
"""Likeness from which a name is worth suggesting: one slip in a word, not just a shared letter."""


def printable(text: object, limit: int = 60) -> str:
    """Text from the data, safe to print: control characters escaped, and no longer than the limit."""
    short = str(text)[: limit + 1]
    shown = "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in short
    )
    return shown if len(shown) <= limit else shown[: limit - 3] + "..."


def quoted(text: object) -> str:
    """Quote a name or a cell of the table in a sentence: ``'y'``."""
    return f"'{printable(text)}'"


def listed(names: Iterable[object], limit: int = 8, joint: str = "and") -> str:
    """Names in a sentence: ``'a', 'b' and 'c'``; those past the limit are counted."""
    shown = list(names)
    parts = [quoted(name) for name in shown[:limit]]
    if len(shown) > limit:
        parts.append(f"{len(shown) - limit} more")
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {joint} {parts[-1]}"


def counted(number: int, noun: str) -> str:
    """Give a number with its noun: ``1 row``, ``2 rows``; series stay series."""
    plural = noun if noun.endswith("s") else noun + "s"
    return f"{number} {noun if number == 1 else plural}"


def nearest(name: str, names: Sequence[str]) -> str:
    """Hint for a name nobody knows: the most similar known ones, and all of them."""
    near = get_close_matches(name, names, n=1, cutoff=NEAR)
    guess = f"did you mean {quoted(near[0])}? " if near else ""
    return f"{guess}the columns are {listed(names, limit=20)}"


def percent(share: float) -> str:
    """Write a share with a decimal at most, and only all of it as 100%."""
    return f"{math.floor(1000 * share + 1e-9) / 10:g}%"
