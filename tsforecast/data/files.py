"""Files written whole or not at all."""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from tsforecast.data.words import printable
from tsforecast.errors import AccessError


def write_atomically(path: str | Path, data: bytes) -> None:
    """Write a file so that a reader sees the old one or the new one, even after a power cut.

    A symbolic link is written through; a pipe or a device is written to directly.

    Raises:
        AccessError: The file cannot be written; nothing is left behind and an old file is untouched.
    """
    try:
        _write(Path(os.path.realpath(path)), data)
    except (OSError, ValueError) as error:
        name = printable(path, limit=400)
        reason = getattr(error, "strerror", None) or str(error)
        raise AccessError(f"{name} cannot be written: {printable(reason)}", hint=_hint(error)) from None


def _hint(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "create the folder first"
    if isinstance(error, IsADirectoryError):
        return "name a file, not a folder"
    return "check the free space and who may write there"


def _write(path: Path, data: bytes) -> None:
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        mode = None
    if mode is not None and not stat.S_ISREG(mode):
        path.write_bytes(data)
        return
    temporary = path.with_name(f".{path.name[:100]}.{secrets.token_hex(8)}.tmp")
    try:
        _create(temporary, data, mode)
        temporary.replace(path)
    except BaseException:
        # Also Ctrl-C: a temporary file that nobody knows of is debris.
        with suppress(OSError):
            temporary.unlink()
        raise
    _flush_folder(path.parent)


def _create(path: Path, data: bytes, mode: int | None) -> None:
    """Create a file nobody had before, with the rights of the file it replaces or those the umask leaves."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags, 0o666), "wb") as file:
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
