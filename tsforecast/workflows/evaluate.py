"""Evaluate: roll the model over cutoffs it was not trained on, beside the baselines."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tsforecast.artifacts import Artifact, load_artifact
from tsforecast.config import QUANTILE_LEVELS, EvaluateSettings
from tsforecast.data.arrays import Floats, Ints
from tsforecast.data.inputs import Inputs
from tsforecast.data.notes import Note
from tsforecast.data.panel import Panel
from tsforecast.data.windows import Windows
from tsforecast.errors import GateError, UsageError
from tsforecast.evaluation.backtest import run_backtest, without_first
from tsforecast.evaluation.class_backtest import run_class_backtest
from tsforecast.evaluation.class_baselines import CLASS_BASELINES
from tsforecast.evaluation.class_scores import Confusion
from tsforecast.evaluation.intervals import Coverage
from tsforecast.evaluation.scores import ScoreRow, ScoreTable, mase_scales, verdict
from tsforecast.evaluation.skill import Skill
from tsforecast.evaluation.statistical import STATISTICAL, check_statistical
from tsforecast.models.spec import NetworkSpec
from tsforecast.workflows.forecast_tables import backtest_table
from tsforecast.workflows.parts import stored_inputs, unpack_backtest
from tsforecast.workflows.predict import Known, known_panel
from tsforecast.workflows.scoring import (
    AnyBacktest,
    confusion_in,
    coverage_in,
    mixed_in,
    skill_in,
    table_of,
    worst_in,
)

if TYPE_CHECKING:
    from tsforecast.data.output.writing import ForecastTable
    from tsforecast.workflows.explain import Explanation
    from tsforecast.workflows.fit import Listener

FEWEST_CONTEXT = 3
"""Rows that a series the model never saw must have before its first cutoff."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """Scores of a model on data it has not seen.

    Attributes:
        scores: Table beside the baselines.
        verdict: What it says, in one sentence.
        notes: Remarks and warnings.
        origins: Different cutoffs per series, at most.
        windows: Forecasts scored.
        forecasts: Every forecast of the backtest with its cutoff and what came.
        coverage: How often the intervals held.
        confusion: What came by what was forecast, where the target is a class.
        skill: Against the best baseline, with its uncertainty; None where there is no baseline.
        worst: Scores of the series that are forecast worst, where asked for.
        backtest: The windows themselves.
        panel: Their series and grid; without values where it is the backtest that fit made.
        contexts: What the model saw of each window (W, T).
        provenance: Where model and scores come from, in words.
        stored: True where it is the backtest that fit made.
        explanation: What the forecasts lean on, where asked for.
    """

    scores: ScoreTable
    verdict: str
    notes: tuple[Note, ...]
    origins: int
    windows: int
    forecasts: ForecastTable
    coverage: tuple[Coverage, ...]
    confusion: Confusion | None
    skill: Skill | None
    backtest: AnyBacktest
    panel: Panel
    contexts: Floats
    provenance: dict[str, str]
    worst: tuple[ScoreRow, ...] = ()
    stored: bool = False
    explanation: Explanation | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain values without the forecasts."""
        plain = {
            "origins": self.origins,
            "windows": self.windows,
            "stored": self.stored,
            "scores": self.scores.to_json(),
            "coverage": [one.to_json() for one in self.coverage],
            "skill": None if self.skill is None else self.skill.to_json(),
            "verdict": self.verdict,
            "notes": [asdict(note) for note in self.notes],
        }
        if self.confusion is not None:
            plain["confusion"] = self.confusion.to_json()
        if self.worst:
            plain["worst"] = [row.to_json("series") for row in self.worst]
        return plain if self.explanation is None else {**plain, "explanation": self.explanation.to_json()}


