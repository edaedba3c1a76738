"""Change the files of a model at random and see that nothing wrong comes out.

``python -m tests.mutations 5000`` does so many changes to every file and stores the counts that docs/reliability.md
shows.
"""

from __future__ import annotations

import multiprocessing
import random
import re
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

from tests.reliability import keep
from tests.workflows.tables import HORIZON, write_daily
from tsforecast import evaluate, export, fit, predict
from tsforecast.errors import ArtifactError

LIMIT = 10
"""Seconds after which a run counts as hanging."""

AT_ONCE = 50
FOREIGN = ("pickle.find_class", "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "ctypes.dlopen")
"""What Python tells its auditors when something other than this program is about to run."""

Change = Callable[[bytearray, int, random.Random], None]


def flip(content: bytearray, place: int, draw: random.Random) -> None:
    """Change one bit."""
    content[place] ^= 1 << draw.randrange(8)


def overwrite(content: bytearray, place: int, draw: random.Random) -> None:
    """Put random bytes over some."""
    content[place : place + 8] = draw.randbytes(len(content[place : place + 8]))


def digit(content: bytearray, place: int, draw: random.Random) -> None:
    """Change a digit from here on, so that text stays text."""
    found = re.search(rb"\d", content[place:]) or re.search(rb"\d", content)
    if found:
        content[(place + found.start()) % len(content)] = draw.choice(b"0123456789")


def remove(content: bytearray, place: int, draw: random.Random) -> None:
    """Take some bytes out."""
    del content[place : place + draw.randrange(1, 64)]


def insert(content: bytearray, place: int, draw: random.Random) -> None:
    """Put random bytes between."""
    content[place:place] = draw.randbytes(draw.randrange(1, 64))


def repeat(content: bytearray, place: int, draw: random.Random) -> None:
    """Say something twice."""
    content[place:place] = content[place : place + draw.randrange(1, 64)]


def clear(content: bytearray, place: int, draw: random.Random) -> None:
    """Put zeros, as a disk does that lost a block."""
    content[place : place + 512] = bytes(len(content[place : place + 512]))


def cut(content: bytearray, place: int, draw: random.Random) -> None:
    """End early."""
    del content[place:]


CHANGES: tuple[Change, ...] = (flip, flip, overwrite, digit, remove, insert, repeat, clear, cut)


def prepare(folder: Path) -> Path:
    """Make data, a model and an exported file of it."""
    data = write_daily(folder / "daily.csv", 0, 120)
    model = fit(data, folder / "m.tsf", horizon=HORIZON, steps=3, members=1).path
    export(model, folder / "m.onnx")
    return folder


def targets(folder: Path) -> dict[str, Path]:
    """Every file by the name of its kind."""
    files = [file for file in (folder / "m.tsf").iterdir() if file.name != ".lock"]
    return {re.sub(r"-[0-9a-f]+\.", "-*.", file.name): file for file in [*files, folder / "m.onnx"]}


def use(folder: Path, kind: str) -> Any:
    """Give what a user gets from the file that was changed."""
    model = folder / "m.tsf"
    if kind.startswith(("weights", "windows")):
        return evaluate(model, explain=True).to_json()
    if kind == "m.onnx":
        return predict(folder / kind, folder / "daily.csv").to_frame().to_csv()
    return predict(model).to_frame().to_csv()


def mutate(folder: Path, kind: str, seed: int, count: int) -> Counter[str]:
    """Change one file so many times, each time from what it was, and count what came out."""
    file, draw, found = targets(folder)[kind], random.Random(f"{kind} {seed}"), Counter[str]()
    content, wanted = file.read_bytes(), use(folder, kind)
    foreign: list[str] = []
    sys.addaudithook(lambda event, _: foreign.append(event) if event in FOREIGN else None)
    signal.signal(signal.SIGALRM, _stop)
    for _ in range(count):
        changed = bytearray(content)
        for _ in range(draw.choice((1, 1, 1, 4))):
            if changed:
                draw.choice(CHANGES)(changed, draw.randrange(len(changed)), draw)
        file.write_bytes(changed)
        begun = time.monotonic()
        signal.alarm(LIMIT)
        found[outcome(folder, kind, wanted)] += 1
        signal.alarm(0)
        found["slow"] += time.monotonic() - begun > LIMIT
    file.write_bytes(content)
    found["foreign"] += len(foreign)
    return found


def outcome(folder: Path, kind: str, wanted: Any) -> str:
    """Whether the file was refused, gave the right forecast, a wrong one, or something nobody expects."""
    try:
        return "same" if use(folder, kind) == wanted else "wrong"
    except ArtifactError:
        return "refused"
    except Exception:  # the promise is that there is none
        return "crashed"


def _stop(*_: object) -> None:
    raise TimeoutError


def main(count: int = 5000) -> None:
    """Change every file so many times; each batch in a process of its own, which may die."""
    total, runs = Counter[str](), 0
    with tempfile.TemporaryDirectory() as name:
        folder = prepare(Path(name))
        kinds = sorted(targets(folder))
        for kind in kinds:
            for seed in range(-(-count // AT_ONCE)):
                runs += AT_ONCE
                total += batch(folder, kind, seed)
            sys.stdout.write(f"{kind}: {dict(total)}\n")
            sys.stdout.flush()
    names = ("refused", "same", "wrong", "crashed", "slow", "foreign")
    keep("mutations", {"files": kinds, "runs": runs, **{one: total[one] for one in names}})


def batch(folder: Path, kind: str, seed: int) -> Counter[str]:
    """Change a file in another process; one that dies is a crash."""
    file = targets(folder)[kind]
    content = file.read_bytes()
    try:
        with ProcessPoolExecutor(1, multiprocessing.get_context("fork")) as pool:
            return pool.submit(mutate, folder, kind, seed, AT_ONCE).result()
    except BrokenProcessPool:
        file.write_bytes(content)
        return Counter(crashed=1)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
