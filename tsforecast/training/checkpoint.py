"""What a fit has come to so far, kept beside its model, so that a fit that was killed can go on.

A fit is a row of trainings, and of choices that depend on the clock. Both are kept under names; all between them
follows from the data. A fit that goes on takes the same way: what is kept is taken over, the rest is done.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import Tensor, nn
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from tsforecast.artifacts import CHECKPOINT, DESCRIPTION, Arrays, load_artifact, pack_arrays, save_artifact
from tsforecast.errors import AccessError, ArtifactError, UsageError

FIRST = 2.0
"""Time before something is worth keeping (seconds)."""

SHARE = 0.01
"""Part of the time that writing takes: after a write that took long the next one is far off."""

ANEW = "leave out --resume to start anew"

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Where one training is.

    Attributes:
        tensors: Weights, what the optimiser remembers, the best weights so far.
        numbers: All that is one number.
        random: State of its own NumPy generator, empty where it has none to keep.
    """

    tensors: dict[str, Tensor]
    numbers: dict[str, Any]
    random: dict[str, Any] = field(default_factory=dict)


class Checkpoint:
    """Keeps what was done; without a folder it keeps nothing.

    Args:
        model: The model folder.
        about: Data, settings and versions that the work depends on, plain values.
        kept: What is there to go on from: choices, trainings and seconds, and the arrays of the trainings.

    Attributes:
        started: When the work began (``time.monotonic``), moved by the time that was spent on it before.
        exists: Whether there is something to go on from.
        failure: Why nothing more is kept, empty where nothing is wrong.
    """

    def __init__(
        self,
        model: Path | None = None,
        about: dict[str, Any] | None = None,
        kept: tuple[dict[str, Any], Arrays] | None = None,
    ) -> None:
        described, self._arrays = kept or ({}, {})
        self._folder, self._about = None if model is None else model / CHECKPOINT, about or {}
        self._choices: dict[str, Any] = described.get("choices", {})
        self._trainings: dict[str, dict[str, Any]] = described.get("trainings", {})
        self._count, self._pause, self._written = 0, FIRST, time.monotonic()
        self.started: float = time.monotonic() - described.get("seconds", 0.0)
        self.exists, self.failure = kept is not None, ""

    @property
    def steps(self) -> int:
        """Training steps that are kept."""
        return sum(int(one["numbers"]["steps"]) for one in self._trainings.values())

    def recall(self, name: str, choose: Callable[[], T]) -> T:
        """Choose once: whoever goes on from here gets the same plain value."""
        if name not in self._choices:
            self._choices[name] = choose()
        chosen: T = self._choices[name]
        return chosen

    def training(self) -> Place:
        """Give the next training its place."""
        self._count += 1
        return Place(self, f"training {self._count}")

    def get(self, name: str) -> tuple[State, bool] | None:
        """Where a training was and whether that was its end, None where it has not begun."""
        if name not in self._trainings:
            return None
        about, start = self._trainings[name], f"{name}:"
        tensors = {
            key.removeprefix(start): torch.tensor(value)  # a copy, where torch likes to have it in memory
            for key, value in self._arrays.items()
            if key.startswith(start)
        }
        numbers = {
            key: float.fromhex(value) if isinstance(value, str) else value
            for key, value in about["numbers"].items()
        }
        return State(tensors=tensors, numbers=numbers, random=about["random"]), about["over"]

    def put(self, name: str, state: State, *, over: bool) -> None:
        """Remember where a training is; `write` keeps it."""
        others = {key: value for key, value in self._arrays.items() if not key.startswith(f"{name}:")}
        own = {f"{name}:{key}": value.detach().cpu().numpy() for key, value in state.tensors.items()}
        self._arrays = {**others, **own}
        self._trainings[name] = {
            "over": over,
            # In hex, since JSON knows neither infinity nor what is no number.
            "numbers": {
                key: value.hex() if isinstance(value, float) else value
                for key, value in state.numbers.items()
            },
            "random": state.random,
        }

    def is_due(self) -> bool:
        """Whether it is time to write again."""
        return self._folder is not None and time.monotonic() - self._written > self._pause

    def write(self) -> None:
        """Keep everything; where that fails the fit goes on without, and ``failure`` says why."""
        if self._folder is None:
            return
        begun = time.monotonic()
        description = {
            "about": self._about,
            "seconds": begun - self.started,
            "choices": self._choices,
            "trainings": self._trainings,
        }
        try:
            save_artifact(self._folder, description, {"weights": pack_arrays(self._arrays)})
        except AccessError as error:
            self._folder, self.failure = None, str(error)
        else:
            self.exists = True
        self._written = time.monotonic()
        self._pause = max(FIRST, (self._written - begun) / SHARE)