def evaluate(
    model: str | Path, data: Any = None, *, settings: EvaluateSettings, progress: Listener | None = None
) -> Evaluation:
    """Backtest a model.

    Args:
        model: Model folder.
        data: Table with rows newer than the model; None shows the backtest that fit made.
        settings: Which cutoffs and tables.
        progress: Called now and then where the model is trained anew at every origin.

    Raises:
        ForecastError: Whatever the user can do something about.
    """
    check_statistical(settings.baselines)
    needed = ("weights",) if settings.explain else ()
    if settings.explain and settings.refit == "each":
        raise UsageError(
            "--explain looks into the model, and --refit each makes others", hint="leave one out"
        )
    artifact = load_artifact(model, "model", "history", "windows", *needed)
    if data is None:
        return _stored(artifact, None, (), settings)
    known = known_panel(artifact, data, settings)
    panel, notes = known.panel, known.notes
    series, cutoffs = _plan(artifact, panel, settings)
    if not len(series):
        return _stored(artifact, panel, notes, settings)
    if panel.schema.classes:
        _refuse_baselines(settings)
    if settings.refit == "each":
        backtest, said = _refit(artifact, known, (series, cutoffs), settings, progress)
        notes = (*notes, said)
    else:
        backtest = _roll(artifact, panel, series, cutoffs, settings)
    notes = (*notes, *_left_out(backtest, settings))
    spec = artifact.read(lambda: NetworkSpec.from_json(artifact.description["network"]))
    windows = Windows(panel, spec.context_length, spec.horizon, timestamps=bool(spec.calendar))
    inputs = windows.inputs(backtest.series, backtest.cutoffs)
    result = _result(artifact, panel, backtest, inputs, notes, settings)
    if not settings.explain:
        return result
    return _explained(result, artifact, inputs, backtest, settings)


def require_skill(result: Evaluation, least: float | None) -> None:
    """Hold a backtest against the skill that was asked for.

    Raises:
        GateError: The skill is smaller, or there is no baseline to have any skill against.
    """
    if least is None:
        return
    if result.skill is None:
        raise GateError("there is no skill: no baseline has a score", hint="name some with --baselines")
    if not result.skill.value >= least:
        value, rival = result.skill.value, result.skill.rival
        hint = "do not use this model as it is: fit on newer data, or take the baseline"
        if value > 0:
            hint = f"the model is better than {rival}, by {least - value:.3g} less than was asked for: fit on more data"
        raise GateError(f"the skill against {rival} is {value:.3g}, {least:g} is required", hint=hint)


def _explained(
    result: Evaluation, artifact: Artifact, inputs: Inputs, backtest: AnyBacktest, settings: EvaluateSettings
) -> Evaluation:
    """Add what the forecasts of the backtest lean on."""
    from tsforecast.workflows.explain import explain

    owners = [backtest.series_ids[index] for index in backtest.series]
    by_series = settings.by == "series"
    return replace(result, explanation=explain(artifact, inputs, owners, by_series=by_series))


def _plan(artifact: Artifact, panel: Panel, settings: EvaluateSettings) -> tuple[Ints, Ints]:
    """Cutoffs from the model's own on, one step after the other, the newest ``origins`` of each series."""
    horizon = artifact.read(lambda: int(artifact.description["network"]["horizon"]))
    step = settings.step or horizon
    series, cutoffs = [], []
    for index, start in enumerate(_known_rows(artifact, panel)):
        own = np.arange(start, panel.lengths[index], step, dtype=np.int64)
        own = own[-settings.origins :] if settings.origins else own
        cutoffs.append(own)
        series.append(np.full(len(own), index, dtype=np.int64))
    return np.concatenate(series), np.concatenate(cutoffs)


