"""Everything a user can run into, one exit code per branch.

    ForecastError (abstract)
    ├── UsageError        2   unknown option, impossible combination, ambiguous columns
    ├── DataError         3   the table does not have the promised form
    ├── AccessError       4   input cannot be read or output cannot be written
    ├── ArtifactError     5   model missing, damaged, newer, or it does not fit the data
    ├── GateError         6   a requested check failed: skill, score, export parity
    ├── StaleError        7   the data are older than allowed
    ├── BusyError         8   another run holds the lock
    ├── PartialError      9   some series were skipped, the rest is written
    ├── MissingExtraError 10  an optional dependency is not installed
    └── Interrupted       130 the user stopped the run

Formula of a message: what is wrong, where, what was found. The hint says what to try.
"""

from __future__ import annotations


class ForecastError(Exception):
    """Something the user can fix; printed as an error and a hint, never as a traceback."""

    exit_code: int = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(ForecastError):
    """The command was asked for something impossible or ambiguous."""

    exit_code = 2


class DataError(ForecastError):
    """The input table does not have the promised form."""

    exit_code = 3

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        file: str = "",
        line: int | None = None,
        column: int | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.file = file
        self.line = line
        self.column = column

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part)
        return f"{place}: {self.message}" if place else self.message


class AccessError(ForecastError):
    """A file cannot be read or written."""

    exit_code = 4


class ArtifactError(ForecastError):
    """A model folder is missing, damaged, too new, or made for other data."""

    exit_code = 5


class GateError(ForecastError):
    """A check that guards quality did not pass."""

    exit_code = 6


class StaleError(ForecastError):
    """The newest observation is older than allowed; nothing was written."""

    exit_code = 7

    def __init__(self, message: str, *, hint: str = "", cutoff: str = "") -> None:
        super().__init__(message, hint=hint)
        self.cutoff = cutoff


class BusyError(ForecastError):
    """Another run writes the same model or file."""

    exit_code = 8


class PartialError(ForecastError):
    """Some series were skipped as asked for; everything else was done."""

    exit_code = 9


class MissingExtraError(ForecastError):
    """An optional dependency is missing; the hint is the install line."""

    exit_code = 10


class Interrupted(ForecastError):  # noqa: N818 - reads as what happened
    """The user stopped the run; nothing was written."""

    exit_code = 130
