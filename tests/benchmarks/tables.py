"""Results as Markdown tables, one function for each measurement."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.benchmarks.changes import AS_IT_IS, CHANGES
from tests.benchmarks.covariates import NONE, SETS, gain
from tests.benchmarks.edge import PEERS as EDGE_PEERS
from tests.benchmarks.edge import ROWS as EDGE
from tests.benchmarks.networks import NETWORKS
from tests.benchmarks.origins import beside_best
from tests.benchmarks.reading import CASES as READING
from tests.benchmarks.results import stored

FEW_VALUES = 500
"""Test values below which the coverage of one set says little, so that such sets are pooled."""

PEERS = ("Theta", "AutoETS", "AutoARIMA", "LSTM")


def pooled_coverage(results: dict[str, Any]) -> tuple[float, int, int]:
    """Coverage over the test values of all small sets: share, values, sets."""
    small = [one for one in results.values() if one["values"] < FEW_VALUES and "cov80" in one]
    values = sum(one["values"] for one in small)
    inside = sum(one["cov80"] * one["values"] for one in small)
    return (inside / values if values else float("nan")), values, len(small)


def best_peer(scores: dict[str, Any]) -> str:
    """Lowest MASE among the methods of other libraries, and whose it is."""
    found = {method: one["MASE"] for method, one in scores.items() if "MASE" in one}
    if not found:
        return "-"
    best = min(found, key=lambda method: float(found[method]))
    return f"{found[best]:.3f} ({best})"


def _accuracy(results: dict[str, Any]) -> str:
    peers = stored("peers").get("sets", {})
    head = [
        "set", "horizon", "seeds", "steps", "MASE", "seasonal naive", "Theta", "best of other libraries",
        "MASE beside the better of seasonal naive and Theta", "OWA", "WQL", "80 % interval covers", "fit, s",
    ]  # fmt: skip
    rows = [
        [
            name, str(one["horizon"]), str(len(one["seeds"])), f"{one['members']:.0f} x {one['steps']:.0f}",
            _bold(one["MASE"], one["snaive"]), _number(one["snaive"]), _number(one.get("theta")),
            best_peer(peers.get(name, {})), _difference(one), _number(one.get("OWA")), _number(one.get("WQL")),
            _number(one.get("cov80")), f"{one['seconds']:.0f}",
        ]
        for name, one in sorted(results.items())
    ]  # fmt: skip
    usual = {name: one for name, one in results.items() if " in " not in name}
    better = sum(one["MASE"] < one["snaive"] for one in usual.values())
    both = sum(one["MASE"] < min(one["snaive"], one.get("theta", one["snaive"])) for one in usual.values())
    share, values, sets = pooled_coverage(usual)
    return (
        f"{table(head, rows)}\n\n"
        f"Better than seasonal naive in MASE on {better} of {len(usual)} sets, better than both "
        f"seasonal naive and Theta on {both}.\nOver the {sets} sets with fewer than {FEW_VALUES} test values, "
        f"{values} values together, the 80 % interval covers {100 * share:.1f} %."
    )


def _difference(one: dict[str, Any]) -> str:
    if "difference" not in one:
        return "-"
    error = f" ± {one['difference_error']:.3f}" if "difference_error" in one else ""
    return f"{one['difference']:+.3f}{error}"


def _origins(results: dict[str, Any]) -> str:
    head = [
        "set", "horizon", "origins", "MASE", "better of seasonal naive and Theta", "difference",
        "standard error at one origin",
    ]  # fmt: skip
    rows = []
    for name, one in sorted(results.items()):
        count = len(one["origins"])
        ours, theirs, spread = beside_best(one["origins"])
        apart = f"{ours - theirs:+.3f}" + (f" ± {spread / count**0.5:.3f}" if count > 1 else "")
        scatter = f"{spread:.3f}" if count > 1 else "-"
        rows.append(
            [name, str(one["horizon"]), str(count), _bold(ours, theirs), _number(theirs), apart, scatter]
        )
    return table(head, rows)


def _startup(results: dict[str, Any]) -> str:
    rows = [
        [one["what"], one["beside"], f"{one['ratio']:.2f}", f"{one['limit']:g}"] for one in results.values()
    ]
    return table(["command", "beside", "ratio (median)", "limit"], rows)


def _edge(results: dict[str, Any]) -> str:
    rows = [
        [what, beside, f"{results[name]['value']:.2f}", limit] for name, (what, beside, limit) in EDGE.items()
        if name in results
    ]  # fmt: skip
    said = []
    if loss := results.get("int8", {}).get("loss"):
        said.append(
            f"{loss['metric']} of the int8 file {loss['after']:.4g}, of the fp32 file {loss['before']:.4g}:"
            f" {loss['loss']:+.2f} %."
        )
    if rate := results.get("panel", {}).get("series_per_second"):
        said.append(f"Large panel: {rate:.0f} series a second.")
    for name, (key, _) in EDGE_PEERS.items():
        if "imports" in (found := results.get(key, {})):
            times = ", ".join(f"{who} {ratio:.1f} times" for who, ratio in sorted(found["imports"].items()))
            said.append(f"With {name} {found['version']}, beside `import numpy, onnxruntime`: {times}.")
    if "warm" in results:
        facts = results["warm"]
        said.append(f"Network: {facts['members']} LSTMs of width {facts['width']}, {facts['steps']} steps.")
    if threads := results.get("many_shared", {}).get("threads"):
        said.append(f"Threads of the batch: {threads}.")
    return f"{table(['what', 'beside', 'measured', 'limit'], rows)}\n\n{' '.join(said)}"


def _peers(results: dict[str, Any]) -> str:
    ours = stored("accuracy")
    head = ["set", "tsforecast", *PEERS]
    rows = [
        [name, _number(ours.get(name, {}).get("MASE")), *(_peer(scores.get(method)) for method in PEERS)]
        for name, scores in sorted(results["sets"].items())
    ]
    fallbacks = [
        f"{method} on {name}: {one['fallbacks']}"
        for name, scores in sorted(results["sets"].items()) for method, one in sorted(scores.items())
        if one.get("fallbacks")
    ]  # fmt: skip
    failed = (
        f"\nSeries where a method failed and the last value stood in: {', '.join(fallbacks)}."
        if fallbacks
        else ""
    )
    versions = ", ".join(f"{name} {version}" for name, version in sorted(results["versions"].items()))
    return f"{table(head, rows)}\n\nVersions: {versions}.{failed}"


def _peer(one: dict[str, Any] | None) -> str:
    return "-" if one is None else one.get("skipped") or f"{one['MASE']:.3f} in {one['seconds']:.0f} s"


def _seasons(results: dict[str, Any]) -> str:
    rows = [
        [words, str(one["series"]), _share(one, "exact"), _share(one, "contains")]
        for words, one in [*results["kinds"].items(), ("all", results["all"])]
    ]
    return table(["series", "generated", "exactly the right lengths", "the right ones among others"], rows)


def _share(one: dict[str, int], key: str) -> str:
    return f"{100 * one[key] / one['series']:.1f} %"


def _events(results: dict[str, Any]) -> str:
    head = [
        "chain", "`--preset`", "steps", "windows", "log loss", "best possible", "above it", "commonest class",
        "same as last",
    ]  # fmt: skip
    rows = [
        [
            words, one["preset"], str(one["steps"]), str(one["windows"]), f"{one['log_loss']:.4f}",
            f"{one['best']:.4f}", f"{100 * (one['ratio'] - 1):.1f} %", f"{one['commonest']:.4f}",
            f"{one['last']:.4f}",
        ]
        for words, one in results["chains"].items()
    ]  # fmt: skip
    return table(head, rows)


def _ltsf(results: dict[str, Any]) -> str:
    head = ["set", "horizon", "context length", "seeds", "steps", "MSE", "MAE", "fit, s"]
    rows = [
        [one["set"], str(one["horizon"]), f"{one['context_length']:.0f}", str(len(one["seeds"])),
         f"{one['members']:.0f} x {one['steps']:.0f}", _number(one["MSE"]), _number(one["MAE"]),
         f"{one['seconds']:.0f}"]
        for one in results.values()
    ]  # fmt: skip
    return table(head, rows)


def _covariates(results: dict[str, Any]) -> str:
    rows = []
    for name, found in sorted(results["sets"].items()):
        without = found[NONE.words]["MASE"]
        for words, one in ((given.words, found[given.words]) for given in SETS[name]):
            better = "-" if words == NONE.words else f"{gain(without, one['MASE']):+.1f} %"
            steps = f"{one['members']:.0f} x {one['steps']:.0f}"
            error = _bold(one["MASE"], without)
            rows.append([name, words, str(len(one["seeds"])), steps, error, better, _number(one.get("WQL"))])
    return table(["set", "covariates", "seeds", "steps", "MASE", "gain", "WQL"], rows)


def _ablation(results: dict[str, Any]) -> str:
    sets = results["sets"]
    head = ["", *sorted(sets), "geometric mean"]
    rows = [
        [
            f"{AS_IT_IS}, MASE",
            *(f"{sets[name]['changes'][AS_IT_IS]['MASE']:.3f}" for name in sorted(sets)),
            "",
        ]
    ]
    rows += [
        [words, *(_ratio(sets[name]["changes"].get(words)) for name in sorted(sets)), f"{mean:.3f}"]
        for words in (change.words for change in CHANGES[1:])
        if (mean := results["ratios"].get(words)) is not None
    ]
    seeds = max(len(one["runs"][AS_IT_IS]) for one in sets.values())
    return f"{table(head, rows)}\n\nAt most {results['steps']} steps; median over {seeds} seed{'s' * (seeds > 1)}."


def _ratio(one: dict[str, Any] | None) -> str:
    if one is None:
        return "-"
    return f"{one['ratio']:.3f}" + ("" if one["beside"] == AS_IT_IS else "*")


def _airline(results: dict[str, Any]) -> str:
    rows = [
        [f"seed {seed}", f"{one['members']} x {one['steps']}", f"{one['MAPE']:.2f} %"]
        for seed, one in sorted(results["seeds"].items())
    ]
    rows += [["median", "", f"{results['MAPE']:.2f} %"], ["seasonal naive", "", f"{results['snaive']:.2f} %"]]
    return table(["", "steps", "MAPE"], rows)


def _throughput(results: dict[str, Any]) -> str:
    rows = [["tsforecast", f"{results['ours']:.0f}", "1"]]
    rows += [
        [f"neuralforecast LSTM, {name}", f"{one['speed']:.0f}", f"{one['ratio']:.1f}"]
        for name, one in results["peers"].items()
    ]
    versions = ", ".join(f"{name} {version}" for name, version in sorted(results["versions"].items()))
    return f"{table(['', 'windows per second', 'ours is faster by'], rows)}\n\nVersions: {versions}."


def _recurrence(results: dict[str, Any]) -> str:
    yardstick = "torch.nn.LSTM"
    head = ["steps, batch, channels, cells", f"{yardstick}, ms", "ours", "limit", "plain loop"]
    rows = [
        [", ".join(map(str, one["shape"])), f"{one['torch_ms']:.2f}", f"{one['ours']:.2f}", f"{one['limit']:g}",
         f"{one['loop']:.1f}"]
        for one in results["shapes"]
    ]  # fmt: skip
    keras, graph, loop = (results[name] for name in ("keras", "graph", "loop"))
    speeds = [["tsforecast, `--preset classic`", f"{keras['ours']:.0f}", "1"]]
    speeds += [
        [f"Keras on {name}", f"{one['speed']:.0f}", f"{one['ratio']:.2f}"]
        for name, one in keras["backends"].items()
    ]
    files = [
        [f"all of it, {graph['lstm_nodes']} LSTM among {graph['nodes']} nodes", f"{yardstick} forward",
         f"{graph['ratio']:.2f}", f"{graph['limit']:g}", f"{graph['difference']:.1e} from torch"],
        [f"a Loop over {loop['steps']} steps ahead", "a loop around a file of one step", f"{loop['ratio']:.2f}",
         f"{loop['limit']:g}", f"{loop['difference']:.1e} from that loop"],
    ]  # fmt: skip
    versions = ", ".join(f"{name} {version}" for name, version in sorted(keras["versions"].items()))
    return "\n\n".join([
        table(head, rows),
        table(["", "steps per second", "ours is faster by"], speeds),
        f"Versions: {versions}.",
        table(["exported file, one window", "beside", "ratio", "limit", "largest difference"], files),
    ])  # fmt: skip


def _networks(results: dict[str, Any]) -> str:
    files = results["files"]
    rows = [
        [words, *(_network(runs[words]) if words in runs else "-" for runs in files.values())]
        for words in [*NETWORKS, *sorted(set().union(*files.values()) - set(NETWORKS))]
        if any(words in runs for runs in files.values())
    ]
    naive = [f"{next(iter(runs.values()))['snaive']:.3f}" for runs in files.values()]
    head = ["network", *(f"`{file}`" for file in files)]
    return f"{table(head, [*rows, ['seasonal naive', *naive]])}\n\nAt most {results['steps']} steps."


def _network(one: dict[str, Any]) -> str:
    exploded = ", exploded" if one["exploded"] else ""
    return f"{_bold(one['MASE'], one['snaive'])} ({one['members']} x {one['steps']}{exploded})"


def _activations(results: dict[str, Any]) -> str:
    head = ["set", "seeds", "ReLU", "tanh", "ReLU / tanh"]
    rows = [
        [name, str(len(one["runs"]["relu"])), _bold(one["relu"], one["tanh"]), _bold(one["tanh"], one["relu"]),
         f"{one['ratio']:.3f}"]
        for name, one in sorted(results["sets"].items())
    ]  # fmt: skip
    return f"{table(head, rows)}\n\nGeometric mean of the ratios: {results['ratio']:.3f}."


def _zero_shot(results: dict[str, Any]) -> str:
    head = ["set", "horizon", "MASE", "fitted", "seasonal naive", "Theta", "OWA", "WQL",
            "80 % interval covers", "s"]  # fmt: skip
    rows = []
    for name, one in sorted(results.items()):
        beside = stored("accuracy").get(name, {})
        rivals = [_number(beside.get(key)) for key in ("MASE", "snaive", "theta")]
        scores = [_number(one.get(key)) for key in ("OWA", "WQL", "cov80")]
        error = _bold(one["MASE"], beside.get("snaive", 0.0))
        rows.append([name, str(one["horizon"]), error, *rivals, *scores, f"{one['seconds']:.1f}"])
    return table(head, rows)


def _bold(value: float, other: float) -> str:
    return f"**{value:.3f}**" if value < other else f"{value:.3f}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3g}" if abs(value) < 0.1 else f"{value:.3f}"


def table(head: list[str], rows: list[list[str]]) -> str:
    """Give a Markdown table."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def _reading(results: dict[str, Any]) -> str:
    head = ["", "MB", "wall time", "peak memory", "that of pyarrow"]
    rows = [
        [
            name,
            f"{case['megabytes']}",
            f"{case['wall']:.2f}",
            f"{case['memory']['tsforecast']:.2f}",
            f"{case['memory']['pyarrow']:.2f}",
        ]
        for name, case in sorted(results["cases"].items(), key=lambda one: list(READING).index(one[0]))
    ]
    said = (
        f"{results['rows']:,} rows, {results['rounds']} rounds; wall time beside pyarrow, memory beside the"
    )
    return f"{said} numeric data.\n\n{table(head, rows)}"