def _known_rows(artifact: Artifact, panel: Panel) -> list[int]:
    """Rows of each series up to the model's cutoff; half of a series that the model never saw (N)."""
    if not artifact.has("history"):
        cutoff = artifact.read(lambda: int(artifact.description["data"]["cutoff_ordinal"]))
        rows = np.clip(cutoff + 1 - panel.first, FEWEST_CONTEXT, panel.lengths)
        return [int(one) for one in rows]
    history = artifact.history()
    ends = dict(zip(history.series_ids, history.last.tolist(), strict=True))
    return [
        int(ends[name] + 1 - first) if name in ends else max(int(length) // 2, FEWEST_CONTEXT)
        for name, first, length in zip(panel.series_ids, panel.first, panel.lengths, strict=True)
    ]


def _roll(
    artifact: Artifact, panel: Panel, series: Ints, cutoffs: Ints, settings: EvaluateSettings
) -> AnyBacktest:
    from tsforecast.runtime.session import OnnxForecaster

    forecaster = OnnxForecaster(artifact.part("model"), f"the graph of {artifact.path}", settings.threads)
    how: dict[str, Any] = {
        "context_length": forecaster.context_length,
        "horizon": forecaster.horizon,
        "series": series,
        "cutoffs": cutoffs,
        "timestamps": forecaster.timestamps,
        "sliding": settings.window == "sliding",
        "gap": settings.gap,
    }
    if panel.schema.classes:
        return run_class_backtest(panel, forecaster.forecast, **how)
    return run_backtest(
        panel,
        forecaster.forecast,
        levels=QUANTILE_LEVELS,
        season_lengths=artifact.season_lengths,
        scales=_scales(artifact, panel, series, cutoffs),
        baselines=settings.baselines,
        limit=settings.baseline_limit,
        **how,
    )


def _left_out(backtest: AnyBacktest, settings: EvaluateSettings) -> tuple[Note, ...]:
    """Name the baselines that took too long."""
    return tuple(
        Note(
            f"baseline {name} is left out: it needs more than {settings.baseline_limit:g} s"
            " (--baseline-limit allows more, fewer --origins need less)",
            warning=True,
        )
        for name in settings.baselines
        if name in STATISTICAL and name not in backtest.methods
    )


def _refit(
    artifact: Artifact,
    known: Known,
    windows: tuple[Ints, Ints],
    settings: EvaluateSettings,
    progress: Listener | None,
) -> tuple[AnyBacktest, Note]:
    from tsforecast.workflows.fit import check_training

    check_training("evaluate --refit each")
    from tsforecast.workflows.refitting import refit_and_roll

    scales = _scales(artifact, known.panel, *windows)
    return refit_and_roll(artifact, known, windows, scales, settings, progress)


def _refuse_baselines(settings: EvaluateSettings) -> None:
    if settings.baselines != EvaluateSettings().baselines:
        raise UsageError(
            "--baselines names methods for numbers, and this model forecasts classes",
            hint=f"leave it out: it is compared with {' and '.join(CLASS_BASELINES)}",
        )


def _scales(artifact: Artifact, panel: Panel, series: Ints, cutoffs: Ints) -> tuple[Floats, Floats]:
    """Take the model's MASE denominators; series it never saw get those before their first cutoff."""
    stored = artifact.read(lambda: artifact.description["mase"])
    first = panel.lengths.copy()
    np.minimum.at(first, series, cutoffs)
    scale, squared = mase_scales(panel.head(first), artifact.read(lambda: int(stored["season_length"])))
    place = artifact.read(lambda: {name: index for index, name in enumerate(stored["series_ids"])})
    own, own_squared = artifact.read(
        lambda: ([_number(one) for one in stored["scale"]], [_number(one) for one in stored["squared_scale"]])
    )
    for index, name in enumerate(panel.series_ids):
        if name in place:
            scale[index], squared[index] = own[place[name]], own_squared[place[name]]
    return scale, squared


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)


def _result(
    artifact: Artifact,
    panel: Panel,
    backtest: AnyBacktest,
    inputs: Inputs,
    notes: tuple[Note, ...],
    settings: EvaluateSettings,
) -> Evaluation:
    skill = skill_in(backtest)
    scores = _dated(table_of(backtest, settings.metrics, settings.by), panel)
    mixed = mixed_in(backtest, panel.schema)
    return Evaluation(
        scores=scores,
        skill=skill,
        worst=worst_in(backtest, settings.worst) if settings.worst else (),
        verdict=verdict(table_of(backtest), skill),
        notes=(*notes, *(mixed.notes(scores.metrics) if mixed else ())),
        origins=int(np.bincount(backtest.series).max()),
        windows=len(backtest.series),
        forecasts=backtest_table(panel, backtest, settings.gap),
        coverage=coverage_in(backtest),
        confusion=confusion_in(backtest),
        backtest=backtest,
        panel=panel,
        contexts=inputs.context,
        provenance=artifact.read(lambda: _provenance(artifact)),
    )


