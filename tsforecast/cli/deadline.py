"""``--timeout``: a run that takes too long ends by itself."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

from tsforecast.cli.errors_out import Reporter, TimedOut


@contextmanager
def deadline(seconds: float | None, reporter: Reporter) -> Iterator[None]:
    """Interrupt what runs inside after some time; clean-up runs as after Ctrl-C.

    Args:
        seconds: When; None for never.
        reporter: Told of it, so that whatever the interruption became on its way up ends in 124.
    """
    if seconds is None:
        yield
    elif hasattr(signal, "setitimer"):
        with _alarm(seconds, reporter):
            yield
    else:
        with _timer(seconds, reporter):
            yield


@contextmanager
def _alarm(seconds: float, reporter: Reporter) -> Iterator[None]:
    """Let the system knock, which also wakes a run that waits for its input."""

    def stop(*_: object) -> None:
        reporter.timed_out = seconds
        raise TimedOut

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def _timer(seconds: float, reporter: Reporter) -> Iterator[None]:
    """Windows has no alarm: a thread knocks instead."""
    import _thread
    import threading

    def stop() -> None:
        reporter.timed_out = seconds
        _thread.interrupt_main()

    timer = threading.Timer(seconds, stop)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
