"""Predict: the newest context of every series through the graph, without torch, scikit-learn or pandas."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tsforecast.artifacts import Artifact, load_artifact
from tsforecast.config import QUANTILE_LEVELS, DataSettings, PredictSettings, SourceSettings, check_needs
from tsforecast.data.inputs import Inputs
from tsforecast.data.notes import Note
from tsforecast.data.panel import Panel
from tsforecast.data.rows.repair import repair_panel
from tsforecast.data.windows import Windows
from tsforecast.data.words import quoted
from tsforecast.errors import DataError, UsageError
from tsforecast.workflows.forecast_tables import check_reach, forecast_table, refuse_quantiles, tell_changes
from tsforecast.workflows.freshness import as_of, check_freshness, cutoff_text, not_newer, rows_until
from tsforecast.workflows.little_history import (
    known_otherwise,
    short_strangers,
    single_values,
    unchanging,
    without_poor_strangers,
)
from tsforecast.workflows.rereading import reading_for, reading_of, stored_reading

if TYPE_CHECKING:
    import pandas as pd

    from tsforecast.data.output.writing import ForecastTable
    from tsforecast.data.panel import Reading
    from tsforecast.runtime.session import OnnxForecaster


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """A forecast of every series.

    Attributes:
        table: One row per series and step.
        notes: Remarks and warnings.
        cutoff: Newest timestamp with a value.
        skipped: Series that were left out because of an error in them.
        panel: What the forecast was made from.
        horizon: Steps forecast of each series (H).
    """

    table: ForecastTable
    notes: tuple[Note, ...]
    cutoff: str
    panel: Panel
    horizon: int
    skipped: tuple[str, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """Give the table as a pandas DataFrame, timestamps as datetime64 where they are dates."""
        from tsforecast.data.output.writing import to_frame

        return to_frame(self.table)


def predict(
    model: str | Path | None, data: Any = None, *, settings: PredictSettings, now: float | None = None
) -> Forecast:
    """Forecast every series from its own last timestamp.

    Args:
        model: Model folder or exported file; None where ``settings.zero_shot`` says to do without one.
        data: Path, ``"-"`` for standard input, or a DataFrame with new or all rows; None for the history.
        settings: What to forecast.
        now: Seconds since 1970 in UTC, for ``settings.max_lag``; the clock of the machine if not given.

    Raises:
        ForecastError: Whatever the user can do something about.
    """
    check_levels(settings.levels)
    check_needs(settings)
    if settings.zero_shot:
        known, forecaster = _without_model(model, data, settings)
    else:
        known, forecaster = _from_model(model, data, settings)
    panel, notes = known.panel, known.notes
    if panel.schema.classes:
        refuse_quantiles(settings)
    else:
        _check_output(settings.levels, known.levels)
    check_freshness(panel, settings, now)
    if settings.cutoff is not None:
        panel, said = as_of(panel, settings.cutoff, known.trained_to)
        notes += said
    horizon = _horizon(settings, forecaster.horizon)
    check_reach(panel, horizon)
    skipped = known.skipped
    if panel.schema.future:
        panel, more = _with_future(panel, horizon, skip=settings.on_error == "skip")
        skipped += tuple(more)
        notes += _skips(more)
    panel, inputs, more = _with_context(panel, forecaster, skip=settings.on_error == "skip")
    skipped += tuple(more)
    notes += _skips(more)
    forecasts = forecaster.forecast(inputs)[:, :horizon]
    notes += _remarks(panel, forecaster.context_length, known.without_history)
    notes += single_values(panel, inputs.context)
    table = forecast_table(panel, np.arange(len(panel)), panel.last, forecasts, settings, known.levels)
    return Forecast(
        table=table,
        notes=(*notes, *tell_changes(table, len(panel) * horizon)),
        cutoff=cutoff_text(panel),
        skipped=skipped,
        panel=panel,
        horizon=horizon,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known when a forecast is made.

    Attributes:
        panel: The series.
        unmended: The same before any repair, where a model folder knows how to mend them.
        notes: Remarks and warnings.
        skipped: Series that were left out because of an error in them.
        trained_to: Grid ordinal of the last row that the model was made from, None where there is no model folder.
        levels: Quantile levels that the forecaster gives (Q).
        without_history: The exported file that forecasts, which has nothing to put before the data; else "".
    """

    panel: Panel
    unmended: Panel | None = None
    notes: tuple[Note, ...] = ()
    skipped: tuple[str, ...] = ()
    trained_to: int | None = None
    levels: tuple[float, ...] = QUANTILE_LEVELS
    without_history: str = ""


