from __future__ import annotations

from pathlib import Path

import pytest

import tsforecast
from tests.workflows.tables import HORIZON, write_daily
from tsforecast.config import ExportSettings
from tsforecast.workflows.bundle import Bundle, bundle


@pytest.fixture(scope="session")
def daily_csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two daily series of 120 rows with a weekly season."""
    return write_daily(tmp_path_factory.mktemp("daily") / "daily.csv", 0, 120)


@pytest.fixture(scope="session")
def longer_csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the same series, 14 days later."""
    return write_daily(tmp_path_factory.mktemp("longer") / "daily.csv", 0, 134)


@pytest.fixture(scope="session")
def model(daily_csv: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a model of the daily series; tests only read it."""
    folder = tmp_path_factory.mktemp("model") / "daily.tsf"
    return tsforecast.fit(daily_csv, folder, steps=20, horizon=HORIZON, season_length=(7,)).path


@pytest.fixture(scope="module")
def bundled(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """Give a bundle of the daily model."""
    return bundle(model, tmp_path_factory.mktemp("edge") / "daily", settings=ExportSettings())
