"""From an exception to what the user sees: two lines or one JSON object, and an exit code."""

from __future__ import annotations

import errno
import os
import sys
from dataclasses import dataclass, field

from tsforecast.cli.journal import Record
from tsforecast.cli.streams import drop_stdout, is_styled, printable, write_stderr
from tsforecast.errors import ForecastError, Interrupted, StaleError, UsageError

BUG, ACCESS, TIMEOUT, READER_GONE = 1, 4, 124, 141
HUNG_UP, INTERRUPTED, TERMINATED = 129, 130, 143

_NO_ROOM = ("failed to map segment", "annot allocate memory")
"""What the dynamic linker says where the memory does not suffice."""


class Terminated(KeyboardInterrupt):
    """The system asked us to stop (SIGTERM), or the terminal went away (SIGHUP); clean-up runs as after Ctrl-C."""


class TimedOut(KeyboardInterrupt):
    """``--timeout`` has passed; clean-up runs as after Ctrl-C."""


@dataclass
class Reporter:
    """Prints the error that ends a run.

    Attributes:
        as_json: One JSON object instead of two lines.
        terminated: Exit code of the signal that came, 0 for none; whatever it became on its way up ends in it.
        timed_out: Seconds of ``--timeout`` that have passed, None while they have not.
        record: What is to be told of the run in the log.
    """

    as_json: bool = False
    terminated: int = 0
    timed_out: float | None = None
    record: Record = field(default_factory=Record)

    def report(self, error: BaseException) -> int:
        """Print an error and return the exit code of the run."""
        if isinstance(error, BrokenPipeError):
            drop_stdout()
            return READER_GONE
        if isinstance(error, KeyboardInterrupt | Interrupted) or self._became(error):
            return self._stopped(error)
        if isinstance(error, StaleError):
            self.record.cutoff = error.cutoff
        if isinstance(error, ForecastError):
            return self._known(error)
        if isinstance(error, OSError) and error.errno is not None:
            return self._system(error)
        if isinstance(error, MemoryError) or _lacks_memory(error):
            return self._print(
                "memory", ACCESS, "not enough memory", "use less data or a shorter --context-length"
            )
        return self._bug(error)

    def _became(self, error: BaseException) -> bool:
        """Whether a library made an error of its own out of the interruption, as extensions do while they load."""
        if isinstance(error, ForecastError):
            return False
        cause = error.__cause__ or error.__context__
        while cause is not None and not isinstance(cause, KeyboardInterrupt):
            cause = cause.__cause__ or cause.__context__
        return cause is not None or self.terminated > 0 or self.timed_out is not None

    def _stopped(self, error: BaseException) -> int:
        hint = error.hint if isinstance(error, ForecastError) else ""
        if self.terminated:
            message = "the terminal went away" if self.terminated == HUNG_UP else "terminated"
            return self._print("terminated", self.terminated, message, hint)
        if self.timed_out is not None:
            message = f"stopped after --timeout {self.timed_out:g}s; what was there before is untouched"
            return self._print("timeout", TIMEOUT, message, hint or "allow more time, or less work")
        known = error if isinstance(error, ForecastError) else Interrupted("interrupted")
        return self._print("interrupted", INTERRUPTED, known.message, known.hint)

    def _known(self, error: ForecastError) -> int:
        place = {name: getattr(error, name, None) or None for name in ("file", "line", "column")}
        message = error.message if self.as_json else str(error)
        return self._print(_code(error), error.exit_code, message, error.hint, place)

    def _system(self, error: OSError) -> int:
        if error.filename is None:
            drop_stdout()
        where = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else "standard output"
        hint = "free some space, or write somewhere else" if error.errno == errno.ENOSPC else ""
        return self._print("access", ACCESS, f"{where}: {error.strerror}", hint, {"file": error.filename})

    def _bug(self, error: BaseException) -> int:
        place = _save_traceback(error)
        message = f"unexpected {type(error).__name__}: {error}"
        hint = "this is a bug in tsforecast; please report it" + (f" with {place}" if place else "")
        return self._print("bug", BUG, message, hint)

    def _print(
        self, code: str, exit_code: int, message: str, hint: str, place: dict[str, object] | None = None
    ) -> int:
        self.record.error = message
        if self.as_json:
            from tsforecast.cli.streams import to_json

            where = {"file": None, "line": None, "column": None, **(place or {})}
            shown = {"code": code, "exit": exit_code, "message": message, "hint": hint, **where}
            write_stderr(to_json({"error": shown}))
        else:
            write_stderr(_line("error", "\x1b[1;31m", message))
            write_stderr(_line("hint", "\x1b[1;36m", hint) if hint else "")
        return exit_code


def _lacks_memory(error: BaseException) -> bool:
    """Whether a library found no room in memory; numpy wraps that in a page of advice."""
    return isinstance(error, ImportError | OSError) and any(one in str(error) for one in _NO_ROOM)


def _line(label: str, style: str, text: str) -> str:
    head = f"{style}{label}:\x1b[0m" if is_styled(sys.stderr) else f"{label}:"
    return f"{head} {printable(text)}\n"


def _code(error: ForecastError) -> str:
    return type(error).__name__.removesuffix("Error").lower()


def _save_traceback(error: BaseException) -> str:
    """Write the traceback to a new file; to stderr where that fails."""
    import tempfile
    import traceback

    text = "".join(traceback.format_exception(error))
    try:
        descriptor, path = tempfile.mkstemp(prefix="tsforecast-", suffix=".txt")
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
    except OSError:
        write_stderr("".join(printable(line) + "\n" for line in text.splitlines()))
        return ""
    return path


def nearest(word: str, known: list[str]) -> str:
    """Name of the entry most like a word, empty where none is near."""
    import difflib

    # All flags begin with dashes, so those say nothing about likeness.
    bare = {name.lstrip("-"): name for name in reversed(known)}
    match = difflib.get_close_matches(word.lstrip("-"), list(bare), n=1)
    return bare[match[0]] if match else ""


def unknown(what: str, word: str, known: list[str], *, prefix: str = "") -> UsageError:
    """Describe a word nobody knows, with the nearest one that somebody does."""
    match = nearest(word, known)
    hint = f"did you mean {match}?" if match else f"known: {', '.join(known)}"
    return UsageError(f"{prefix}unknown {what} {word!r}", hint=hint)
