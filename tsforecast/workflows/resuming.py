"""A fit that goes on where one that was stopped has left off."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

from tsforecast import __version__
from tsforecast.config import FitSettings, flag_name
from tsforecast.data.notes import Note
from tsforecast.data.reading import ReadResult
from tsforecast.errors import Interrupted
from tsforecast.training.checkpoint import Checkpoint, open_checkpoint
from tsforecast.workflows.description import settings_json


def start(path: Path, read: ReadResult, settings: FitSettings) -> tuple[Checkpoint, tuple[Note, ...]]:
    """Go on from a checkpoint where that is asked for and there is one, and say which.

    Raises:
        UsageError: Data, settings or versions are others than those of the checkpoint.
        ArtifactError: The checkpoint is damaged.
    """
    about = _about(read, settings)
    if not settings.resume:
        return Checkpoint(path, about), ()
    found = open_checkpoint(path, about)
    if found is None:
        return Checkpoint(path, about), (
            Note(f"{path} has no checkpoint to go on from: the fit started anew"),
        )
    return found, (Note(f"the fit went on from a checkpoint, after {found.steps} training steps"),)


def _about(read: ReadResult, settings: FitSettings) -> dict[str, Any]:
    """Everything that the weights follow from."""
    return {
        "SHA-256 of the data": read.sha256,
        **{flag_name(name): value for name, value in settings_json(settings).items()},
        "version of tsforecast": __version__,
        **{f"version of {name}": version(name) for name in ("numpy", "torch")},
    }


def interruption(checkpoint: Checkpoint) -> Interrupted:
    """Say what an interrupted fit has left."""
    if checkpoint.exists:
        return Interrupted("interrupted; no model was written", hint="the same command with --resume goes on")
    return Interrupted("interrupted; nothing was written")


def warnings(checkpoint: Checkpoint) -> tuple[Note, ...]:
    """Say where no checkpoint could be kept."""
    if not checkpoint.failure:
        return ()
    return (Note(f"the fit kept no checkpoint: {checkpoint.failure}", warning=True),)
