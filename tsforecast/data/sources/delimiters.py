"""Which mark stands between the cells of a text table."""

from __future__ import annotations

from tsforecast.data.times.time_shapes import looks_dated
from tsforecast.data.words import listed
from tsforecast.errors import UsageError

DELIMITERS = {",": ",", ";": ";", "tab": "\t", "|": "|"}
"""By the word that settings have for them."""

_SEPARATORS = (";", "\t", "|", ",")
"""The surest first."""


def find_delimiter(bare: str, source: str, *, rows: int, whole: bool) -> str:
    """Delimiter that cuts the most rows into as many cells as the first row.

    Args:
        bare: Start of a text, without its quoted cells.
        source: What messages call it.
        rows: How many to look at.
        whole: Whether the last of them is whole.

    Raises:
        UsageError: Two delimiters cut it equally well.
    """
    lines = [line for line in bare.splitlines() if line.strip(" ")]
    lines = (lines if whole or len(lines) < 2 else lines[:-1])[:rows]
    if not lines:
        return ","
    shares = {mark: _agreement(mark, lines) for mark in _SEPARATORS}
    if not any(shares.values()):
        # A title stands above the table: rows tell by which mark they are cut, and the reader where they begin.
        shares = {
            mark: _agreement(mark, lines[::-1]) if _has_date(lines[-1], mark) else 0.0 for mark in _SEPARATORS
        }
    best = [mark for mark, share in shares.items() if share == max(shares.values())]
    if len(best) > 1 and shares[best[0]] == 1.0:
        # Only one of them gives a column of dates where the other is a mark inside of names and numbers.
        dated = [mark for mark in best if _has_date(lines[-1], mark)]
        if len(dated) != 1:
            words = [word for word, mark in DELIMITERS.items() if mark in best]
            raise UsageError(
                f"{source}: {listed(words, joint='or')} could separate the cells",
                hint=f"say which with --delimiter {words[0]}",
            )
        return dated[0]
    return best[0]


def _has_date(line: str, mark: str) -> bool:
    return any(map(looks_dated, line.split(mark)))


def _agreement(mark: str, lines: list[str]) -> float:
    count = lines[0].count(mark)
    return sum(line.count(mark) == count for line in lines) / len(lines) if count else 0.0
