"""Predict: the newest context of every series through the graph, without torch, scikit-learn or pandas."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tsforecast.artifacts import Artifact, load_artifact
from tsforecast.config import (
    QUANTILE_LEVELS,
    DataSettings,
    OutputSettings,
    PredictSettings,
    check_needs,
    from_keywords,
)
from tsforecast.data.panel import Floats, Ints, Note, Panel
from tsforecast.data.windows import Windows
from tsforecast.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

    from tsforecast.data.reading import ReadResult
    from tsforecast.data.writing import ForecastTable
    from tsforecast.runtime.session import OnnxForecaster


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """A forecast of every series.

    Attributes:
        table: One row per series and step.
        notes: Remarks and warnings.
    """

    table: ForecastTable
    notes: tuple[Note, ...]

    def to_frame(self) -> pd.DataFrame:
        """Give the table as a pandas DataFrame, timestamps as datetime64 where they are dates."""
        from tsforecast.data.writing import to_frame

        return to_frame(self.table)


def predict(model: str | Path | None, data: Any = None, *, settings: PredictSettings) -> Forecast:
    """Forecast every series from its own last timestamp.

    Args:
        model: Model folder; None where ``settings.zero_shot`` says to do without one.
        data: Path, ``"-"`` for standard input, or a DataFrame with new or all rows; None for the history.
        settings: What to forecast.

    Raises:
        ForecastError: Whatever the user can do something about.
    """
    check_levels(settings.quantiles)
    check_needs(settings)
    if settings.zero_shot:
        panel, notes, forecaster = _without_model(model, data, settings)
    else:
        panel, notes, forecaster = _from_model(model, data)
    horizon = _horizon(settings, forecaster.horizon)
    if panel.schema.future:
        _check_future(panel, horizon)
    series = np.arange(len(panel))
    timed = forecaster.timestamps
    windows = Windows(panel, forecaster.context_length, forecaster.horizon, timestamps=timed)
    quantiles = forecaster.forecast(windows.inputs(series, panel.lengths))[:, :horizon]
    notes += _remarks(panel, forecaster.context_length, quantiles)
    return Forecast(table=forecast_table(panel, series, panel.last, quantiles, settings), notes=notes)


def _from_model(model: str | Path | None, data: Any) -> tuple[Panel, tuple[Note, ...], OnnxForecaster]:
    """Give what is known now, remarks, and the forecaster that fit made."""
    from tsforecast.runtime.session import OnnxForecaster

    if model is None:
        raise UsageError("there is no model to forecast from", hint="name one, or ask for zero_shot=True")
    artifact = load_artifact(model, "model", "history")
    forecaster = OnnxForecaster(artifact.part("model"), f"the graph of {artifact.path}")
    return *known_panel(artifact, data), forecaster


def _without_model(
    model: str | Path | None, data: Any, settings: PredictSettings
) -> tuple[Panel, tuple[Note, ...], OnnxForecaster]:
    """Give the table, remarks, and a forecaster from the weights that come with the program."""
    from tsforecast.data.reading import read_panel
    from tsforecast.runtime.session import OnnxForecaster
    from tsforecast.workflows.zero_shot import in_words, universal_graph, universal_spec

    if model is not None or data is None:
        raise UsageError("zero-shot takes data and no model", hint="predict(data=..., zero_shot=True)")
    if settings.past or settings.future or settings.static:
        raise UsageError(
            "the pre-trained weights know nothing of covariates",
            hint="fit a model to use them, or leave --past, --future and --static out",
        )
    read = read_panel(data, replace(settings, no_covariates=True))
    spec = universal_spec(read.panel, settings)
    notes = (Note(read.description), *read.notes, Note(in_words(spec)))
    return read.panel, notes, OnnxForecaster(universal_graph(spec), "the pre-trained graph")


def check_levels(levels: tuple[float, ...]) -> None:
    """Refuse quantile levels outside those that were learned.

    Raises:
        UsageError: A level lies outside.
    """
    low, high = QUANTILE_LEVELS[0], QUANTILE_LEVELS[-1]
    for level in levels:
        if not low <= level <= high:
            raise UsageError(
                f"quantile level {level:g} lies outside {low:g} to {high:g}",
                hint="the model learned the levels " + ", ".join(f"{one:g}" for one in QUANTILE_LEVELS),
            )


def _horizon(settings: PredictSettings, trained: int) -> int:
    if settings.horizon is not None and settings.horizon > trained:
        raise UsageError(
            f"--horizon {settings.horizon} is longer than the {trained} steps the model was made for",
            hint=f"fit again with --horizon {settings.horizon}",
        )
    return settings.horizon or trained


def _check_future(panel: Panel, horizon: int) -> None:
    """Refuse to forecast where a future covariate is not known.

    Raises:
        DataError: One has no value for a step of the horizon.
    """
    from tsforecast.data.covariate_checks import missing_future

    error = missing_future(panel, horizon)
    if error is not None:
        raise error


def known_panel(artifact: Artifact, data: Any) -> tuple[Panel, tuple[Note, ...]]:
    """Read what is known now: the model's history, the new data over it where both have a value."""
    from tsforecast.data.joining import join_panels
    from tsforecast.data.reading import read_panel
    from tsforecast.data.repair import fill_gaps, without_short
    from tsforecast.data.words import counted
    from tsforecast.workflows.floor import warn_of_negative

    if data is None:
        return artifact.history(), ()
    settings = reading_settings(artifact)
    repairs = artifact.description["data"].get("repairs", {})
    limits = artifact.read(
        lambda: {name: (low, high) for name, (low, high) in repairs.get("limits", {}).items()}
    )
    read = read_panel(data, settings, schema=artifact.schema, frequency=artifact.frequency, limits=limits)
    notes = (*read.notes, *warn_of_negative(artifact, read.panel))
    if not artifact.has("history"):
        return read.panel, notes
    history = artifact.history()
    notes += _not_newer(history, read)
    joined = join_panels(history, read.panel)
    if settings.fill != "none":
        # Between the history and the new rows there may be a gap that neither of them shows.
        joined, filled = fill_gaps(joined, settings.fill)
        notes += (Note(f"{counted(filled, 'missing value')} filled ({settings.fill})"),) * bool(filled)
    if settings.drop_short and settings.min_rows is not None:
        joined, gone = without_short(joined, settings.min_rows, drop=True, kept=frozenset(history.series_ids))
        notes += (Note(f"{counted(len(gone), 'series')} too short and left out"),) * bool(gone)
    return joined, notes


