"""``python -m tests.benchmarks accuracy|startup|zero_shot|render``: measure, store, and renew docs/benchmarks.md."""

from __future__ import annotations

import argparse
from pathlib import Path

from tests.benchmarks import accuracy, startup, zero_shot
from tests.benchmarks.pages import render


def main() -> None:
    """Run one measurement and renew the page."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parts = parser.add_subparsers(dest="what", required=True)
    scored = parts.add_parser("accuracy", help="fit, forecast and score every set of a folder")
    scored.add_argument(
        "--data", type=Path, required=True, help="folder with NAME.train.csv, NAME.test.csv, datasets.json"
    )
    scored.add_argument("--scorer", type=Path, required=True, help="program that scores a forecast file")
    scored.add_argument("--budget", default="60s", help="time for each fit")
    scored.add_argument("--seed", type=int, default=0)
    scored.add_argument("names", nargs="*", help="sets; all if not given")
    timed = parts.add_parser("startup", help="whole-process times beside bare Python and bare imports")
    timed.add_argument("--runs", type=int, default=15)
    unfitted = parts.add_parser("zero_shot", help="forecast and score sets without a fit")
    unfitted.add_argument("--data", type=Path, required=True, help="the same folder as for accuracy")
    unfitted.add_argument("--scorer", type=Path, required=True, help="the same program as for accuracy")
    unfitted.add_argument("names", nargs="*", help="sets; all whose test part is one block if not given")
    parts.add_parser("render", help="write the tables from the stored results")
    options = parser.parse_args()
    if options.what == "accuracy":
        accuracy.measure(options.data, options.scorer, options.budget, options.seed, options.names)
    elif options.what == "startup":
        startup.measure(options.runs)
    elif options.what == "zero_shot":
        zero_shot.measure(options.data, options.scorer, options.names)
    render()


if __name__ == "__main__":
    main()
