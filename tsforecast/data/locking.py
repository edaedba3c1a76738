"""One writer at a time: a lock that the system itself drops when its owner dies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tsforecast.data.words import printable
from tsforecast.errors import AccessError, BusyError

LOCK = ".lock"
"""Name of the lock in a model folder; it is empty and stays there."""


@contextmanager
def locked(path: Path, what: str, wait: float = 0.0) -> Iterator[None]:
    """Hold a lock.

    The lock belongs to the open file, not to its name: the file may lie about for ever, and blocks nobody once the
    process that had it is gone, however it went.

    Args:
        path: File that is locked; made where there is none.
        what: What it guards, for messages.
        wait: How long to wait for another owner (seconds).

    Raises:
        BusyError: Another process still holds it.
        AccessError: The file cannot be made.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(path, timeout=wait)
    try:
        lock.acquire()
    except Timeout:
        waited = f" after {wait:g} s" if wait else ""
        raise BusyError(
            f"another run is writing {printable(what)}{waited}",
            hint="try later, or wait longer with --wait 30s",
        ) from None
    except (OSError, NotImplementedError) as error:  # filelock's word for a file system that has no locks
        reason = getattr(error, "strerror", None) or str(error)
        raise AccessError(
            f"{printable(what)} cannot be locked: {reason}", hint="check who may write there"
        ) from None
    try:
        yield
    finally:
        lock.release()