def _from_model(model: str | Path | None, data: Any, given: PredictSettings) -> tuple[Known, OnnxForecaster]:
    """Give what is known now and the forecaster that fit or export made."""
    from tsforecast.runtime.exported import is_exported
    from tsforecast.runtime.session import OnnxForecaster

    if model is None:
        raise UsageError("there is no model to forecast from", hint="name one, or ask for zero_shot=True")
    if is_exported(model):
        return _from_file(model, data, given)
    artifact = load_artifact(model, "model", "history")
    forecaster = OnnxForecaster(artifact.part("model"), f"the graph of {artifact.path}", given.threads)
    trained_to = artifact.read(lambda: int(artifact.description["data"]["cutoff_ordinal"]))
    known = known_panel(artifact, data, given, skip=given.on_error == "skip")
    return replace(known, trained_to=trained_to), forecaster


def _from_file(model: str | Path, data: Any, given: PredictSettings) -> tuple[Known, OnnxForecaster]:
    """Open an exported file, which keeps no history."""
    from tsforecast.data.plain_csv import read_fitting
    from tsforecast.data.rows.pairs import without_empty_pairs
    from tsforecast.runtime.exported import load_exported
    from tsforecast.runtime.session import OnnxForecaster
    from tsforecast.workflows.floor import warn_of_negative

    exported = load_exported(model)
    if data is None:
        raise UsageError(
            f"{exported.path} keeps no history to forecast from",
            hint=f"tsforecast predict {exported.path} DATA",
        )
    stored = exported.read(lambda: stored_reading(exported.about.get("reading", {})))
    settings, limits = reading_for(stored, data, given)
    read = read_fitting(
        data,
        settings,
        schema=exported.schema,
        frequency=exported.frequency,
        skip=given.on_error == "skip",
    )
    panel, empty = without_empty_pairs(read.panel)
    panel, _, mended = repair_panel(panel, settings, limits)
    horizon = exported.read(lambda: int(exported.about["horizon"]))
    notes = (*read.notes, *unchanging(panel), *empty, *mended, *warn_of_negative(exported.floor, panel))
    notes += short_strangers(panel, settings, horizon, str(exported.path))
    known = Known(
        panel=panel,
        notes=notes,
        skipped=read.skipped,
        levels=exported.levels,
        without_history=str(exported.path),
    )
    return known, OnnxForecaster(exported.content, str(exported.path), given.threads)


def _without_model(
    model: str | Path | None, data: Any, settings: PredictSettings
) -> tuple[Known, OnnxForecaster]:
    """Give the table and a forecaster from the weights that come with the program."""
    from tsforecast.data.reading import read_panel
    from tsforecast.runtime.session import OnnxForecaster
    from tsforecast.workflows.zero_shot import in_words, universal_graph, universal_spec, with_floor

    if model is not None or data is None:
        raise UsageError("zero-shot takes data and no model", hint="predict(data=..., zero_shot=True)")
    if settings.past or settings.future or settings.static:
        raise UsageError(
            "the pre-trained weights know nothing of covariates",
            hint="fit a model to use them, or leave --past, --future and --static out",
        )
    if settings.of_classes:
        raise UsageError(
            "the pre-trained weights forecast numbers, no classes",
            hint=f"tsforecast fit DATA --target-type {settings.target_type} makes a model of the classes",
        )
    read = read_panel(
        data,
        settings,
        skip=settings.on_error == "skip",
        covariates=False,
        learn_from=lambda panel: rows_until(panel, settings.cutoff),
    )
    seen = read.panel if settings.cutoff is None else as_of(read.panel, settings.cutoff, None)[0]
    check_reach(seen, settings.horizon or 1)
    spec, said = with_floor(universal_spec(seen, settings), seen, settings)
    notes = (Note(read.description), *read.notes, Note(in_words(spec)), *said)
    known = Known(panel=read.panel, notes=notes, skipped=read.skipped)
    return known, OnnxForecaster(universal_graph(spec), "the pre-trained graph", settings.threads)


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
                hint=("levels are shares, 0.05 is 5 %; " if level > 1 else "")
                + "the model learned "
                + ", ".join(f"{one:g}" for one in QUANTILE_LEVELS),
            )


def _check_output(wanted: tuple[float, ...], given: tuple[float, ...]) -> None:
    """Refuse levels that an exported file was not asked for; between few levels nothing is interpolated.

    Raises:
        UsageError: A level is not among those of the file.
    """
    for level in wanted:
        if given != QUANTILE_LEVELS and level not in given:
            held = ",".join(f"{one:g}" for one in given)
            raise UsageError(
                f"the file gives no quantile level {level:g}, it was exported with {held}",
                hint=f"--quantiles {held}, or export it again with --quantiles",
            )


def _horizon(settings: PredictSettings, trained: int) -> int:
    if settings.horizon is not None and settings.horizon > trained:
        raise UsageError(
            f"--horizon {settings.horizon} is longer than the {trained} steps the model was made for",
            hint=f"fit again with --horizon {settings.horizon}",
        )
    return settings.horizon or trained


