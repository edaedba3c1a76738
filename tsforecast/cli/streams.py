"""Standard streams: UTF-8 whatever the locale, data on stdout, talk on stderr."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import Any, TextIO

from tsforecast.errors import AccessError


def prepare_streams() -> None:
    """Make stdout and stderr write UTF-8, and plug descriptors that the caller closed.

    A closed descriptor would be reused by the next file that is opened, and output would land in that file.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="backslashreplace")


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a person reads this stream."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False


def is_styled(stream: TextIO | None) -> bool:
    """Whether colours and boxes are welcome: a terminal, not a dumb one, and no NO_COLOR."""
    return is_terminal(stream) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def open_stdout() -> TextIO:
    """Give standard output.

    Raises:
        AccessError: The caller closed it.
    """
    if sys.stdout is None:
        raise AccessError("standard output is closed", hint="write to a file with -o FILE")
    return sys.stdout


def write_stdout(text: str) -> None:
    """Write data for the reader of the pipe."""
    stream = open_stdout()
    stream.write(text)


def write_stderr(text: str) -> None:
    """Write talk; a reader who went away is no reason to fail."""
    if sys.stderr is not None:
        with suppress(OSError, ValueError):
            sys.stderr.write(text)
            sys.stderr.flush()


def flush_stdout() -> None:
    """Hand everything to the system, so that a full disk or a gone reader is noticed while we can say so."""
    if sys.stdout is not None:
        sys.stdout.flush()


def drop_stdout() -> None:
    """Point stdout nowhere, so that the interpreter's own last flush does not complain."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.close(nowhere)


def printable(text: object) -> str:
    """Escape control characters: names and cells of a table may carry terminal commands."""
    return "".join(char if char.isprintable() else _escape(char) for char in str(text))


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")


def to_json(content: Any) -> str:
    """Render one JSON document with one final newline; NaN and infinity become null."""
    import json

    from tsforecast.data.json_text import with_escapes

    text = json.dumps(_finite(content), ensure_ascii=False, allow_nan=False, indent=2, default=str)
    return with_escapes(text) + "\n"


def _finite(content: Any) -> Any:
    if isinstance(content, dict):
        return {str(key): _finite(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [_finite(value) for value in content]
    if isinstance(content, float) and not (abs(content) < float("inf")):
        return None
    return content
