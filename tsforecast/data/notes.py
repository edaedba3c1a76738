"""What was noticed in the data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Note:
    """One sentence about the data for the person at the prompt.

    Attributes:
        text: The sentence.
        warning: Whether something may be wrong.
        check: What a finding of the same is called.
        row: Row of the table that it is about, from 0; None where it is about more.
    """

    text: str
    warning: bool = False
    check: str = "reading"
    row: int | None = None
