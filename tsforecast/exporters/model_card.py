"""The model card of a bundle: what the file forecasts, how well, and where it must not be trusted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from tsforecast.data.json_text import with_escapes
from tsforecast.data.words import counted, printable
from tsforecast.exporters.snippets import PROBABILITIES, QUANTILES, further_inputs, snippets
from tsforecast.models.spec import LOG

METRICS = ("MASE", "MAE", "coverage", "log loss", "accuracy", "F1")
"""Scores of the card, those that exist."""

TITLES = {"python": "Python", "c": "C", "rust": "Rust", "javascript": "JavaScript"}


def write_card(name: str, about: dict[str, Any], files: dict[str, str]) -> str:
    """Write the card as Markdown.

    Args:
        name: Name of the ONNX file.
        about: What the file says of itself.
        files: Every other file of the bundle, and what it is.
    """
    # Names in code marks are escaped one by one; this is for what else may stem from the data.
    return with_escapes("\n".join(_lines(printable(name, limit=255), about, files)) + "\n")


def _marked(names: Iterable[Any]) -> str:
    """Names from the data as code of Markdown, which none of them can end or use to command a terminal."""
    return ", ".join("`" + printable(name, limit=255).replace("`", "'") + "`" for name in names)


def _lines(name: str, about: dict[str, Any], files: dict[str, str]) -> Iterator[str]:
    data, columns = about["data"], about["columns"]
    paired = columns["series_columns"] if columns["id"] else [f"{len(columns['series_columns'])} series"]
    targets = [columns["target"]] if columns["target"] else paired
    yield f"# {name}"
    yield ""
    yield f"Forecasts {_marked(targets)}, {about['horizon']} steps ahead, from the last"
    yield f"{about['context_length']} values."
    yield f"Made by tsforecast {about['version']} from {counted(data['rows'], 'row')} up to {about['cutoff']}:"
    yield f"{data['description']}."
    yield ""
    yield "    python forecast.py DATA.csv > forecast.csv"
    yield ""
    yield from _wanted(about)
    yield ""
    yield "| file | what it is |"
    yield "|---|---|"
    numbers, codes = (
        "raw values in, quantiles in the same units out",
        "codes of classes in, their probabilities out",
    )
    yield f"| `{name}` | the forecaster: {codes if columns.get('classes') else numbers} |"
    yield from (f"| `{file}` | {what} |" for file, what in files.items())
    yield from ("", "## Data", "", *_columns(about))
    yield from ("", "## Scores", "", *_scores(about))
    yield from ("", "## Limits", "", *_limits(about))
    yield from ("", "## Test vectors", "", *_vectors(about))
    yield from ("", "## In your own program", "", *_usage(about))
    for language, code in snippets(name, about).items():
        yield from ("", f"### {TITLES[language]}", "", f"```{language}")
        yield code.rstrip("\n")
        yield "```"


def _wanted(about: dict[str, Any]) -> Iterator[str]:
    """Say what the runner reads, which is less than `fit` does."""
    columns = about["columns"]
    decimal, thousands = columns.get("decimal", ""), columns.get("thousands", "")
    comma = decimal == "," or thousands == "."
    dressed = " and thousands parted as in the table of the model" if thousands else ""
    yield "`forecast.py` wants one plain CSV file in UTF-8: the columns below by these names, cut by commas,"
    yield f"semicolons, tabs or bars; times in one column, written like {_marked([about['cutoff']])}; numbers without"
    yield f"a currency or unit, with a decimal {'comma' if comma else 'point'}{dressed}; one row per series and time,"
    yield "on the frequency below. It resamples and repairs nothing."
    yield ""
    if comma:
        yield "`tsforecast check DATA --fix OUT.csv` makes one plain file of other tables, but with decimal points,"
        yield "which this runner refuses or misreads: to use it, fit a model on such a file and bundle that one."
    else:
        yield "`tsforecast check DATA --fix OUT.csv`, with the columns named as for `fit` (`--target` and the like),"
        yield "writes such a file of a table with currencies, in another encoding, with its times in two columns or its"
        yield "rows in several files."


def _columns(about: dict[str, Any]) -> Iterator[str]:
    columns = about["columns"]
    roles = {
        "time": [columns["time"]],
        "series": columns.get("id_columns") or [columns["id"]] * bool(columns["id"]),
    }
    roles["target"] = [columns["target"]] if columns["target"] else columns["series_columns"]
    roles |= {kind: columns[kind] for kind in ("past", "future", "static")}
    for role, names in roles.items():
        if names:
            yield f"- {role}: {_marked(names)}"
    if classes := columns.get("classes"):
        yield f"- classes, in the order of their codes from 0 on: {_marked(classes)}"
    yield f"- frequency: {about['frequency']}; a time step without a row is a missing value"


def _scores(about: dict[str, Any]) -> Iterator[str]:
    scores = about["scores"]
    known = [one for one in METRICS if scores["values"][scores["methods"][0]].get(one) is not None]
    yield f"On {counted(scores['windows'], 'window')} after everything that the network had learned from:"
    yield from ("", f"| method | {' | '.join(known)} |", f"|---|{'---|' * len(known)}")
    for method in scores["methods"]:
        values = (scores["values"][method].get(one) for one in known)
        yield f"| {method} | {' | '.join('' if one is None else f'{one:.4g}' for one in values)} |"
    yield from ("", about["verdict"])
    if mixed := about.get("mixed"):
        yield f"MAE averages {_marked([mixed['small']])} with {_marked([mixed['large']])}, whose values are usually"
        yield f"{mixed['times']:g} times as large; MASE compares."
    if loss := about.get("loss"):
        yield f"Weights are stored as {about['precision']}: {loss['metric']} at {loss['cutoffs']} cutoffs is"
        yield f"{loss['before']:.4g} with all digits and {loss['after']:.4g} in this file."


def _limits(about: dict[str, Any]) -> Iterator[str]:
    yield f"- It forecasts at most {about['horizon']} steps, and has learned nothing from what came after"
    yield f"  {about['cutoff']}."
    yield f"- Fewer than {about['context_length']} values are filled up with missing ones from the left; the fewer,"
    yield "  the less it can know. The least is one: without any known value there is no forecast."
    if about["columns"].get("classes"):
        yield "- Probabilities are those of the past; a change of regime makes them too sure."
    else:
        yield "- Quantiles are calibrated on past windows; a change of regime makes them too narrow."
    if about["holidays"]["country"]:
        first, last = about["holidays"]["years"][0], about["holidays"]["years"][-1]
        yield f"- Public holidays of {about['holidays']['country']} are known from {first} to {last}."
    if about["columns"]["future"]:
        yield "- Covariates known ahead must have a value for every step that is forecast."
    if (floor := about["network"].get("floor")) is not None:
        yield f"- Nothing is forecast below {floor:g}."


def _vectors(about: dict[str, Any]) -> Iterator[str]:
    parity, of_classes = about.get("parity"), bool(about["columns"].get("classes"))
    output = PROBABILITIES if of_classes else QUANTILES
    unit = "" if of_classes else " (in standard deviations of a window)"
    if about["network"].get("normalisation") == LOG:
        unit = " (in standard deviations of a window, or of its logarithms where that allows more)"
    if parity and parity["difference"] is not None:
        other = "graph of its model folder" if parity.get("against") == "graph" else "network in PyTorch"
        yield f"The file differs from the {other} by at most {parity['difference']:.1e}{unit},"
        yield f"on {parity['windows']} windows."
    yield f"`vectors.npz` holds inputs by their names and the `{output}` that onnxruntime gives; `vectors/` has the"
    yield f"same as CSV, one window per line. `tripwire` says by how much{unit} the answer of a runtime"
    yield "that ignores the LSTM operator's `activations` and `clip` would be wrong: at most"
    yield f"{about['tripwire']:.2g} here. A runtime is right where it stays below 1e-5 on all of them (fp32)."


def _usage(about: dict[str, Any]) -> Iterator[str]:
    if classes := about["columns"].get("classes"):
        yield f"Input `context` is float64 [B, {about['context_length']}], codes of classes, NaN where missing; output"
        yield f"`probabilities` is float64 [B, {about['horizon']}, {len(classes)}], one for every class."
    else:
        yield f"Input `context` is float64 [B, {about['context_length']}], output `quantiles` float64"
        yield f"[B, {about['horizon']}, {len(about['quantile_levels'])}] for the levels"
        yield ", ".join(f"{one:g}" for one in about["quantile_levels"]) + "."
    if "calls" in about:
        yield f"The file does one step of the recurrence per call. A forecast takes {about['calls']} calls, each with"
        yield f"the same `context`, `step` (int64 [1]) from 0 on, and `state` (float32 [B, {about['state_size']}]):"
        yield "zeros at first, then the `next_state` of the call before. The `quantiles` of the last call are the"
        yield "forecast, those of earlier calls mean nothing. The loop is the same in C, Rust and JavaScript."
    if more := further_inputs(about):
        yield f"This model also takes {_marked(more)}: all zero in this code, which shows their"
        yield "shapes; `forecast.py` shows how they are filled. Code in C, Rust and JavaScript is shown only for"
        yield "models without such inputs."
