"""Explain: what the forecasts of a model lean on, as shares of named parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tsforecast.artifacts import Artifact
from tsforecast.data.arrays import Floats
from tsforecast.data.inputs import Inputs
from tsforecast.data.times.timeline import Frequency
from tsforecast.errors import UsageError
from tsforecast.models.spec import NetworkSpec
from tsforecast.workflows.description import expert_in_words, with_classical


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How much the forecasts lean on one part.

    Attributes:
        name: The part, such as ``last season (24)``.
        words: The same for a person, such as ``last day``.
        share: Mean weight over all windows and steps, between 0 and 1.
        by_steps: Mean weight over each block of steps (blocks).
    """

    name: str
    words: str
    share: float
    by_steps: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesShare:
    """What the forecasts of one series lean on most.

    Attributes:
        series: Series id.
        windows: Windows of the series.
        words: The part with the largest mean weight.
        share: That weight, between 0 and 1.
    """

    series: str
    windows: int
    words: str
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What forecasts lean on; the shares add up to one.

    Attributes:
        windows: Windows behind the means.
        steps: First and last forecast step of each block that has weights of its own (blocks).
        shares: The parts, the largest share first.
        series: The part each series leans on most, empty where nobody asked.
    """

    windows: int
    steps: tuple[tuple[int, int], ...]
    shares: tuple[Share, ...]
    series: tuple[SeriesShare, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain values, in the order of the fields."""
        return {
            "windows": self.windows,
            "steps": [list(block) for block in self.steps],
            "shares": [{**asdict(one), "by_steps": list(one.by_steps)} for one in self.shares],
            "series": [asdict(one) for one in self.series],
        }


def explain(artifact: Artifact, inputs: Inputs, owners: Sequence[str], *, by_series: bool) -> Explanation:
    """Ask the network of a model what it leans on.

    Args:
        artifact: The model.
        inputs: Windows to forecast (B).
        owners: Series id of each window (B,).
        by_series: Also name the part that each series leans on most.

    Raises:
        ArtifactError: The model is damaged.
        UsageError: The network has no parts that it weighs.
    """
    from tsforecast.exporters import build_model
    from tsforecast.exporters.graph_form import OPSET
    from tsforecast.runtime.session import OnnxForecaster

    spec = artifact.read(lambda: NetworkSpec.from_json(artifact.description["network"]))
    if not spec.expert_names:
        raise UsageError(
            "--explain: this network has no gate and no attention, so there are no weights to show",
            hint="fit with --attention, or the default network",
        )
    arrays = artifact.arrays("weights")
    graph = artifact.read(lambda: build_model(spec, arrays, OPSET, explain=True))
    weights = OnnxForecaster(graph, f"the graph of {artifact.path}").gate_weights(inputs)
    known = np.flatnonzero(np.isfinite(weights).all((1, 2)))
    names = [owners[int(row)] for row in known]
    return summarise(weights[known], spec, artifact.frequency, names if by_series else ())


def summarise(
    weights: Floats, spec: NetworkSpec, frequency: Frequency, owners: Sequence[str] = ()
) -> Explanation:
    """Average the gate's weights; a block counts by its steps within the horizon.

    Args:
        weights: Weights of the experts (B, patches, K).
        spec: Names and places of the experts and blocks.
        frequency: Time grid, for words such as day and week.
        owners: Series id of each window, empty where the series do not matter (B,).
    """
    steps = step_blocks(spec)
    lengths = np.array([last - first + 1 for first, last in steps])
    weights, names = with_classical(weights, spec)
    blocks = weights.mean(0) if len(weights) else np.zeros(weights.shape[1:])
    shares = lengths @ blocks / lengths.sum()
    words = [expert_in_words(name, frequency) for name in names]
    return Explanation(
        windows=len(weights),
        steps=steps,
        shares=tuple(
            Share(
                name=names[place],
                words=words[place],
                share=float(shares[place]),
                by_steps=tuple(float(one) for one in blocks[:, place]),
            )
            for place in np.argsort(-shares, kind="stable")
        ),
        series=_by_series(np.einsum("p,bpk->bk", lengths / lengths.sum(), weights), words, owners),
    )


def step_blocks(spec: NetworkSpec) -> tuple[tuple[int, int], ...]:
    """First and last step, counted from 1, of every future patch; the last ends with the horizon."""
    starts = range(1, spec.horizon + 1, spec.patch_length)
    return tuple((start, min(start + spec.patch_length - 1, spec.horizon)) for start in starts)


def _by_series(shares: Floats, words: Sequence[str], owners: Sequence[str]) -> tuple[SeriesShare, ...]:
    """Name the largest mean share of each series, in the order of their first windows."""
    rows: dict[str, list[int]] = {}
    for row, name in enumerate(owners):
        rows.setdefault(name, []).append(row)
    found = []
    for name, own in rows.items():
        mean = shares[own].mean(0)
        top = int(mean.argmax())
        found.append(SeriesShare(series=name, windows=len(own), words=words[top], share=float(mean[top])))
    return tuple(found)
