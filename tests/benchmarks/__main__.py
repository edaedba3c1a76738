"""``python -m tests.benchmarks NAME``: measure, store, and renew docs/benchmarks.md."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.benchmarks import (
    ablation,
    accuracy,
    activations,
    airline,
    commands,
    covariates,
    edge,
    events,
    frequency,
    ltsf,
    networks,
    origins,
    peers,
    predict_only,
    reading,
    recurrence,
    seasons,
    startup,
    throughput,
    zero_shot,
)
from tests.benchmarks.pages import render

PEERS = commands.CACHE / "peers"
KERAS = commands.CACHE / "keras"


def main() -> None:
    """Run one measurement and renew the page."""
    options = _parser().parse_args()
    if options.what != "render":
        _measure(options)
    render()


def _measure(given: argparse.Namespace) -> None:
    match given.what:
        case "accuracy":
            accuracy.measure(given.data, given.scorer, given.budget, given.seeds, given.names)
        case "peers":
            peers.measure(given.data, given.scorer, given.env, given.names, given.timeout)
        case "activations":
            activations.measure(given.data, given.scorer, given.steps, given.seeds, given.names)
        case "ablation":
            ablation.measure(given.data, given.scorer, given.steps, given.seeds, given.names)
        case "ltsf":
            ltsf.measure(given.data, given.scorer, _fit_options(given), given.seeds)
        case "covariates":
            covariates.measure(given.data, given.scorer, _fit_options(given), given.seeds)
        case "airline":
            airline.measure(given.data, _fit_options(given), given.seeds)
        case "origins":
            origins.measure(given.data, given.scorer, _fit_options(given), given.seeds, given.names)
        case "throughput":
            throughput.measure(given.data, given.env, given.rounds)
        case "networks":
            networks.measure(given.steps)
        case "recurrence":
            recurrence.measure(given.env, given.rounds)
        case "seasons":
            seasons.measure(given.count, given.seed)
        case "reading":
            reading.measure(given.rows, given.rounds, given.names)
        case "frequency":
            frequency.measure(given.data, given.count, given.seed)
        case "events":
            events.measure(given.steps, given.seed)
        case "zero_shot":
            zero_shot.measure(given.data, given.scorer, given.names)
        case "edge":
            if given.beside:
                name = given.beside
                edge.measure_peer(given.runs, name, given.env or commands.CACHE / edge.PEERS[name][0])
            else:
                edge.measure(given.runs)
        case "predict_only":
            predict_only.measure()
        case "startup":
            startup.measure(given.runs)


def _fit_options(given: argparse.Namespace) -> list[str]:
    """Options of fit that were given here."""
    words = ["--steps", str(given.steps)] if given.steps else ["--budget", given.budget]
    length = getattr(given, "context_length", None)
    return [*words, *(["--context-length", str(length)] if length else [])]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    add = parser.add_subparsers(dest="what", required=True).add_parser
    _add_measured_on_sets(add)
    _add_others(add)
    return parser


def _add_measured_on_sets(add: Callable[..., argparse.ArgumentParser]) -> None:
    part = add("accuracy", help="fit, forecast and score every set of a folder")
    _data(part, scorer=True, names=True)
    part.add_argument("--budget", default="60s", help="time for each fit")
    _seeds(part, "0")
    part = add("peers", help="other libraries on the same sets, in an environment of their own")
    _data(part, scorer=True, names=True)
    part.add_argument("--env", type=Path, default=PEERS, help="folder of that environment, made if not there")
    part.add_argument("--timeout", type=float, default=3600, help="most seconds for one method on one set")
    part = add("activations", help="ReLU against tanh with equal steps")
    _data(part, scorer=True, names=True)
    part.add_argument("--steps", type=int, default=300, help="training steps of each fit")
    _seeds(part, "0,1,2")
    part = add("ablation", help="the product itself with one thing changed")
    _data(part, scorer=True, names=True)
    part.add_argument("--steps", type=int, default=300, help="training steps of each fit")
    _seeds(part, "0")
    part = add("ltsf", help="ETTh1, horizon 96, by the protocol of the long-horizon tables")
    _data(part, scorer=True)
    _fit(part)
    part.add_argument("--context-length", type=int, help="past steps, chosen by fit if not given")
    _seeds(part, "0")
    part = add("covariates", help="what covariates are worth, on sets that have them")
    _data(part, scorer=True)
    _fit(part)
    _seeds(part, "0")
    part = add("airline", help="airline passengers, thirteen origins, MAPE")
    _data(part)
    _fit(part)
    _seeds(part, "0,1,2")
    part = add("origins", help="sets of one test window, fitted anew at earlier origins")
    _data(part, scorer=True, names=True)
    _fit(part)
    _seeds(part, "0")
    part = add("throughput", help="training speed beside another library's LSTM")
    _data(part)
    part.add_argument("--env", type=Path, default=PEERS, help="folder of the other library's environment")
    part.add_argument("--rounds", type=int, default=5)
    part = add("frequency", help="frequencies found in sets and in generated calendars")
    _data(part)
    part.add_argument("--count", type=int, default=200)
    part.add_argument("--seed", type=int, default=0)
    part = add("zero_shot", help="forecast and score sets without a fit")
    _data(part, scorer=True, names=True)


def _add_others(add: Callable[..., argparse.ArgumentParser]) -> None:
    part = add("networks", help="backtests of every network on two sample files")
    part.add_argument("--steps", type=int, default=1000, help="most training steps of each fit")
    part = add("recurrence", help="speed of the recurrent layers beside torch, Keras and a loop")
    part.add_argument(
        "--env", type=Path, default=KERAS, help="folder of an environment for Keras, made if not there"
    )
    part.add_argument("--rounds", type=int, default=5)
    part = add("seasons", help="season lengths found in generated series")
    part.add_argument("--count", type=int, default=200)
    part.add_argument("--seed", type=int, default=0)
    part = add("reading", help="large files beside the bare parsers: time and memory")
    part.add_argument("--rows", type=int, default=10_000_000)
    part.add_argument("--rounds", type=int, default=5)
    part.add_argument("names", nargs="*", choices=[[], *reading.CASES], help="cases; all if not given")
    part = add(
        "events", help="log loss of classes beside the best possible, on chains of known probabilities"
    )
    part.add_argument("--steps", type=int, default=1000, help="training steps of each fit")
    part.add_argument("--seed", type=int, default=0)
    part = add("edge", help="what an exported forecaster costs")
    part.add_argument(
        "--beside", choices=[*edge.PEERS], help="measure a cold predict beside this library only"
    )
    part.add_argument("--env", type=Path, help="folder of its environment, made if not there")
    part.add_argument("--runs", type=int, default=15)
    add("predict_only", help="size of an install without torch, and every command in it")
    part = add("startup", help="whole-process times beside bare Python and bare imports")
    part.add_argument("--runs", type=int, default=15)
    add("render", help="write the tables from the stored results")


def _data(parser: Any, *, scorer: bool = False, names: bool = False) -> None:
    parser.add_argument(
        "--data", type=Path, required=True, help="folder with NAME.train.csv, NAME.test.csv, datasets.json"
    )
    if scorer:
        parser.add_argument("--scorer", type=Path, required=True, help="program that scores a forecast file")
    if names:
        parser.add_argument("names", nargs="*", help="sets; all if not given")


def _fit(parser: Any) -> None:
    parser.add_argument("--budget", default="60s", help="time for each fit")
    parser.add_argument("--steps", type=int, help="exactly so many training steps instead")


def _seeds(parser: Any, default: str) -> None:
    parser.add_argument(
        "--seeds",
        type=lambda text: [int(one) for one in text.split(",")],
        default=default,
        help="comma separated",
    )


if __name__ == "__main__":
    main()
