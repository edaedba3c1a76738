"""Independent pieces of work, shared among the processors that this process may use."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import suppress
from typing import TypeVar

Piece = TypeVar("Piece")
Result = TypeVar("Result")

MOST_THREADS = 8
"""Threads that nobody asked for: a large machine has others to serve."""


def usual_threads() -> int:
    """Processors that this process may use, at most ``MOST_THREADS``."""
    try:
        count = len(os.sched_getaffinity(0))
    except AttributeError:  # only Linux says which processors
        count = os.cpu_count() or 1
    return min(count, MOST_THREADS)


def share(work: Callable[[Piece], Result], pieces: Sequence[Piece], threads: int) -> list[Result]:
    """Do every piece of work, the calling thread among those that do it.

    Args:
        work: What is done with a piece; it must bear to run several times at once.
        pieces: All there is to do.
        threads: Threads at most, the calling one among them.

    Returns:
        What came of each piece, in their order.

    Raises:
        BaseException: What a piece raised; those not begun are left then.
    """
    if min(threads, len(pieces)) < 2:  # the import alone takes as long as a small forecast
        return [work(piece) for piece in pieces]
    from threading import Thread

    waiting, done = deque(enumerate(pieces)), dict[int, Result]()
    failed: list[BaseException] = []

    def take_part() -> None:
        with suppress(IndexError):
            while True:
                place, piece = waiting.popleft()
                try:
                    done[place] = work(piece)
                except BaseException as error:  # the calling thread raises it
                    failed.append(error)
                    waiting.clear()

    helpers = [Thread(target=take_part, daemon=True) for _ in range(min(threads, len(pieces)) - 1)]
    try:
        with suppress(RuntimeError):  # a machine that gives no more threads: fewer do the work
            for one in helpers:
                one.start()
        take_part()
    finally:
        waiting.clear()
        for one in helpers:
            if one.ident is not None:
                one.join()
    if failed:
        raise failed[0]
    return [done[place] for place in range(len(pieces))]


def ahead(work: Callable[[Piece], Result], pieces: Iterable[Piece], threads: int) -> Generator[Result]:
    """Do pieces of work in other threads while the calling one takes what came of those before.

    At most two pieces for each thread are begun and not taken, so that memory stays small. Whoever stops taking waits
    for those that are being done, and for no more.

    Args:
        work: What is done with a piece; it must bear to run several times at once.
        pieces: What there is to do; the calling thread makes them.
        threads: Threads beside the calling one; 0 for none.

    Yields:
        What came of each piece, in their order.

    Raises:
        BaseException: What a piece raised, in its turn.
    """
    if threads < 1:
        yield from map(work, pieces)
        return
    from concurrent.futures import Future, ThreadPoolExecutor

    pool, begun = ThreadPoolExecutor(threads), deque[Future[Result]]()

    def begin(piece: Piece) -> Future[Result]:
        with suppress(RuntimeError):  # a machine that gives no more threads: this one does the work
            return pool.submit(work, piece)
        done = Future[Result]()
        done.set_result(work(piece))
        return done

    try:
        for piece in pieces:
            begun.append(begin(piece))
            if len(begun) > 2 * threads:
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
