"""Files written whole or not at all, and what they begin with."""

from __future__ import annotations

import errno
import os
import re
import stat
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from tsforecast.data.words import printable
from tsforecast.errors import AccessError

_LONGEST = 100
"""Characters of a file's name that stand in that of its temporary file."""

_MOST_PIPED = 1 << 31
"""Bytes read from what is no regular file and has no end that could be known, unless the caller allows fewer."""

_FRESH = 60.0
"""Seconds in which a temporary file is left alone, whoever made it."""


def write_atomically(path: str | Path, data: bytes) -> None:
    """Write a file so that a reader sees the old one or the new one, even after a power cut.

    A symbolic link is written through; a pipe or a device is written to directly.

    Raises:
        AccessError: The file cannot be written; nothing is left behind and an old file is untouched.
    """
    write_together({path: data})


def write_together(files: Mapping[str | Path, bytes]) -> None:
    """Write files that belong together: a disk that is full before the last of them costs none of the old ones.

    Each is written as by `write_atomically`, and all stand beside their places before the first is renamed.

    Raises:
        AccessError: A file cannot be written; nothing is left behind.
    """
    staged: list[tuple[Path, Path]] = []
    try:
        for path, data in files.items():
            with _named(path):
                _stage(Path(os.path.realpath(path)), data, staged)
        for temporary, path in staged:
            with _named(path):
                temporary.replace(path)
    except BaseException:
        # Also Ctrl-C: a temporary file that nobody knows of is debris.
        for temporary, _ in staged:
            with suppress(OSError):
                temporary.unlink()
        raise
    for folder in {path.parent for _, path in staged}:
        _flush_folder(folder)


def first_bytes(path: str | Path, count: int) -> bytes:
    """First bytes of a regular file, else none: a pipe, such as ``<(zcat data.gz)``, can be read only once."""
    try:
        if not Path(path).is_file():
            return b""
        with Path(path).open("rb") as file:
            return file.read(count)
    except (OSError, ValueError):
        return b""


def read_whole(path: Path, most: int = _MOST_PIPED) -> bytes:
    """Read all of a file, but from a pipe or a device only so much: ``/dev/zero`` never ends.

    Args:
        path: The file.
        most: Bytes that anything but a regular file may give.

    Raises:
        OSError: It cannot be read, or gives more.
    """
    with path.open("rb") as file:
        if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            return file.read()
        content = file.read(most + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, f"it is no regular file and gives more than {most} bytes", str(path))
    return content


def is_temporary(path: Path) -> bool:
    """Whether a name is one that `write_atomically` gives to a file that is not finished."""
    return re.fullmatch(r"\..*\.[0-9a-f]{16}\.tmp", path.name) is not None


def sweep_temporaries(folder: Path, name: str = "") -> None:
    """Remove unfinished files of runs that were killed.

    Args:
        folder: Where they lie. Who holds the lock of the whole folder gives no name: nobody else writes there.
        name: Only those on the way to this file, and only if no living process has them.
    """
    with suppress(OSError):
        for file in folder.iterdir():
            mine = not name or file.name.startswith(f".{name[:_LONGEST]}.")
            if mine and is_temporary(file) and (not name or _is_abandoned(file)):
                with suppress(OSError):
                    file.unlink()


def _is_abandoned(path: Path) -> bool:
    """Whether nobody writes a file any more: its writer would hold a lock on it, but for the first moment."""
    if time.time() - path.stat().st_mtime < _FRESH:
        return False
    with path.open("rb") as file:
        return _lock(file.fileno())


def _lock(descriptor: int) -> bool:
    """Try to lock an open file; Windows needs no lock, it removes no open file."""
    try:
        import fcntl
    except ImportError:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _hint(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "create the folder first"
    if isinstance(error, IsADirectoryError):
        return "name a file, not a folder"
    return "check the free space and who may write there"


@contextmanager
def _named(path: str | Path) -> Iterator[None]:
    """Say of a failure inside which file it is about."""
    try:
        yield
    except (OSError, ValueError) as error:
        name = printable(path, limit=400)
        reason = getattr(error, "strerror", None) or str(error)
        raise AccessError(f"{name} cannot be written: {printable(reason)}", hint=_hint(error)) from None


def _stage(path: Path, data: bytes, staged: list[tuple[Path, Path]]) -> None:
    """Write the temporary file of a path and note both; a pipe or a device is written to at once."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        mode = None
    if mode is not None and not stat.S_ISREG(mode):
        path.write_bytes(data)
        return
    sweep_temporaries(path.parent, path.name)
    temporary = path.with_name(f".{path.name[:_LONGEST]}.{os.urandom(8).hex()}.tmp")
    staged.append((temporary, path))
    _create(temporary, data, mode)


def _create(path: Path, data: bytes, mode: int | None) -> None:
    """Create a file nobody had before, with the rights of the file it replaces or those the umask leaves."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags, 0o666), "wb") as file:
        _lock(file.fileno())
        if mode is not None and hasattr(os, "fchmod"):
            os.fchmod(file.fileno(), stat.S_IMODE(mode))
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    """Make the new name survive a power cut, where the system knows folders as files."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
