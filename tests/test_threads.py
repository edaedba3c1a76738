"""Sharing work among threads changes when things are done, never what comes of them."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator

import pytest

from tsforecast.threads import MOST_THREADS, ahead, share, usual_threads


@pytest.mark.parametrize("threads", [1, 2, 8, 50])
def test_results_stand_in_the_order_of_the_pieces(threads: int) -> None:
    """Whoever does a piece, and whenever: its result stands where the piece stood."""
    assert share(lambda piece: 2 * piece, range(40), threads) == [2 * piece for piece in range(40)]


def test_the_calling_thread_works_too_and_no_more_than_asked() -> None:
    """As many pieces as threads can run at once, or all of them would wait for each other."""
    together = threading.Barrier(3, timeout=30)

    def work(_: int) -> int:
        together.wait()
        return threading.get_ident()

    seen = share(work, range(3), 3)

    assert len(set(seen)) == 3
    assert threading.get_ident() in seen
    assert set(share(lambda _: threading.get_ident(), range(9), 1)) == {threading.get_ident()}


@pytest.mark.parametrize("threads", [1, 3])
def test_an_error_in_a_piece_is_raised_and_ends_the_rest(threads: int) -> None:
    """What fails in a helper reaches the caller, and nobody goes on for nothing."""
    begun = []

    def work(piece: int) -> None:
        begun.append(piece)
        raise ValueError(piece)

    with pytest.raises(ValueError, match=r"^\d$"):
        share(work, range(1000), threads)

    assert len(begun) <= threads


def test_a_machine_without_further_threads_does_all_the_work_in_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A container with a limit on processes forecasts all the same."""

    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)

    assert share(str, range(5), 4) == ["0", "1", "2", "3", "4"]
    assert list(ahead(str, range(5), 4)) == ["0", "1", "2", "3", "4"]


def test_usual_threads_are_the_processors_of_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """``taskset`` and the like are obeyed, and a large machine is not taken whole."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {1, 2}, raising=False)
    assert usual_threads() == 2

    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(64)))
    assert usual_threads() == MOST_THREADS

    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert usual_threads() == 1


@pytest.mark.parametrize("threads", [0, 1, 3])
def test_what_is_done_ahead_comes_in_the_order_of_its_pieces(threads: int) -> None:
    """However long each takes, and whatever number of threads does it."""

    def slow(piece: int) -> int:
        time.sleep(0.002 * (piece % 3 == 0))
        return piece * piece

    assert list(ahead(slow, iter(range(20)), threads)) == [piece * piece for piece in range(20)]


@pytest.mark.parametrize("threads", [0, 1, 3])
def test_an_error_ahead_comes_in_its_turn_and_ends_the_threads(threads: int) -> None:
    """What came before it is given first; no thread is left that would keep a program from ending."""
    before = threading.active_count()

    def divide(piece: int) -> float:
        return 6 / piece

    results = ahead(divide, iter([1, 2, 0, 3]), threads)

    assert [next(results), next(results)] == [6, 3]
    with pytest.raises(ZeroDivisionError):
        next(results)
    assert threading.active_count() == before


def test_little_is_done_ahead_of_whoever_takes_the_results() -> None:
    """A large file must not be parsed into the memory while somebody still works on its first rows."""
    made: list[int] = []

    def numbers() -> Iterator[int]:
        for number in range(1000):
            made.append(number)
            yield number

    results = ahead(str, numbers(), 2)
    next(results)
    results.close()

    assert len(made) <= 2 * 2 + 1
