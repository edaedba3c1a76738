"""Forecast a CSV file with the ONNX file beside this script: python forecast.py DATA.csv > forecast.csv."""

import argparse
import csv
import gzip
import io
import json
import os
import re
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
import onnxruntime

DAY, TICK, START = 86_400_000_000, timedelta(microseconds=1), datetime(1970, 1, 1)


def parse(form: dict[str, Any], text: str) -> int:
    """Tick of a timestamp, a microsecond on the clock of the model's table, or the whole number itself."""
    if form["count"]:
        tick = int(round((float if "." in text else int)(text) * form["count"][0]) // form["count"][1])
        return parse(form | {"count": None}, f"{START + tick * TICK}+00:00") if form["zone"] else tick
    if (match := re.fullmatch(form["shape"], text)) is None:
        if bool((at := datetime.fromisoformat(text)).tzinfo) != form["aware"]:
            raise ValueError(f"{text}: either it or the model's table has an offset from UTC, not both")
        zone = ZoneInfo(form["zone"]) if form["zone"] else timezone(timedelta(minutes=form["offset"] or 0))
        return ((at.astimezone(zone) if at.tzinfo else at).replace(tzinfo=None) - START) // TICK
    seen = {"q": "1", "m": "1", "d": "1", "H": "0", "M": "0", "S": "0", "f": "0"} | match.groupdict()
    month = form["months"].index(seen["b"]) + 1 if "b" in seen else 3 * int(seen["q"]) + int(seen["m"]) - 3
    hour = int(seen["I"]) % 12 + 12 * (seen["p"][0] in "Pp") if "p" in seen else int(seen["H"])
    year = int(seen["Y"]) if "Y" in seen else 1969 + (int(seen["y"]) - 69) % 100
    clock = f"{hour:02}:{seen['M']:0>2}:{seen['S']:0>2}.{seen['f']:.6}"
    return int(np.datetime64(f"{year:04}-{month:02}-{seen['d']:0>2}T{clock}", "us").astype(np.int64))


def render(form: dict[str, Any], tick: int, again: int = 0) -> str:
    """Write a timestamp as the data do, with ``again`` as of the second time that clocks show it."""
    if per := form["count"]:
        return str(tick / per[0] if form["arrow"] == "float64" else tick * per[1] // per[0])
    zone = ZoneInfo(form["zone"]) if form["zone"] else None
    at = (START + tick * TICK).replace(tzinfo=zone, fold=again)
    words = {code: at.strftime(f"%{code}") for code in "ymdHIMSpGVu"} | {"Y": f"{at.year:04d}"}
    words |= {f"-{code}": text.lstrip("0") or "0" for code, text in words.items()}
    words |= {"a": form["days"][at.weekday()], "b": form["months"][at.month - 1], "z": at.isoformat()[-6:]}
    words |= {f"{n}f": f"{at:%f}000"[:n] for n in range(1, 10)} | {"q": str((at.month + 2) // 3)}
    return re.sub(r"%(-?[YymdHIMSpqzGVu]|[1-9]f|[ab])", lambda code: words[code[1]], form["pattern"])


def shown(form: dict[str, Any], tick: int) -> list[tuple[int, int, int]]:
    """When clocks show a tick, whether again, and what to render: never or twice where they change in its step."""
    if not form["zone"]:
        return [(tick, 0, tick)]
    clock = (START + tick * TICK).replace(tzinfo=ZoneInfo(form["zone"]))
    first, second = (tick - (clock.replace(fold=fold).utcoffset() or 0 * TICK) // TICK for fold in (0, 1))
    both = [(first, 0)] * (first - second < form["step"]) + [(second, 1)] * (second - first >= form["step"])
    return [(moment, again, moment if form["count"] else tick) for moment, again in both]


def grid_ticks(grid: dict[str, Any], ordinals: Any) -> Any:
    """Ticks of grid points, which are numbered by whole numbers."""
    numbers = np.asarray(ordinals, dtype=np.int64) * grid["multiple"] + grid["phase"]
    days = numbers // 5 * 7 + numbers % 5 - 3  # of business days
    if grid["kind"] == "months":
        starts, ends = ((numbers + one).astype("M8[M]").astype("M8[D]") for one in (0, 1))
        days = np.minimum(starts + (grid["day"] - 1), ends - 1)
        if grid["business"]:
            days = np.busday_offset(days, 0, roll="backward" if grid["day"] == 31 else "forward")
    return numbers if grid["kind"] in ("fixed", "step") else days.astype(np.int64) * DAY + grid["time"]


def grid_ordinals(grid: dict[str, Any], ticks: Any, rows: Any) -> Any:
    """Numbers of grid points; a tick between them, or twice, is a ValueError."""
    days = (ticks - grid["time"]) // DAY + 3  # since a Monday
    numbers = {"months": (days - 3).astype("M8[D]").astype("M8[M]"), "business": days // 7 * 5 + days % 7}
    ordinals = (numbers.get(grid["kind"], ticks).astype(np.int64) - grid["phase"]) // grid["multiple"]
    again = {*range(len(ticks))} - {*np.unique(ticks, return_index=True)[1]}
    if wrong := again | {*np.flatnonzero(grid_ticks(grid, ordinals) != ticks)}:
        raise ValueError(f"the time of row {rows[min(wrong)]} stands twice, or off the {grid['alias']} grid")
    return ordinals


def read(text: str, table: dict[str, Any], missing: list[str]) -> dict[tuple[str, ...], list[list[str]]]:
    """Rows of every series by its id and target: time, covariates that change and that do not, target, row."""
    rows = [*csv.reader(io.StringIO(text), delimiter=max(",;\t|", key=text.partition("\n")[0].count))] or [[]]
    place, ids, targets = {one.strip(): at for at, one in enumerate(rows[0])}, table["ids"], table["targets"]
    wrong = [f"there is no column {one}" for one in (*table["columns"], *targets) if one not in place]
    wrong += [f"row {line} is cut short" for line, row in enumerate(rows, 1) if 0 < len(row) < len(rows[0])]
    if wrong or not any(rows[1:]):
        raise ValueError("; ".join(wrong[:3]) or "there is no row of data")
    series: dict[tuple[str, ...], list[list[str]]] = {}
    for line, row, target in ((*each, one) for each in enumerate(rows[1:], 2) if each[1] for one in targets):
        cells = [row[place[one]].strip() for one in (*table["columns"], target)]
        series.setdefault((*cells[: len(ids)], target), []).append([*cells[len(ids) :], str(line)])
    known = {name for name in series if any(row[-2] not in missing for row in series[name])}
    alive = {name[:-1] for name in known} - {()}  # ids with some target
    return {name: series[name] for name in series if name in known or name[:-1] not in alive}


def number(cell: str, labels: dict[str, int] | None, form: dict[str, Any]) -> float:
    """Value of a cell as in the model's table: a number, or the code of a label from 1 on, 0 for another."""
    if labels is not None:
        return float(labels.get(cell, labels.get(cell.removesuffix(".0"), 0)))
    text = "nan" if cell in form["missing"] else {"true": "1", "false": "0"}.get(cell.lower(), cell)
    if not re.fullmatch(form["shape"], text):
        raise ValueError(f"{cell!r} is not a number as the model's table writes them")
    value = float(re.sub(form["gap"], "", text).replace(",", "."))
    return np.nan if value in form["lost"] else value


def window(rows: list[list[str]], about: dict[str, Any]) -> tuple[dict[str, Any], list[tuple[int, ...]]]:
    """Cut the inputs of one series, and say which points are forecast: after its last row that is no plan."""
    form, marks, table = about["times"], about["numbers"], about["table"]
    labels, past, ahead, length = table["labels"], table["past"], table["ahead"], about["context_length"]
    values = np.array([[number(*one, marks) for one in zip(row[1:-1], labels, strict=True)] for row in rows])
    values[:, -1] = np.where(values[:, -1] > 0, values[:, -1] - 1, np.nan) if labels[-1] else values[:, -1]
    ticks = np.array([parse(form, row[0]) for row in rows], dtype=np.int64)
    twice = [np.flatnonzero(ticks == at) for at in {*ticks.tolist()} if shown(form | {"step": 1}, at)[1:]]
    one, other = np.array([two for two in twice if len(two) == 2], dtype=int).reshape(-1, 2).T  # joined rows
    low, high = (pick(values[one], values[other]) for pick in (np.fmin, np.fmax))
    values[one] = np.where([*map(bool, labels)], values[other], np.clip((low + high) / 2, low, high))
    ticks, values, lines = (np.delete(each, other, 0) for each in (ticks, values, [row[-1] for row in rows]))
    ordinals = grid_ordinals(about["grid"], ticks, lines)
    known = ordinals[~np.isnan(values[:, -1])]
    first, last = (known.min(), known.max()) if len(known) else (ordinals.min(), ordinals.min() - 1)
    last = ordinals.max() if np.isnan(values[ordinals > last, past:ahead]).all() else last
    steps = np.arange(last - length + 1, last + about["horizon"] + 1)
    both, times = np.full((len(steps), len(labels)), np.nan), grid_ticks(about["grid"], steps)
    inside = (ordinals >= max(first, steps[0])) & (ordinals <= steps[-1])
    both[ordinals[inside] - steps[0]] = values[inside]
    future = [(*at, step) for step, tick in enumerate(times[length:].tolist()) for at in shown(form, tick)]
    if np.isnan(both[length:, past:ahead][[step for *_, step in future]]).any():
        raise ValueError("a covariate that must be known ahead has no value for a step of the forecast")
    fed = np.where(np.isnan(both) * [*map(bool, labels)], 0.0, both)
    inputs = {"context": both[:length, -1], "past_covariates": fed[:length, :past]}
    inputs |= {"future_covariates": fed[:, past:ahead], "static_covariates": np.fmax.reduce(values)[ahead:-1]}
    return inputs | {"timestamps": times // 1_000_000}, sorted(at for at in future if at[1] <= form["aware"])


def forecast(model: str, data: bytes, levels: list[float]) -> str:
    """Turn a CSV file into the CSV text of its forecast."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 4
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    about = json.loads(session.get_modelmeta().custom_metadata_map["tsforecast"])
    given, classes = about["quantile_levels"], about["columns"].get("classes", [])
    text = (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode("utf-8-sig")
    series = read(text, about["table"], about["numbers"]["missing"])
    inputs, times = zip(*(window(rows, about) for rows in series.values()), strict=True)
    if (short := sum(len(rows) < about["context_length"] for rows in series.values())) and sys.stderr:
        sys.stderr.write(f"note: {short} of {len(series)} series are shorter than the context: padded\n")
    shapes, levels = {one.name: one.shape for one in session.get_inputs()}, levels or [0.1, 0.9][: len(given)]
    size = own if isinstance(own := shapes["context"][0], int) else 100  # cut as predict cuts: the same bytes
    found, whole = [], inputs + inputs[-1:] * (-len(inputs) % size if size == own else 0)
    for full in np.array_split(np.array(whole, dtype=object), -(-len(whole) // size)):
        fed = {name: np.stack([each[name] for each in full]) for name in full[0]}
        fed["state"] = np.zeros((len(full), shapes.get("state", [0, 0])[1]), np.float32)
        for step in range(about.get("calls", 1)):  # a graph of one step per call gets its own state back
            fed["step"] = np.array([step])
            made, fed["state"] = (*session.run(None, {name: fed[name] for name in shapes}), None)[:2]
        found.append(made)
    if wrong := [level for level in levels if not given or not given[0] <= level <= given[-1]]:
        raise ValueError(f"no quantile level {wrong[0]}: the file gives {given or 'classes only'}")
    table = np.concatenate(found)[: len(inputs)]
    place = np.arange(len(classes)) if classes else np.interp([0.5, *levels], given, np.arange(len(given)))
    low, share, high = place.astype(int), place % 1, np.ceil(place).astype(int)
    table = (1 - share) * table[:, :, low] + share * table[:, :, high]
    heads = [f"p_{one}" for one in classes] if classes else [f"q{level:g}" for level in levels]
    writer, names = csv.writer(out := io.StringIO(), lineterminator="\n"), about["table"]["names"]
    writer.writerow([*names, about["table"]["time"], "forecast", *heads])
    for name, future, seen, rows in zip(series, times, inputs, table.tolist(), strict=True):
        if np.isnan(seen["context"]).all():
            raise ValueError(f"series {' '.join(name[: len(names) or 1])} has no known value in its context")
        for _, again, tick, step in future:
            label, when = classes[np.argmax(rows[step]) :][:1], render(about["times"], tick, again)
            writer.writerow([*name[: len(names)], when, *label, *map(repr, rows[step])])
    return out.getvalue()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Forecast a CSV file.")
    parser.add_argument("data", help="CSV file, also as .gz, or - for standard input")
    parser.add_argument("--quantiles", default="", help="levels, comma separated; 0.1,0.9 if not given")
    asked = parser.parse_args()
    try:
        if sys.stdout is None or (asked.data == "-" and sys.stdin is None):
            raise ValueError("standard input or output is closed")
        data = sys.stdin.buffer.read() if asked.data == "-" else Path(asked.data).read_bytes()
        levels, files = filter(None, asked.quantiles.split(",")), [*Path(__file__).parent.glob("*.onnx")]
        if len(files) != 1:
            raise ValueError(f"{len(files)} ONNX files lie beside this script, it needs exactly one")
        sys.stdout.buffer.write(forecast(str(files[0]), data, [*map(float, levels)]).encode())
    except Exception as error:  # errors of onnxruntime have no common base
        said = repr(error) if isinstance(error, KeyError) else str(error)
        sys.exit("error: " + re.sub(r"[\x00-\x1f\x7f-\x9f]", "?", said))