def _with_future(panel: Panel, horizon: int, *, skip: bool) -> tuple[Panel, dict[str, str]]:
    """Series whose future covariates are known, and why others were left out.

    Raises:
        DataError: A covariate has no value for a step of the horizon, and this series is not to be skipped.
    """
    from tsforecast.data.rows.covariate_checks import missing_future

    first = missing_future(panel, horizon)
    if first is None:
        return panel, {}
    if not skip:
        raise first
    errors = [missing_future(panel.select(np.array([index])), horizon) for index in range(len(panel))]
    reasons = {
        name: error.message for name, error in zip(panel.series_ids, errors, strict=True) if error is not None
    }
    kept = np.flatnonzero([error is None for error in errors])
    if not len(kept):
        raise first
    return panel.select(kept), reasons


def _with_context(
    panel: Panel, forecaster: OnnxForecaster, *, skip: bool
) -> tuple[Panel, Inputs, dict[str, str]]:
    """Series with at least one known value in their context, their windows, and why others were left out.

    Raises:
        DataError: A context holds no known value, and this series is not to be skipped, or all are so.
    """
    length = forecaster.context_length
    windows = Windows(panel, length, forecaster.horizon, timestamps=forecaster.timestamps)
    inputs = windows.inputs(np.arange(len(panel)), panel.lengths)
    empty = np.asarray(np.isnan(inputs.context).all(1))
    if not empty.any():
        return panel, inputs, {}
    why = f"no value is known in its last {length} rows"
    names = [name for name, one in zip(panel.series_ids, empty, strict=True) if one]
    if not skip or empty.all():
        raise DataError(
            f"series {quoted(names[0])}: {why}, and a forecast needs one at least"
            + (f" ({len(names)} of {len(panel)} series are so)" if len(names) > 1 else ""),
            hint="give earlier rows with values as well, or leave such series out"
            + ", or --on-error skip" * (not empty.all()),
        )
    kept = np.flatnonzero(~empty)
    return panel.select(kept), inputs.take(kept), dict.fromkeys(names, why)


def _skips(reasons: dict[str, str]) -> tuple[Note, ...]:
    """Warn of every series that was left out."""
    return tuple(
        Note(f"series {quoted(name)} was skipped: {why}", warning=True) for name, why in reasons.items()
    )


def known_panel(artifact: Artifact, data: Any, given: SourceSettings, *, skip: bool = False) -> Known:
    """Read what is known now: the model's history, the new data over it where both have a value.

    Args:
        artifact: The model.
        data: The table, None for the history alone.
        given: Where in a file the table is.
        skip: Leave out series with an error in them, instead of raising; their history would be old news.
    """
    from tsforecast.data.plain_csv import read_fitting
    from tsforecast.workflows.floor import warn_of_negative

    if data is None:
        return Known(panel=artifact.history())
    settings, limits = reading_for(reading_of(artifact), data, given)
    read = read_fitting(data, settings, schema=artifact.schema, frequency=artifact.frequency, skip=skip)
    panel, notes = read.panel, read.notes
    horizon = artifact.read(lambda: int(artifact.description["network"]["horizon"]))
    if artifact.has("history"):
        panel, more = _after_history(artifact.history(), read, settings, horizon)
    else:
        names = artifact.read(lambda: frozenset(map(str, artifact.description["mase"]["series_ids"])))
        panel, more = without_poor_strangers(panel, settings, horizon, names)
    notes += more
    if read.skipped:
        panel = panel.select(np.flatnonzero([name not in read.skipped for name in panel.series_ids]))
    mended, _, repaired = repair_panel(panel, settings, limits)
    floor = artifact.read(lambda: artifact.description["network"].get("floor"))
    notes += (*unchanging(panel), *repaired, *warn_of_negative(floor, read.panel))
    return Known(panel=mended, unmended=panel, notes=notes, skipped=read.skipped)


def _after_history(
    history: Panel, read: Reading, settings: DataSettings, horizon: int
) -> tuple[Panel, tuple[Note, ...]]:
    """Join new data with the model's history, without short series that it does not know."""
    from tsforecast.data.joining import join_panels

    joined = join_panels(history, read.panel)
    panel, notes = without_poor_strangers(joined, settings, horizon, frozenset(history.series_ids))
    alike = known_otherwise(history.series_ids, read.panel.series_ids)
    return panel, not_newer(history, read) + alike + notes


def _remarks(panel: Panel, context_length: int, without_history: str) -> tuple[Note, ...]:
    notes = []
    ends = panel.last
    if ends.min() != ends.max():
        late = int((ends < ends.max()).sum())
        first, last = panel.stamps([ends.min(), ends.max()])
        notes.append(
            Note(
                f"the series end at different times, {first} to {last}: {late} of {len(panel)} stop early;"
                " each is forecast from its own end",
                warning=True,
            )
        )
    short = int((panel.lengths < context_length).sum())
    if short:
        text = (
            f"{short} of {len(panel)} series {'is' if short == 1 else 'are'} shorter than the context"
            f" of {context_length} rows: padded with missing values (NaN)"
        )
        # Only the newest rows, as a folder takes them, would give a forecast that knows next to nothing.
        bare = bool(without_history) and short == len(panel)
        if bare:
            text += f"; {without_history} keeps no history, so give it the last {context_length} rows or more"
        notes.append(Note(text, warning=bare))
    return tuple(notes)
