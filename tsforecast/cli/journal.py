"""The log of runs: one line of JSON for each, so that nobody has to watch."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tsforecast.errors import AccessError

if TYPE_CHECKING:
    from tsforecast.data.notes import Note

SCHEMA = "tsforecast.log/1"
"""Version of a line: keys may be added, none is removed or changes its meaning."""


@dataclass(slots=True, kw_only=True)
class Record:
    """What a run will have to tell.

    Attributes:
        command: The verb.
        file: Log to add a line to, None for no log.
        start: When the run began.
        model: Model folder, None where there is none yet.
        data: Table that was read, None for the model's history.
        rows: Rows written, None where the command writes none.
        cutoff: Newest timestamp that was seen.
        warnings: What people were warned of.
        error: Message of the error that ended it.
    """

    command: str = ""
    file: str | None = None
    start: datetime = field(default_factory=lambda: datetime.now(UTC))
    model: str | None = None
    data: str | None = None
    rows: int | None = None
    cutoff: str | None = None
    warnings: list[str] = field(default_factory=list)
    error: str | None = None

    def note(self, notes: Iterable[Note]) -> None:
        """Remember the warnings among some notes."""
        self.warnings += [note.text for note in notes if note.warning]

    def check(self) -> None:
        """Find out before the work whether the log can be written.

        Raises:
            AccessError: It cannot.
        """
        if self.file is not None:
            try:
                self._add(b"")
            except AccessError:
                self.file = None  # said once is enough
                raise

    def write(self, code: int) -> None:
        """Add the line.

        Raises:
            AccessError: The log cannot be written.
        """
        if self.file is None:
            return
        import json

        from tsforecast import __version__
        from tsforecast.data.json_text import with_escapes

        shown = {
            "schema": SCHEMA,
            "start": _stamp(self.start),
            "end": _stamp(datetime.now(UTC)),
            "exit": code,
            "command": self.command,
            "model": self.model,
            "data": self.data,
            "rows": self.rows,
            "cutoff": self.cutoff,
            "warnings": self.warnings,
            "error": self.error,
            "version": __version__,
        }
        text = with_escapes(json.dumps(shown, ensure_ascii=False))
        self._add(f"{text}\n".encode("utf-8", "backslashreplace"))

    def _add(self, line: bytes) -> None:
        """Write in one call to the end of the file, so that lines of two runs do not mix."""
        assert self.file is not None
        try:
            descriptor = os.open(self.file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
            try:
                if line:
                    os.write(descriptor, line)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise AccessError(
                f"the log {self.file} cannot be written: {error.strerror}",
                hint="name another file with --log",
            ) from None


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