def _frequency(results: dict[str, Any]) -> str:
    rows = [
        [words, f"{row['right']} of {row['calendars']}"] for words, row in sorted(results["kinds"].items())
    ]
    rows.append(["all calendars", f"{results['all']['right']} of {results['all']['calendars']}"])
    rows.append(["development sets", f"{results['sets'] - len(results['sets_wrong'])} of {results['sets']}"])
    return table(["", "right"], rows)


def _predict_only(results: dict[str, Any]) -> str:
    rows = [[name, f"{size:.0f}"] for name, size in sorted(results["packages"].items())]
    rows.append(
        ["**all packages, pip among them**", f"**{results['megabytes']:.0f}** (limit {results['limit']})"]
    )
    commands = [[f"`tsforecast {words}`", str(code)] for words, code in results["commands"]]
    return f"{table(['', 'MB'], rows)}\n\n{table(['run in it', 'exit code'], commands)}"


TABLES: dict[str, Callable[[dict[str, Any]], str]] = {
    "accuracy": _accuracy,
    "origins": _origins,
    "peers": _peers,
    "activations": _activations,
    "ltsf": _ltsf,
    "covariates": _covariates,
    "ablation": _ablation,
    "airline": _airline,
    "seasons": _seasons,
    "frequency": _frequency,
    "reading": _reading,
    "events": _events,
    "throughput": _throughput,
    "recurrence": _recurrence,
    "networks": _networks,
    "zero_shot": _zero_shot,
    "startup": _startup,
    "edge": _edge,
    "predict_only": _predict_only,
}
"""Tables of the page by the name of their stored results."""
