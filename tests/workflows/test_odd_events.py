"""What may happen to a run besides odd files: tables that do not fit, histories too short, pipes."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import numpy as np
import pytest

import tsforecast
from tests.workflows.tables import HORIZON, write_daily
from tsforecast.data.output.writing import to_csv
from tsforecast.errors import ArtifactError, DataError, ForecastError


def test_one_row_is_nothing_to_learn_from(tmp_path: Path) -> None:
    """The error counts what there is and what is needed."""
    table = tmp_path / "one.csv"
    table.write_text("ds,y\n2024-01-01,1\n")

    with pytest.raises(DataError, match="has 1 row, a series needs at least 2"):
        tsforecast.fit(table, tmp_path / "m.tsf", steps=1)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("shop,day,sold\nnorth,2024-01-01,1\n", "no column 'sales' (the target)"),
        ("a,b,c\n1,2,3\n", "no column 'day' (the time), no column 'shop' (the series id)"),
        (
            "shop,day,sales\n"
            + "".join(f"north,2024-05-0{1 + h // 24} {h % 24}:00,{h}\n" for h in range(72)),
            "the model is daily (D), the data are hourly (h)",
        ),
    ],
)
def test_table_of_another_form_does_not_fit_the_model(
    model: Path, tmp_path: Path, table: str, said: str
) -> None:
    """All that is missing is named, and nothing is made to fit."""
    (tmp_path / "new.csv").write_text(table)

    with pytest.raises(ForecastError) as caught:
        tsforecast.predict(model, tmp_path / "new.csv")

    assert (caught.value.exit_code, caught.value.hint != "") == (5, True)
    assert said in str(caught.value)


def test_order_of_columns_is_free(model: Path, daily_csv: Path, tmp_path: Path) -> None:
    """Columns are known by their names."""
    rows = [line.split(",")[::-1] for line in daily_csv.read_text().splitlines()]
    (tmp_path / "turned.csv").write_text("".join(",".join(row) + "\n" for row in rows))

    turned = tsforecast.predict(model, tmp_path / "turned.csv").table

    assert to_csv(turned) == to_csv(tsforecast.predict(model, daily_csv).table)


@pytest.mark.parametrize("rows", [1, 3])
def test_history_shorter_than_a_window_is_padded(model: Path, tmp_path: Path, rows: int) -> None:
    """A shop that opened yesterday is forecast too, and from numbers."""
    new = write_daily(tmp_path / "new.csv", 0, rows, names=("east",))

    table = tsforecast.predict(model, new).table

    assert np.isfinite([table.columns["forecast"][table.series_ids.index("east") :]]).all()


@pytest.mark.parametrize("factor", [1e-6, 1e9])
def test_values_far_from_the_training_are_forecast_on_their_own_scale(
    model: Path, tmp_path: Path, factor: float
) -> None:
    """A window is normalised by itself, so the same shape in other units is the same forecast in them."""
    plain = write_daily(tmp_path / "plain.csv", 0, 120, names=("east",))
    lines = [line.split(",") for line in plain.read_text().splitlines()]
    far = [lines[0], *([shop, day, repr(float(sales) * factor)] for shop, day, sales in lines[1:])]
    (tmp_path / "far.csv").write_text("".join(",".join(row) + "\n" for row in far))
    forecasts = []
    for name in ("plain.csv", "far.csv"):
        table = tsforecast.predict(model, tmp_path / name).table
        at = table.series_ids.index("east")
        forecasts.append(np.asarray(table.columns["forecast"][at : at + HORIZON]))

    np.testing.assert_allclose(forecasts[1], forecasts[0] * factor, rtol=1e-3)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are of Unix")
def test_named_pipe_is_read(daily_csv: Path, tmp_path: Path) -> None:
    """``<(zcat data.gz)`` of a shell is a path that can be read once."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(daily_csv.read_bytes()))
    writer.start()

    result = tsforecast.check(pipe)
    writer.join()

    assert "2 series of 120 rows" in result.description


@pytest.mark.parametrize("name", ["model.pkl", "model.pt"])
def test_pickle_is_no_model(tmp_path: Path, name: str) -> None:
    """A file that runs code when it is opened is not opened."""
    (tmp_path / name).write_bytes(b"\x80\x04\x95cos\nsystem\n(S'touch owned'\ntR.")

    with pytest.raises(ArtifactError, match="is not a model folder") as caught:
        tsforecast.predict(tmp_path / name)

    assert caught.value.hint.startswith("pickles are never opened, for they run code")


def test_an_exported_file_is_told_from_a_model_folder(tmp_path: Path) -> None:
    """It forecasts, but what a backtest needs is only in the folder."""
    (tmp_path / "model.onnx").write_bytes(b"onnx")

    with pytest.raises(ArtifactError, match="is not a model folder") as caught:
        tsforecast.evaluate(tmp_path / "model.onnx")

    assert caught.value.hint.startswith("an exported file only forecasts, it holds no backtest")