def _provenance(artifact: Artifact) -> dict[str, str]:
    about = artifact.description
    data, settings = about["data"], about["settings"]
    return {
        "model": str(artifact.path),
        "made by": f"tsforecast {about['version']}",
        "from": str(data["source"]),
        "rows": str(data["rows"]),
        "SHA-256 of the data": str(data["sha256"]),
        "fitted up to": str(data["cutoff"]),
        "seed": str(settings["seed"]),
        "who saw what": str(about["training"]["split"]),
        **{f"version of {name}": str(value) for name, value in about["provenance"].items()},
    }


def _dated(scores: ScoreTable, panel: Panel) -> ScoreTable:
    """Name origins by their timestamps instead of their places on the grid."""
    if scores.by != "origin":
        return scores
    names = panel.stamps([int(row.key) for row in scores.rows])
    rows = tuple(replace(row, key=name) for row, name in zip(scores.rows, names, strict=True))
    return replace(scores, rows=rows)


def _stored(
    artifact: Artifact, panel: Panel | None, notes: tuple[Note, ...], settings: EvaluateSettings
) -> Evaluation:
    """Show the backtest that fit made."""
    why = "no data given" if panel is None else "the data hold nothing newer than the model"
    said = Note(f"{why}: this is the backtest that fit made before the final refit")
    for name in ("baselines", "window", "refit"):
        if getattr(settings, name) != getattr(EvaluateSettings(), name):
            raise UsageError(
                f"{why}, and what fit made is stored as it was", hint=f"--{name} needs newer rows"
            )
    arrays = artifact.arrays("windows")
    ids = artifact.read(lambda: tuple(artifact.description["mase"]["series_ids"]))
    backtest = artifact.read(lambda: unpack_backtest(arrays, ids, artifact.schema, artifact.frequency))
    stored = _stored_panel(artifact, backtest, ids)
    backtest = replace(backtest, actual=without_first(backtest.actual, settings.gap))
    windows = artifact.read(lambda: int(artifact.description["scores"]["windows"]))
    if windows > len(backtest.series):
        said = Note(f"{said.text}, {len(backtest.series)} of its {windows} windows")
    if settings.origins is not None:
        said = Note(
            f"{said.text}; its cutoffs are kept as they were, so --origins changes nothing", warning=True
        )
    inputs = stored_inputs(arrays)
    result = replace(_result(artifact, stored, backtest, inputs, (*notes, said), settings), stored=True)
    return _explained(result, artifact, inputs, backtest, settings) if settings.explain else result


def _stored_panel(artifact: Artifact, backtest: AnyBacktest, ids: tuple[str, ...]) -> Panel:
    """Give the series of the stored windows their grid; the values themselves are not kept."""
    ends = np.full(len(ids), np.iinfo(np.int64).min)
    known = ~np.isnan(backtest.actual)
    reach = backtest.cutoffs + known.shape[1] - np.argmax(known[:, ::-1], 1)
    np.maximum.at(ends, backtest.series, reach)
    lengths = np.maximum(ends, 0)
    return Panel(
        series_ids=ids,
        values=np.zeros(int(lengths.sum())),
        offsets=np.concatenate([[0], np.cumsum(lengths)]),
        first=_first_ordinals(backtest, len(ids)),
        frequency=artifact.frequency,
        schema=artifact.schema,
    )


def _first_ordinals(backtest: AnyBacktest, count: int) -> Ints:
    first = np.zeros(count, dtype=np.int64)
    first[backtest.series] = backtest.origins + 1 - backtest.cutoffs
    return first
