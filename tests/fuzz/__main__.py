"""``python -m tests.fuzz --minutes 10``: random files against the reader until the time is over or one of them wins."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
import warnings
from pathlib import Path
from types import FrameType

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.fuzz.reading import FILES, SETTINGS, try_file
from tsforecast.config import DataSettings

PATIENCE = 20
"""Seconds after which a small file counts as a hang."""

ROUND = 300
"""Files between two looks at the clock."""


def main() -> int:
    """Run rounds with other random numbers each; a file that is found is shrunk, shown and kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=0, help="of the first round")
    options = parser.parse_args()
    warnings.simplefilter("error", RuntimeWarning)
    end, number = time.monotonic() + 60 * options.minutes, options.seed
    with tempfile.TemporaryDirectory() as folder:
        while time.monotonic() < end:
            _round(Path(folder), number)
            number += 1
            sys.stderr.write(
                f"\r{ROUND * (number - options.seed)} files, {end - time.monotonic():.0f} s left "
            )
    sys.stderr.write("\nno crash, no hang\n")
    return 0


def _round(folder: Path, number: int) -> None:
    @seed(number)
    @settings(
        max_examples=ROUND,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(data=FILES, given_settings=SETTINGS)
    def one(data: bytes, given_settings: DataSettings) -> None:
        path = folder / "data.csv"
        path.write_bytes(data)
        signal.alarm(PATIENCE)
        try:
            try_file(path, given_settings)
        finally:
            signal.alarm(0)

    one()


def _hang(_: int, __: FrameType | None) -> None:
    raise AssertionError(f"no answer within {PATIENCE} seconds")


if __name__ == "__main__":
    signal.signal(signal.SIGALRM, _hang)
    sys.exit(main())
