"""The text of a CSV file cut into blocks of whole rows, also where cells have line ends in quotes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from tsforecast.data.arrays import Ints
from tsforecast.data.sources.dialect import LONGEST_LINE
from tsforecast.data.sources.stream_text import OddError

_QUOTE, _ENDS = ord('"'), (ord("\n"), ord("\r"))


class LongRowError(OddError):
    """A row is longer than any that somebody wrote.

    Attributes:
        place: Bytes before it.
    """

    def __init__(self, place: int) -> None:
        super().__init__()
        self.place = place


def row_blocks(parts: Iterator[bytes], size: int, end_of: Callable[[bytes], int]) -> Iterator[bytes]:
    """Cut a text at the ends of rows.

    Args:
        parts: The text, from the beginning of a row on.
        size: Bytes of a block, about.
        end_of: Finds the end of the last row, as `row_end` and `even_end` do.

    Raises:
        LongRowError: A row is longer than any that somebody wrote.
        OddError: A quote is never closed.
    """
    pending: list[bytes] = []
    held, wanted, passed = 0, size, 0
    for part in parts:
        pending.append(part)
        held += len(part)
        if held < wanted:
            continue
        text = b"".join(pending)
        end = end_of(text)
        if end:
            yield text[:end]
        elif held > 2 * LONGEST_LINE:
            raise LongRowError(passed)
        pending, held, passed = [text[end:]], held - end, passed + end
        wanted = max(size, 2 * held)  # a long row is looked through a few times only
    rest = b"".join(pending)
    if end_of(rest + b"\n") <= len(rest):
        raise OddError
    if rest.strip(b"\r\n"):
        yield rest


def even_end(text: bytes) -> int:
    """Place behind the last row that ends in a text, 0 where none does, if quotes stand around cells only.

    Args:
        text: From the beginning of a row on.
    """
    end, inside = len(text), text.count(b'"') % 2
    while True:
        quote = text.rfind(b'"', 0, end)
        found = 0 if inside else _last_end(text, quote + 1, end)
        if found or quote < 0:
            return found
        inside, end = 1 - inside, quote


def row_end(text: bytes, delimiter: str) -> int:
    """Place behind the last row that ends in a text, 0 where none does, whatever its quotes mean.

    A quote opens a cell at its beginning only, as in ``"5 feet"``; elsewhere, as in ``5" pipe``, it is a letter.

    Args:
        text: From the beginning of a row on.
        delimiter: Between the cells of a row.
    """
    end = len(text)
    letters = np.frombuffer(text, dtype=np.uint8)
    opened, closed = _quoted(letters, np.flatnonzero(letters == _QUOTE), ord(delimiter))
    for start, stop in zip(reversed(opened), reversed(closed), strict=True):
        found = _last_end(text, int(stop), end)
        if found:
            return found
        end = int(start)
    return _last_end(text, 0, end)


def _last_end(text: bytes, start: int, end: int) -> int:
    return max(text.rfind(b"\n", start, end), text.rfind(b"\r", start, end)) + 1


def _quoted(
    letters: NDArray[np.uint8], quotes: Ints, delimiter: int
) -> tuple[Sequence[np.int64] | Ints, Sequence[np.int64] | Ints]:
    """Places at which quoted cells begin and end, the end of the text where one is still open."""
    if len(quotes) == 0:
        return (), ()
    around = np.zeros(256, dtype=np.bool_)
    around[[delimiter, *_ENDS, _QUOTE]] = True
    opened, closed = quotes[::2], quotes[1::2]
    # At either end of the text a quote stands beside itself.
    before, behind = np.maximum(opened - 1, 0), np.minimum(closed + 1, len(letters) - 1)
    if around[letters[before]].all() and around[letters[behind]].all():
        # They take turns: two in a row inside of a cell close it and open it again, which is the same.
        return opened, closed if len(closed) == len(opened) else np.append(closed, len(letters))
    return _quoted_one_by_one(letters, quotes, {delimiter, *_ENDS})


def _quoted_one_by_one(
    letters: NDArray[np.uint8], quotes: Ints, around: set[int]
) -> tuple[Sequence[np.int64] | Ints, Sequence[np.int64] | Ints]:
    """Do the same where some quotes are letters."""
    opened: list[np.int64] = []
    closed: list[np.int64] = []
    doubled = -1
    for quote in quotes:
        if quote == doubled:
            continue
        if len(opened) == len(closed):
            if quote == 0 or int(letters[quote - 1]) in around:
                opened.append(quote)
        elif quote + 1 < len(letters) and letters[quote + 1] == _QUOTE:
            doubled = quote + 1
        else:
            closed.append(quote)
    if len(closed) < len(opened):
        closed.append(np.int64(len(letters)))
    return opened, closed
