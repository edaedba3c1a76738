from __future__ import annotations

import json

import numpy as np
import pytest

from tests.golden.stored import NAMES, forecast_of, stored_file

TOLERANCE = 1e-4
"""Releases of torch and kinds of processors round differently; a change of the method moves far more."""


@pytest.mark.parametrize("name", NAMES)
def test_forecast_is_the_stored_one(name: str) -> None:
    """A change that moves a forecast is seen; if it is meant, ``make golden`` stores the new one."""
    stored, found = json.loads(stored_file(name).read_text(encoding="utf-8")), forecast_of(name)

    wanted, columns = stored.pop("columns"), found.pop("columns")
    assert stored == found
    assert [*wanted] == [*columns]
    for column, values in wanted.items():
        np.testing.assert_allclose(columns[column], values, rtol=TOLERANCE)
