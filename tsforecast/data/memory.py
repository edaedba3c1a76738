"""What fits into the memory, asked before the system ends the run without a word."""

from __future__ import annotations

from pathlib import Path

from tsforecast.errors import AccessError


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