def reading_settings(artifact: Artifact) -> DataSettings:
    """How the model's own table was read, for everything that its columns leave open."""
    stored = artifact.description["settings"]
    names = {item.name for item in fields(DataSettings)} & set(stored)
    return artifact.read(lambda: from_keywords(DataSettings, {name: stored[name] for name in names}))


def _not_newer(history: Panel, read: ReadResult) -> tuple[Note, ...]:
    """Warn where the data end where the model's history ends, or before."""
    if not len(read.panel.values) or read.panel.last.max() > history.last.max():
        return ()
    end = _render(history, np.array([history.last.max()]))[0]
    return (Note(f"{read.source} has nothing newer than the model, whose history ends {end}", warning=True),)


def _remarks(panel: Panel, context_length: int, quantiles: Floats) -> tuple[Note, ...]:
    notes = []
    ends = panel.last
    if ends.min() != ends.max():
        late = int((ends < ends.max()).sum())
        first, last = _render(panel, np.array([ends.min(), ends.max()]))
        notes.append(
            Note(
                f"the series end at different times, {first} to {last}: {late} of {len(panel)} stop early;"
                " each is forecast from its own end",
                warning=True,
            )
        )
    short = int((panel.lengths < context_length).sum())
    if short:
        notes.append(
            Note(f"{short} of {len(panel)} series are shorter than the context of {context_length} rows")
        )
    empty = [panel.series_ids[index] for index in np.flatnonzero(np.isnan(quantiles).any((1, 2)))]
    if empty:
        notes.append(
            Note(f"{len(empty)} series have no value in their context and so no forecast", warning=True)
        )
    return tuple(notes)


def _render(panel: Panel, ordinals: Ints) -> list[str]:
    return [str(one) for one in panel.schema.time_format.render(panel.frequency.ticks(ordinals))]


def forecast_table(
    panel: Panel, series: Ints, cutoffs: Ints, quantiles: Floats, settings: OutputSettings
) -> ForecastTable:
    """Lay forecasts out as a long table.

    Args:
        panel: Where the series and their grid come from.
        series: Series of each window (W,).
        cutoffs: Grid ordinal of the last row each window saw (W,).
        quantiles: Forecasts (W, H, Q).
        settings: Which columns.
    """
    from tsforecast.data.writing import ForecastTable
    from tsforecast.evaluation.metrics import at_level

    steps = quantiles.shape[1]
    ordinals = cutoffs[:, None] + np.arange(1, steps + 1)
    names = ["forecast", *(f"q{level:g}" for level in settings.quantiles)]
    levels = [0.5, *settings.quantiles]
    columns = {
        name: at_level(quantiles, QUANTILE_LEVELS, level).ravel()
        for name, level in zip(names, levels, strict=True)
    }
    ids = np.array(panel.series_ids, dtype=object)[series]
    return ForecastTable(
        schema=panel.schema,
        series_ids=list(np.repeat(ids, steps)),
        ticks=panel.frequency.ticks(ordinals.ravel()),
        cutoffs=np.repeat(panel.frequency.ticks(cutoffs), steps) if settings.with_cutoff else None,
        columns=columns,
    )
