from __future__ import annotations

from pathlib import Path

import pytest

from tests.crashes import debris, prepare
from tests.overlaps import ALLOWED, damaged, overlap


@pytest.mark.slow
def test_runs_that_overlap_end_well(tmp_path: Path) -> None:
    """Each is done or busy, and every output is whole; `python -m tests.overlaps 100` does more of it."""
    prepare(tmp_path)

    codes = overlap(tmp_path, 20)

    assert set(codes) <= ALLOWED
    assert codes[0] > 0
    assert damaged(tmp_path) == 0
    assert debris(tmp_path) == []
