"""Fit: read, split by time, choose, test once, fit again on everything, save."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tsforecast.config import FitSettings
from tsforecast.data.notes import Note
from tsforecast.data.panel import Panel
from tsforecast.data.sources.frames import check_source
from tsforecast.errors import MissingExtraError, UsageError
from tsforecast.evaluation.scores import ScoreTable

if TYPE_CHECKING:
    from tsforecast.data.reading import ReadResult
    from tsforecast.evaluation.class_scores import Confusion
    from tsforecast.evaluation.intervals import Coverage
    from tsforecast.models.spec import NetworkSpec
    from tsforecast.training.checkpoint import Checkpoint
    from tsforecast.training.loop import Progress
    from tsforecast.training.search import Trained
    from tsforecast.training.split import Split
    from tsforecast.workflows.scoring import AnyBacktest

Listener = Callable[["Progress"], None]


TRAINING = "torch scikit-learn pandas holidays"
"""What a predict-only install lacks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FitResult:
    """A finished fit.

    Attributes:
        path: The model folder.
        description: What was found in the data, in one line.
        notes: Remarks and warnings about the data and the fit.
        split: Who saw what, in one sentence.
        horizon: Future steps (H).
        context_length: Past steps (T).
        season_lengths: Ascending (steps).
        frequency: Alias such as ``h``.
        frequency_confidence: How sure it is, 0 to 1.
        frequency_reason: Why, as a phrase.
        steps: Training steps behind the saved weights.
        members: Networks whose median is the forecast.
        seconds: Time from reading to saving.
        scores: Backtest beside the baselines.
        coverage: How often the intervals held in the backtest.
        confusion: What came by what was forecast, where the target is a class.
        verdict: What the backtest says, in one sentence.
        weights_words: What the forecast leans on.
        blend_words: What share the network has, and why, in one sentence.
        interrupted: True where the user stopped the training and asked to keep what there was.
        cutoff: Newest timestamp of the data.
        skipped: Series that were left out because of an error in them.
        unchanged: True where there was nothing to do, because the model was made from the same data before.
        needs_rows: True where predict needs rows of what is known ahead, which the data do not hold.
        repairs: What was mended by request: rows, values or series by the name of the repair.
    """

    path: Path
    description: str
    notes: tuple[Note, ...]
    split: str
    horizon: int
    context_length: int
    season_lengths: tuple[int, ...]
    frequency: str
    frequency_confidence: float
    frequency_reason: str
    steps: int
    members: int
    seconds: float
    scores: ScoreTable
    coverage: tuple[Coverage, ...]
    confusion: Confusion | None
    verdict: str
    weights_words: str
    blend_words: str
    interrupted: bool
    cutoff: str
    skipped: tuple[str, ...] = ()
    unchanged: bool = False
    needs_rows: bool = False
    repairs: dict[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Plain values, in the order of the fields."""
        return {
            **{name: getattr(self, name) for name in self.__slots__},
            "path": str(self.path),
            "notes": [asdict(note) for note in self.notes],
            "season_lengths": list(self.season_lengths),
            "skipped": list(self.skipped),
            "scores": self.scores.to_json(),
            "coverage": [one.to_json() for one in self.coverage],
            "confusion": None if self.confusion is None else self.confusion.to_json(),
        }


def fit(
    data: Any, output: str | Path | None = None, *, settings: FitSettings, progress: Listener | None = None
) -> FitResult:
    """Train a model on a table and write its folder.

    Args:
        data: Path, list of paths, ``"-"`` for standard input, or a pandas DataFrame.
        output: Model folder; the file's name without suffixes and with ``.tsf`` if not given.
        settings: How.
        progress: Called now and then.

    Raises:
        ForecastError: Whatever the user can do something about; nothing was written then.
    """
    from tsforecast.artifacts import check_writable, writing

    path = model_path(data, output)
    check_writable(path)
    with writing(path, settings.wait):
        return _fit(data, path, settings, progress)


def _fit(data: Any, path: Path, settings: FitSettings, progress: Listener | None) -> FitResult:
    from tsforecast.data.reading import read_panel
    from tsforecast.data.rows.covariate_checks import announce_future
    from tsforecast.training.class_recipe import with_target_type
    from tsforecast.training.recipe import choose_recipe, is_recurrent

    check_training("fit")
    settings = with_target_type(settings)
    if is_recurrent(settings):
        choose_recipe(settings)  # what contradicts itself is refused before a long read
    read = read_panel(
        data,
        settings,
        skip=settings.on_error == "skip",
        learn_from=lambda panel: split_by_time(panel, settings).training,
        for_model=True,
    )
    split_by_time(read.panel, settings)  # refuses what is too short
    # They bring torch, which takes seconds: a mistyped column or three rows are told before.
    from tsforecast.training.checkpoint import remove_checkpoint
    from tsforecast.workflows.freshness import not_yet
    from tsforecast.workflows.resuming import interruption, start, warnings

    if settings.if_changed and (known := _unchanged(path, read, settings)) is not None:
        remove_checkpoint(path)
        return known
    checkpoint, said = start(path, read, settings)
    panel, tell = read.panel, _teller(progress)
    trained, split, remarks = train(panel, settings, tell, checkpoint)
    ahead = announce_future(panel, trained.spec.horizon)
    read = replace(read, notes=(*read.notes, *not_yet(read), *remarks, *ahead))
    if trained.interrupted and not settings.keep_on_interrupt:
        raise interruption(checkpoint)
    backtest = _backtest(panel, trained, split)
    tell("saving", 1.0)
    result = _save(path, read, trained, split, backtest, settings, checkpoint.started)
    remove_checkpoint(path)
    return replace(result, notes=(*result.notes, *said, *warnings(checkpoint)), needs_rows=bool(ahead))


def check_training(what: str) -> None:
    """Find out whether there is anything to train with, without loading it.

    Args:
        what: Command that wants to train, for the message.

    Raises:
        MissingExtraError: A library is not installed.
    """
    try:
        found = find_spec("torch") is not None
    except ModuleNotFoundError:
        found = False
    if not found:
        raise MissingExtraError(
            f"{what} trains with torch, which is not installed", hint=f"pip install {TRAINING}"
        )


def train(
    panel: Panel, settings: FitSettings, tell: Callable[..., None], checkpoint: Checkpoint | None = None
) -> tuple[Trained, Split, tuple[Note, ...]]:
    """Plan and train as a fit does; nothing is written.

    Args:
        panel: The series: what is not in it cannot be seen.
        settings: How.
        tell: Told about progress.
        checkpoint: Where to keep how far it is, and to go on from.

    Returns:
        The networks, who saw what, and remarks.
    """
    from tsforecast.training import ROUTINES
    from tsforecast.training.calendar import describe_calendar
    from tsforecast.training.normalising import check_positive
    from tsforecast.workflows.floor import choose_floor, is_count

    floor, remarks = (None, ()) if settings.of_classes else choose_floor(panel, settings.non_negative)
    check_positive(panel, settings)
    spec, split = plan(panel, settings)
    remarks += describe_calendar(panel.frequency, spec.calendar)
    known = panel.head(split.known)
    spec = replace(spec, floor=choose_floor(known, settings.non_negative)[0])
    spec = replace(spec, counts=spec.floor is not None and is_count(known))
    routine = import_module(ROUTINES[spec.network])
    trained: Trained = routine.train_and_refit(panel, spec, split, settings, tell, checkpoint)
    # What is tested must not know that the backtest holds no negative value; what is saved must know if it does.
    saved = replace(trained.final.spec, floor=floor, counts=floor is not None and is_count(panel))
    trained.final.spec = saved  # type: ignore[misc]  # for readers: the networks differ in the kind of their spec
    return replace(trained, spec=saved), split, remarks


def _unchanged(path: Path, read: ReadResult, settings: FitSettings) -> FitResult | None:
    from tsforecast.workflows.unchanged import find_unchanged

    return find_unchanged(path, read, settings)


def model_path(data: Any, output: str | Path | None) -> Path:
    """Folder of the model.

    Raises:
        UsageError: The data have no name to derive it from, or are no table.
    """
    from tsforecast.data.sources.paths import several_paths

    check_source(data)
    if output is not None:
        return Path(output)
    if isinstance(data, list | tuple) and len(data) == 1:
        data = data[0]
    if several_paths(data):
        raise UsageError("several files have no common name", hint="name the model with -o MODEL")
    if not isinstance(data, str | Path) or str(data) == "-":
        what = "standard input" if isinstance(data, str | Path) else "a DataFrame"
        raise UsageError(
            f"{what} has no name to derive the model's from", hint="name the model with -o MODEL"
        )
    name = Path(data).name
    return Path((name[: name.index(".", 1)] if "." in name[1:] else name) + ".tsf")


def plan(panel: Panel, settings: FitSettings) -> tuple[NetworkSpec, Split]:
    """Shape of the network and the three parts of the data."""
    from tsforecast.data.seasons import find_season_lengths
    from tsforecast.training.class_recipe import choose_class_spec
    from tsforecast.training.geometry import choose_spec
    from tsforecast.training.groups import choose_members
    from tsforecast.training.recipe import choose_recurrent_spec, is_recurrent

    split = split_by_time(panel, settings)
    seasons = tuple(sorted(settings.season_length)) or find_season_lengths(panel.head(split.known))
    if settings.of_classes:
        return choose_class_spec(panel, seasons, settings), split
    if is_recurrent(settings):
        return choose_recurrent_spec(panel, seasons, settings), split
    return choose_spec(panel, seasons, settings, choose_members(panel, settings)), split


def split_by_time(panel: Panel, settings: FitSettings) -> Split:
    """Who sees what of a panel.

    Raises:
        DataError: Not one series holds a window.
    """
    from tsforecast.training.geometry import FEWEST_CONTEXT, check_length
    from tsforecast.training.split import split_panel

    horizon = settings.horizon or panel.frequency.default_horizon
    check_length(panel, horizon)
    usual = [*settings.season_length, *panel.frequency.season_candidates, 1][0]
    return split_panel(panel, horizon, usual, horizon + FEWEST_CONTEXT)


def _teller(progress: Listener | None) -> Callable[..., None]:
    from tsforecast.training.loop import Progress

    def tell(
        stage: str, done: float, step: int = 0, loss: float | None = None, left: float | None = None
    ) -> None:
        if progress is not None:
            progress(Progress(stage=stage, done=done, step=step, loss=loss, seconds_left=left))

    return tell


def _backtest(panel: Panel, trained: Trained, split: Split) -> AnyBacktest:
    """Forecast the last block with the network that has not seen it; the only time it is looked at."""
    from tsforecast.evaluation.backtest import run_backtest
    from tsforecast.evaluation.class_backtest import run_class_backtest
    from tsforecast.evaluation.scores import mase_scales

    spec = trained.spec
    series, cutoffs = split.backtest
    seasons = spec.season_lengths
    how: dict[str, Any] = {
        "context_length": spec.context_length,
        "horizon": spec.horizon,
        "series": series,
        "cutoffs": cutoffs,
        "timestamps": bool(spec.calendar),
    }
    if panel.schema.classes:
        return run_class_backtest(panel, lambda inputs: trained.tested.forecast(inputs)[0], **how)
    return run_backtest(
        panel,
        lambda inputs: trained.tested.forecast(inputs)[0],
        levels=spec.levels,
        season_lengths=seasons,
        scales=mase_scales(panel.head(split.known), seasons[0] if seasons else 1),
        **how,
    )


def _save(
    path: Path,
    read: ReadResult,
    trained: Trained,
    split: Split,
    backtest: AnyBacktest,
    settings: FitSettings,
    started: float,
) -> FitResult:
    from tsforecast.artifacts import save_artifact
    from tsforecast.evaluation.scores import verdict
    from tsforecast.workflows.description import blend_in_words, cutoff_text, describe, weights_in_words
    from tsforecast.workflows.parts import make_parts
    from tsforecast.workflows.scoring import confusion_in, coverage_in, mixed_in, table_of

    scores = table_of(backtest)
    sentence = verdict(scores)
    shares = trained.gate_shares(read.panel)
    words = weights_in_words(shares, trained.spec, read.panel.frequency)
    description = describe(read, trained, split, settings, scores, sentence, shares)
    mixed = mixed_in(backtest, read.panel.schema)
    if mixed is not None:
        description["mixed"] = asdict(mixed)
    save_artifact(path, description, make_parts(read.panel, trained, backtest, settings))
    spec = trained.spec
    return FitResult(
        path=path,
        description=read.description,
        notes=(*read.notes, *trained.notes, *(mixed.notes(scores.metrics) if mixed else ())),
        split=split.words,
        horizon=spec.horizon,
        context_length=spec.context_length,
        season_lengths=spec.season_lengths,
        frequency=read.panel.frequency.alias,
        frequency_confidence=read.guess.confidence,
        frequency_reason=read.guess.reason,
        steps=trained.steps,
        members=spec.members,
        seconds=time.monotonic() - started,
        scores=scores,
        coverage=coverage_in(backtest),
        confusion=confusion_in(backtest),
        verdict=sentence,
        weights_words=words,
        blend_words=blend_in_words(trained.blend),
        interrupted=trained.interrupted,
        cutoff=cutoff_text(read),
        skipped=read.skipped,
        repairs=read.repairs.counts,
    )
