"""Rewrite the stored forecasts: ``python -m tests.golden``, then read the diff."""

from __future__ import annotations

from tests.golden.stored import write_all

if __name__ == "__main__":
    write_all()
