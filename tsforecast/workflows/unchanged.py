"""A model that was made from the same data before: found instead of made again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from tsforecast import __version__
from tsforecast.artifacts import SUFFIXES, Artifact, load_artifact
from tsforecast.config import FitSettings
from tsforecast.data.notes import Note
from tsforecast.data.reading import ReadResult
from tsforecast.errors import ArtifactError
from tsforecast.evaluation.blending import Blend
from tsforecast.models.spec import NetworkSpec
from tsforecast.workflows.description import blend_in_words, settings_json, weights_in_words
from tsforecast.workflows.fit import FitResult
from tsforecast.workflows.parts import unpack_backtest
from tsforecast.workflows.scoring import confusion_in, coverage_in, table_of


def find_unchanged(path: Path, read: ReadResult, settings: FitSettings) -> FitResult | None:
    """Give what a fit of these data would, where the model in place is its result; None where it is not.

    Data, settings and version must be the same, every part whole, and the fit not cut short. The scores are those of
    the windows that the model keeps.
    """
    try:
        artifact = load_artifact(path, *SUFFIXES)
        return _result(artifact, read) if _is_same(artifact, read, settings) else None
    except ArtifactError:
        return None


def _is_same(artifact: Artifact, read: ReadResult, settings: FitSettings) -> bool:
    about = artifact.description
    return artifact.read(
        lambda: (
            about["data"]["sha256"] == read.sha256
            and about["settings"] == settings_json(settings)
            and about["version"] == __version__
            and not about["training"]["interrupted"]
        )
    )


def _result(artifact: Artifact, read: ReadResult) -> FitResult:
    return artifact.read(lambda: _from(artifact, artifact.description, read))


def _from(artifact: Artifact, about: dict[str, Any], read: ReadResult) -> FitResult:
    spec = NetworkSpec.from_json(about["network"])
    ids = tuple(about["mase"]["series_ids"])
    backtest = unpack_backtest(artifact.arrays("windows"), ids, artifact.schema, artifact.frequency)
    shares = np.array([about["gate"][name] for name in spec.expert_names])
    blend: dict[str, Any] = {name: np.nan if one is None else one for name, one in about["blend"].items()}
    said = Note("nothing to do: the model was made from the same data, settings and version")
    return FitResult(
        path=artifact.path,
        description=read.description,
        notes=(*read.notes, said),
        split=about["training"]["split"],
        horizon=spec.horizon,
        context_length=spec.context_length,
        season_lengths=spec.season_lengths,
        frequency=artifact.frequency.alias,
        frequency_confidence=read.guess.confidence,
        frequency_reason=read.guess.reason,
        steps=max(int(group["steps"]) for group in about["training"]["groups"]),
        members=spec.members,
        seconds=0.0,
        scores=table_of(backtest),
        coverage=coverage_in(backtest),
        confusion=confusion_in(backtest),
        verdict=about["verdict"],
        weights_words=weights_in_words(shares, spec, artifact.frequency),
        blend_words=blend_in_words(Blend(**blend)),
        interrupted=False,
        cutoff=about["data"]["cutoff"],
        skipped=read.skipped,
        unchanged=True,
        repairs=read.repairs.counts,
    )
