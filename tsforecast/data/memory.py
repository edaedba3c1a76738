"""What fits into the memory, asked before the system ends the run without a word."""

from __future__ import annotations

import contextlib
from pathlib import Path

from tsforecast.errors import AccessError

ALL_BUFFERS = 1 << 30
"""Bytes of the largest buffer of any training."""

MMAP_THRESHOLD, TRIM_THRESHOLD = -3, -1
"""Numbers by which glibc's mallopt knows these settings."""


def keep_freed_memory(largest: int) -> None:
    """Ask the C library to keep freed buffers for itself where it is glibc.

    What frees and takes the same large buffers at every step would have every page of them cleared and mapped again,
    which took a third of the time of a training and a sixth of that of reading.

    Args:
        largest: Bytes of a buffer that is kept, and of all that is kept at the end of the heap.
    """
    import ctypes

    with contextlib.suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL("libc.so.6").mallopt
        mallopt(MMAP_THRESHOLD, largest)
        mallopt(TRIM_THRESHOLD, largest)


def refuse_beyond_memory(size: int, name: str) -> None:
    """Refuse a table that would not fit.

    Args:
        size: Bytes that it takes at least.
        name: What messages call it.

    Raises:
        AccessError: That is more than the memory that is free.
    """
    free = free_memory()
    if free is not None and size > free:
        raise AccessError(
            f"{name} has {size >> 20} MiB, and {free >> 20} MiB of memory are free",
            hint="split it, or leave columns and rows out that are not needed",
        )


def free_memory() -> int | None:
    """Memory that a program may still take (bytes), None where the system does not say."""
    try:
        with Path("/proc/meminfo").open(encoding="ascii") as lines:
            words = next(line.split() for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration):
        return None
    return int(words[1]) << 10
