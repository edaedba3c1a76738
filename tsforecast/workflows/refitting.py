"""A backtest that trains anew at every origin: what the way of making the model is worth, not one model."""

from __future__ import annotations

import time
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tsforecast.artifacts import Artifact
from tsforecast.config import QUANTILE_LEVELS, EvaluateSettings, FitSettings, from_keywords
from tsforecast.data.arrays import Floats, Ints
from tsforecast.data.notes import Note
from tsforecast.data.panel import Panel
from tsforecast.data.rows.repair import repair_panel
from tsforecast.data.windows import Windows
from tsforecast.data.words import counted
from tsforecast.errors import Interrupted, UsageError
from tsforecast.evaluation.backtest import run_backtest, without_first
from tsforecast.evaluation.class_backtest import run_class_backtest
from tsforecast.evaluation.kinds import joined
from tsforecast.workflows.fit import Listener, split_by_time, train
from tsforecast.workflows.predict import Known
from tsforecast.workflows.scoring import AnyBacktest

if TYPE_CHECKING:
    from tsforecast.training.search import Trained

FIRST_HALF = 0.4
"""Part of a fit's time that its first training takes, about."""


def refit_and_roll(
    artifact: Artifact,
    known: Known,
    windows: tuple[Ints, Ints],
    scales: tuple[Floats, Floats],
    settings: EvaluateSettings,
    progress: Listener | None,
) -> tuple[AnyBacktest, Note]:
    """Train at every origin on what was known then, with the model's settings, and forecast from there.

    Args:
        artifact: The model whose settings count.
        known: The series, all of them whole. They are mended anew at every origin, from what was usual by then.
        windows: Series and cutoff of each window (W,), (W,).
        scales: MASE and RMSSE denominators of every series (N,), (N,).
        settings: What is compared.
        progress: Told how long it will take.

    Raises:
        UsageError: The table holds only what is newer than the model.
        MissingExtraError: There is nothing here to train with.
    """
    panel = known.panel
    _insist_on_whole_series(artifact, panel)
    fitting = _settings_of(artifact)
    series, cutoffs = _with_actual(panel, windows, fitting.horizon or 1, settings.gap)
    origins = panel.first[series] + cutoffs - 1
    listen = _Watch(progress, len(np.unique(origins)), None if fitting.steps else fitting.budget)
    parts, steps = [], []
    for origin in np.unique(origins):
        rows = origins == origin
        mended = _mended_until(known.unmended or panel, int(origin), fitting)
        trained = _train_until(mended, int(origin), fitting, listen)
        parts.append(_forecast(artifact, trained, mended, (series[rows], cutoffs[rows]), scales, settings))
        steps.append(trained.steps)
    return joined(parts), Note(
        f"trained anew at {counted(len(parts), 'origin')} with the settings of the model,"
        f" {' to '.join(map(str, sorted({min(steps), max(steps)})))} steps each, in {listen.seconds:.0f} s"
    )


def _settings_of(artifact: Artifact) -> FitSettings:
    """How the model was made, with its horizon."""
    stored = artifact.read(lambda: dict(artifact.description["settings"]))
    known = {item.name for item in fields(FitSettings)} & set(stored)
    settings = artifact.read(lambda: from_keywords(FitSettings, {name: stored[name] for name in known}))
    return replace(settings, horizon=artifact.read(lambda: int(artifact.description["network"]["horizon"])))


def _insist_on_whole_series(artifact: Artifact, panel: Panel) -> None:
    if not artifact.has("history"):
        return
    history = artifact.history()
    length = artifact.read(lambda: int(artifact.description["network"]["context_length"]))
    first = dict(zip(panel.series_ids, panel.first.tolist(), strict=True))
    cut = [
        first.get(name) == begin
        for name, begin, rows in zip(history.series_ids, history.first.tolist(), history.lengths, strict=True)
        if rows == length
    ]
    if cut and all(cut):
        raise UsageError(
            "--refit each trains on the table, and this one holds no more of the past than the model keeps",
            hint="give the whole table, not the new rows alone",
        )


