"""A moving bar on a terminal, one line per stage under ``--verbose``, silence elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from tsforecast.cli.voice import Voice


class ProgressLike(Protocol):
    """What a workflow reports while it works.

    Attributes:
        stage: What is being done.
        done: Share of the stage that is done, 0 to 1.
        step: Training steps so far.
        loss: Loss of the last step, None where there is none.
        seconds_left: Expected time until the stage is over, None where nobody knows.
    """

    @property
    def stage(self) -> str: ...  # noqa: D102 - described above
    @property
    def done(self) -> float: ...  # noqa: D102 - described above
    @property
    def step(self) -> int: ...  # noqa: D102 - described above
    @property
    def loss(self) -> float | None: ...  # noqa: D102 - described above
    @property
    def seconds_left(self) -> float | None: ...  # noqa: D102 - described above


Listener = Callable[[ProgressLike], None]


@contextmanager
def progress(voice: Voice) -> Iterator[Listener | None]:
    """Give a listener for the workflow's progress, None where nobody looks."""
    if voice.animates:
        with _bar() as listener:
            yield listener
    elif voice.speaks:
        yield _stages(voice)
    else:
        yield None


def _stages(voice: Voice) -> Listener:
    seen: set[str] = set()

    def hear(now: ProgressLike) -> None:
        if now.stage not in seen:
            seen.add(now.stage)
            voice.say(f"{now.stage} ...")

    return hear


@contextmanager
def _bar() -> Iterator[Listener]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    columns: list[Any] = [TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[state]}")]
    bar = Progress(
        *columns,
        console=Console(stderr=True),
        transient=True,
        refresh_per_second=4,
        redirect_stdout=False,
        redirect_stderr=False,
    )
    with bar:
        task = bar.add_task("starting", total=1.0, state="")

        def hear(now: ProgressLike) -> None:
            bar.update(
                task, description=now.stage, completed=min(max(now.done, 0.0), 1.0), state=describe(now)
            )

        yield hear


def describe(now: ProgressLike) -> str:
    """Say the state in a few words: ``step 120, loss 0.213, 31 s left``."""
    loss = f"loss {now.loss:.4g}" if now.loss is not None else ""
    left = f"{now.seconds_left:.0f} s left" if now.seconds_left is not None else ""
    return ", ".join(part for part in (f"step {now.step}" if now.step else "", loss, left) if part)
