"""Compressed files unpacked by their first bytes, not by their names, and never past a stated limit."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from tsforecast.data.memory import refuse_beyond_memory
from tsforecast.data.sources.intake import PIECE, with_lines
from tsforecast.data.words import counted, listed, printable
from tsforecast.errors import DataError

MOST_BYTES = 8 << 30
"""Cap on unpacked data (bytes)."""

SUSPICIOUS = 256 << 20
"""Unpacked size up to which any ratio is believed (bytes)."""

MOST_RATIO = 100
"""Times that larger data may grow, so that a few kilobytes of a crafted archive cannot fill the memory."""


class PastSmallError(Exception):
    """More was unpacked than the caller wants to hold."""


def unpack(data: bytes, name: str, most: int = MOST_BYTES) -> bytes:
    """Bytes as they were before they were compressed; others stay as they are.

    Args:
        data: A whole file.
        name: What messages call it.
        most: Bytes that the caller wants to hold.

    Raises:
        PastSmallError: There are more.
        AccessError: It does not fit into the memory.
        DataError: It is damaged, holds several files, or unpacks past the limit.
    """
    kind = packed_as(data)
    if kind is None:
        return data
    parts: list[bytes] = []
    size = 0
    for part in unpacked(io.BytesIO(data), kind, name, len(data)):
        size += len(part)
        if size > most:
            parts.clear()  # what unpacks past the limit, or is cut off, is still to be told
            continue
        refuse_beyond_memory(size, name)  # the parts are there already, and will be joined
        parts.append(part)
    if size > most:
        raise PastSmallError
    return b"".join(parts)


def packed_as(head: bytes) -> str | None:
    """Name the compression of a file by its first bytes, None where it has none."""
    return next((kind for start, kind in _MAGIC.items() if head.startswith(start)), None)


def unpacked(file: BinaryIO, kind: str, name: str, packed: int) -> Iterator[bytes]:
    """Give the content of a compressed file a piece at a time.

    Args:
        file: At its beginning.
        kind: A key of ``UNPACKERS``.
        name: What messages call it.
        packed: Its size (bytes).

    Raises:
        DataError: It is damaged, holds several files, or unpacks past the limit.
    """
    size, lines = 0, 0
    try:
        for part, lines in with_lines(UNPACKERS[kind](file, name), name):  # noqa: B007 - told where they end early
            size += len(part)
            if size > MOST_BYTES or (size > SUSPICIOUS and size > MOST_RATIO * packed):
                raise _too_large(name, size, packed)
            yield part
    except (OSError, EOFError, ValueError, RuntimeError, NotImplementedError) as error:
        cut = "truncated" if _is_cut(error) else "damaged"
        raise DataError(
            f"{name} is {cut} after {counted(lines, 'line')}: its {kind} data end early or are broken",
            hint="copy it again",
        ) from None


def _is_cut(error: Exception) -> bool:
    return "truncated" in str(error).lower() or isinstance(error, EOFError)


def _too_large(name: str, size: int, packed: int) -> DataError:
    if size > MOST_BYTES:
        return DataError(f"{name} unpacks to more than {MOST_BYTES >> 30} GiB", hint="split the file")
    return DataError(
        f"{name} unpacks to more than {MOST_RATIO} times its {packed} bytes, as only crafted archives do",
        hint="unpack it yourself if you trust it",
    )


def _by_arrow(codec: str) -> Callable[[BinaryIO, str], Iterator[bytes]]:
    def parts(file: BinaryIO, _: str) -> Iterator[bytes]:
        import pyarrow as pa

        with pa.CompressedInputStream(pa.PythonFile(file, mode="r"), codec) as stream:
            while part := stream.read(PIECE):
                yield part

    return parts


def _xz(file: BinaryIO, _: str) -> Iterator[bytes]:
    import lzma

    try:
        with lzma.open(file) as stream:
            while part := stream.read(PIECE):
                yield part
    except lzma.LZMAError as error:
        raise OSError(str(error)) from None


def _zip(file: BinaryIO, name: str) -> Iterator[bytes]:
    import zipfile
    import zlib

    try:
        with (
            zipfile.ZipFile(file) as archive,
            archive.open(_only_member(archive, name)) as stream,
        ):
            while part := stream.read(PIECE):
                yield part
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, ValueError, struct.error) as error:
        raise OSError(str(error)) from None


def _only_member(archive: Any, name: str) -> Any:
    """Find the one file of an archive; folders and the notes of a Mac do not count."""
    files = [one for one in archive.infolist() if not one.is_dir()]
    files = [one for one in files if not one.filename.startswith("__MACOSX/")]
    names = [one.filename for one in files]
    if "[Content_Types].xml" in names or "mimetype" in names:
        raise DataError(f"{name} is an office document, not a table", hint="save it as .xlsx, CSV or Parquet")
    if len(files) != 1:
        held = f"{len(files)} files: {listed(names, limit=3)}" if files else "no file"
        raise DataError(f"{name} is a zip archive with {held}", hint="unpack it and name one of them")
    if files[0].flag_bits & 1:
        raise DataError(
            f"{name} is locked: {printable(names[0])} needs a password",
            hint="unpack it and name what was in it",
        )
    return files[0]


_MAGIC = {
    b"\x1f\x8b": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"BZh": "bz2",
    b"\xfd7zXZ\x00": "xz",
    b"PK\x03\x04": "zip",
}
UNPACKERS: dict[str, Callable[[BinaryIO, str], Iterator[bytes]]] = {
    "gzip": _by_arrow("gzip"),
    "zstd": _by_arrow("zstd"),
    "bz2": _by_arrow("bz2"),
    "xz": _xz,
    "zip": _zip,
}
"""Ways to unpack: an open file and its name to its content, piece by piece."""
