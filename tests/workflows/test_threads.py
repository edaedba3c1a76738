"""What --threads says reaches the forecaster, whatever command it was said to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import tsforecast
from tsforecast.runtime import session

COMMANDS: dict[str, Callable[..., Any]] = {
    "predict": lambda model, data, **how: tsforecast.predict(model, data, **how),
    "predict a file": lambda model, data, **how: tsforecast.predict(
        tsforecast.export(model, model.parent / "threads.onnx", no_check=True).path, data, **how
    ),
    "predict --zero-shot": lambda _, data, **how: tsforecast.predict(data=data, zero_shot=True, **how),
    "evaluate": lambda model, data, **how: tsforecast.evaluate(model, data, **how),
    "bench": lambda model, _, **how: tsforecast.bench(model, batch=2, seconds=0.01, **how),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_threads_reach_the_forecaster(
    command: str, model: Path, longer_csv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A number that somebody gives is taken, and without one it is that of the processors."""
    taken = []

    def note(work: Callable[[Any], Any], pieces: list[Any], threads: int) -> list[Any]:
        taken.append(threads)
        return [work(piece) for piece in pieces]

    monkeypatch.setattr(session, "share", note)
    monkeypatch.setattr(session, "usual_threads", lambda: 5)
    monkeypatch.setattr(session, "WINDOWS_AT_ONCE", 1)
    COMMANDS[command](model, longer_csv, threads=3)
    assert set(taken) == {3}

    taken.clear()
    COMMANDS[command](model, longer_csv)
    assert set(taken) == {5}