@dataclass(frozen=True, slots=True)
class Place:
    """The place of one training in a checkpoint."""

    checkpoint: Checkpoint = field(default_factory=Checkpoint)
    name: str = "training"

    def recall(self, name: str, choose: Callable[[], T]) -> T:
        """Choose once what this training needs."""
        return self.checkpoint.recall(f"{self.name}: {name}", choose)

    def state(self) -> State | None:
        """Where the training was, None where it has not begun; torch's generators are put back as well."""
        found = self.checkpoint.get(self.name)
        if found is None:
            return None
        for kind, generator in _generators().items():
            if kind in found[0].tensors:
                generator.set_rng_state(found[0].tensors[kind])
        return found[0]

    def is_due(self) -> bool:
        """Whether it is time to keep the state."""
        return self.checkpoint.is_due()

    def keep(self, state: State) -> None:
        """Write where the training is, torch's generators included."""
        generators = {kind: one.get_rng_state() for kind, one in _generators().items()}
        whole = replace(state, tensors={**state.tensors, **generators})
        self.checkpoint.put(self.name, whole, over=False)
        self.checkpoint.write()

    def finish(self, network: nn.Module, outcome: dict[str, Any]) -> None:
        """Remember what a training came to."""
        weights = parameters_to_vector(network.parameters()).detach().clone()
        self.checkpoint.put(self.name, State(tensors={"weights": weights}, numbers=outcome), over=True)

    def finished(self, network: nn.Module) -> dict[str, Any] | None:
        """Give the network its weights and tell what the training came to, None where it is not over."""
        found = self.checkpoint.get(self.name)
        if found is None or not found[1]:
            return None
        device = next(network.parameters()).device
        vector_to_parameters(found[0].tensors["weights"].to(device), network.parameters())
        return found[0].numbers


def _generators() -> dict[str, Any]:
    """Modules of torch with a generator that training may draw from."""
    found: dict[str, Any] = {"generator": torch.random}
    if torch.cuda.is_initialized():  # type: ignore[no-untyped-call]  # as in torch
        found["cuda generator"] = torch.cuda
    if torch.backends.mps.is_available():
        found["mps generator"] = torch.mps
    return found


def open_checkpoint(model: Path, about: dict[str, Any]) -> Checkpoint | None:
    """Go on from what a fit has left beside a model, None where it has left nothing.

    Args:
        model: The model folder.
        about: Data, settings and versions of the fit that goes on.

    Raises:
        UsageError: It was left by a fit of something else.
        ArtifactError: It is damaged.
    """
    folder = model / CHECKPOINT
    if not (folder / DESCRIPTION).exists():
        return None
    try:
        artifact = load_artifact(folder, "weights")
        before: dict[str, Any] = artifact.read(lambda: dict(artifact.description["about"]))
        arrays = artifact.arrays("weights")
    except ArtifactError as error:
        raise ArtifactError(str(error), hint=ANEW) from None
    changed = [name for name in sorted({*before, *about}) if before.get(name) != about.get(name)]
    if changed:
        listed = "; ".join(f"{name} was {before.get(name)}, is {about.get(name)}" for name in changed)
        raise UsageError(f"the checkpoint in {model} is of another fit: {listed}", hint=ANEW)
    return Checkpoint(model, about, (artifact.description, arrays))


def remove_checkpoint(model: Path) -> None:
    """Forget what a fit has left beside a model."""
    shutil.rmtree(model / CHECKPOINT, ignore_errors=True)