def _with_actual(panel: Panel, windows: tuple[Ints, Ints], horizon: int, gap: int) -> tuple[Ints, Ints]:
    """Windows after which something came: a fit for the others would be in vain."""
    series, cutoffs = windows
    futures = without_first(Windows(panel, 1, horizon).futures(series, cutoffs), gap)
    kept = ~np.isnan(futures).all(axis=1)
    if not kept.any():
        raise UsageError("nothing to score: no series has a value after a cutoff", hint="give more rows")
    return series[kept], cutoffs[kept]


def _mended_until(panel: Panel, origin: int, settings: FitSettings) -> Panel:
    """Repair the series as a fit of the rows up to an origin would have."""
    rows = np.zeros(len(panel), dtype=np.int64)
    if settings.outliers == "clip":
        begun = np.flatnonzero(panel.first <= origin)
        rows[begun] = split_by_time(_until(panel, origin), settings).training
    return repair_panel(panel, settings, rows=rows)[0]


def _until(panel: Panel, origin: int) -> Panel:
    """Rows up to an origin; a series that begins later takes no part."""
    rows = panel.rows_until(origin)
    return panel.head(rows).select(np.flatnonzero(rows > 0))


def _train_until(panel: Panel, origin: int, settings: FitSettings, listen: _Watch) -> Trained:
    """Fit on the rows up to an origin."""
    known = _until(panel, origin)
    listen.tell("training", 0.0)
    trained, _, _ = train(known, settings, listen.tell)
    if trained.interrupted:
        raise Interrupted("interrupted")
    listen.done += 1
    return trained


def _forecast(
    artifact: Artifact,
    trained: Trained,
    panel: Panel,
    windows: tuple[Ints, Ints],
    scales: tuple[Floats, Floats],
    settings: EvaluateSettings,
) -> AnyBacktest:
    spec = trained.spec
    how: dict[str, Any] = {
        "context_length": spec.context_length,
        "horizon": spec.horizon,
        "series": windows[0],
        "cutoffs": windows[1],
        "timestamps": bool(spec.calendar),
        "sliding": settings.window == "sliding",
        "gap": settings.gap,
    }
    if panel.schema.classes:
        return run_class_backtest(panel, lambda inputs: trained.final.forecast(inputs)[0], **how)
    return run_backtest(
        panel,
        lambda inputs: trained.final.forecast(inputs)[0],
        levels=QUANTILE_LEVELS,
        season_lengths=artifact.season_lengths,
        scales=scales,
        baselines=settings.baselines,
        limit=settings.baseline_limit,
        **how,
    )


class _Watch:
    """Says at which of the fits it is, and how long all of them will take.

    Args:
        progress: Who wants to know.
        count: How many fits there are.
        budget: Time that each may take, None where steps count (seconds).
    """

    def __init__(self, progress: Listener | None, count: int, budget: float | None) -> None:
        self._progress, self._count, self._budget = progress, count, budget
        self._started, self.done = time.monotonic(), 0

    @property
    def seconds(self) -> float:
        """Time since the first fit began."""
        return time.monotonic() - self._started

    def tell(self, stage: str, done: float, *_: Any) -> None:
        """Hear how far one fit is."""
        if self._progress is None:
            return
        from tsforecast.training.loop import Progress

        inner = FIRST_HALF * done if stage == "training" else FIRST_HALF + (1 - FIRST_HALF) * done
        share = min((self.done + inner) / self._count, 1.0)
        left = self._left(share)
        about = f", about {left / 60:.0f} min left" if left is not None and left >= 60 else ""
        self._progress(
            Progress(stage=f"fit {self.done + 1} of {self._count}{about}", done=share, seconds_left=left)
        )

    def _left(self, share: float) -> float | None:
        """Time until all fits are done: from the budget, else from what the share that is done has taken."""
        if self._budget is not None:
            return (1 - share) * self._count * self._budget
        return self.seconds * (1 / share - 1) if share > 0 else None
