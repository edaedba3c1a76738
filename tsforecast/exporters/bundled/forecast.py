"""Forecast a CSV file with the ONNX file beside this script: python forecast.py DATA.csv > forecast.csv."""

import argparse
import csv
import gzip
import io
import json
import os
import re
import sys
from datetime import datetime, timedelta, timezone, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
import onnxruntime

DAY, START = 86_400_000_000, datetime(1970, 1, 1)  # a tick is a microsecond of the series' own clock
COUNTS = {"": (1, 1), "epoch s": (10**6, 1), "epoch ms": (1000, 1), "epoch us": (1, 1), "epoch ns": (1, 1000)}
CODE = re.compile(r"%(-?[YymdHIMSpqzGVu]|[1-9]f|[ab])")
NAMED = {"a": r"\S+?", "b": r"(?P<b>[^\W\d_]+\.?)"} | {f"{size}f": r"(?P<f>\d+)" for size in range(1, 10)}
NAMED |= {"Y": r"(?P<Y>\d{4})", "q": "(?P<q>[1-4])", "p": "(?P<p>[AaPp][Mm])"} | dict.fromkeys("zGVu", "(?!)")
NAMED |= {dash + code: rf"(?P<{code}>\d\d{'?' * len(dash)})" for dash in ("", "-") for code in "ymdHIMS"}


def parse(form: dict[str, Any], text: str, tz: tzinfo | None = None) -> int:
    """Tick of a timestamp on the clock of the model's table, or the whole number itself."""
    if (pattern := form["pattern"]) in COUNTS:
        return round((float if "." in text else int)(text) * COUNTS[pattern][0]) // COUNTS[pattern][1]
    parts = [NAMED[part] if place % 2 else re.escape(part) for place, part in enumerate(CODE.split(pattern))]
    if (match := re.fullmatch("".join(parts), text)) is None:
        at = datetime.fromisoformat(text)
        if bool(at.tzinfo) != bool(tz):
            raise ValueError(f"{text}: either it or the model's table has an offset from UTC, not both")
        return ((at.astimezone(tz) if tz else at) - START.replace(tzinfo=tz)) // timedelta(microseconds=1)
    seen = {"q": "1", "m": "1", "d": "1", "H": "0", "M": "0", "S": "0", "f": "0"} | match.groupdict()
    month = form["months"].index(seen["b"]) + 1 if "b" in seen else 3 * int(seen["q"]) + int(seen["m"]) - 3
    seen["H"] = str(int(seen["I"]) % 12 + 12 * (seen["p"][0] in "Pp")) if "p" in seen else seen["H"]
    year = int(seen["Y"]) if "Y" in seen else 1969 + (int(seen["y"]) - 69) % 100
    seen["f"] = seen["f"].ljust(6, "0")[:6]
    day, hour, minute, second, part = (int(seen[code]) for code in "dHMSf")
    return (datetime(year, month, day, hour, minute, second, part) - START) // timedelta(microseconds=1)


def render(form: dict[str, Any], tick: int, zone: tzinfo | None = None, again: int = 0) -> str:
    """Write a timestamp as the data do, with ``again`` as of the second time that clocks show it."""
    if per := COUNTS.get(pattern := form["pattern"]):
        return str(tick / per[0] if form["arrow"] == "float64" else tick * per[1] // per[0])
    at = (START + timedelta(microseconds=tick)).replace(tzinfo=zone, fold=again)
    words = {code: at.strftime(f"%{code}") for code in "ymdHIMSpGVu"} | {"Y": f"{at.year:04d}"}
    words |= {f"-{code}": text.lstrip("0") or "0" for code, text in words.items()}
    names = {"b": form["months"][at.month - 1 :], "a": form["weekdays"][at.weekday() :]}
    words |= {code: name[0] for code, name in names.items() if name} | {"q": str((at.month + 2) // 3)}
    words |= {f"{n}f": f"{at.microsecond:06d}000"[:n] for n in range(1, 10)} | {"z": at.isoformat()[-6:]}
    return "".join(words[part] if place % 2 else part for place, part in enumerate(CODE.split(pattern)))


def shown(form: dict[str, Any], tick: int, step: int = 1) -> list[tuple[int, int]]:
    """When clocks show a tick, and whether again: never or twice where they change, if its step ends before."""
    if not form["zone"]:
        return [(tick, 0)]
    clock = (START + timedelta(microseconds=tick)).replace(tzinfo=ZoneInfo(form["zone"]))
    ahead = [clock.replace(fold=fold).utcoffset() or timedelta() for fold in (0, 1)]
    first, second = (tick - one // timedelta(microseconds=1) for one in ahead)
    return [(first, 0)] * (first - second < step) + [(second, 1)] * (second - first >= step)


def joined(ticks: Any, values: Any, chosen: list[bool], form: dict[str, Any]) -> Any:
    """Make one row of those of an hour that clocks show twice, their mean or the last; say which rows stay."""
    stays, (distinct, counts) = np.ones(len(ticks), dtype=bool), np.unique(ticks, return_counts=True)
    for tick in distinct[counts == 2].tolist():
        if len(shown(form, tick)) > 1:
            part = values[rows := np.flatnonzero(ticks == tick)]
            mean = np.nansum(part, 0) / np.maximum((~np.isnan(part)).sum(0), 1)
            mean = np.clip(mean, np.fmin.reduce(part), np.fmax.reduce(part))
            values[rows[0]], stays[rows[1:]] = np.where(chosen, part[-1], mean), False
    return stays


def grid_ticks(grid: dict[str, Any], ordinals: Any) -> Any:
    """Ticks of grid points, which are numbered by whole numbers."""
    numbers = np.asarray(ordinals, dtype=np.int64) * grid["multiple"] + grid["phase"]
    if grid["kind"] == "business":
        return (numbers // 5 * 7 + numbers % 5 - 3) * DAY + grid["time"]
    return numbers if grid["kind"] != "months" else _month_days(grid, numbers) * DAY + grid["time"]


def _month_days(grid: dict[str, Any], months: Any) -> Any:
    starts, ends = ((months + one).astype("M8[M]").astype("M8[D]").astype(np.int64) for one in (0, 1))
    days = starts + np.minimum(grid["day"], ends - starts) - 1
    beyond = np.maximum((days + 3) % 7 - 4, 0) * grid["business"]  # days past Friday
    return days - beyond if grid["day"] == 31 else days + (3 - beyond) * (beyond > 0)


def grid_ordinals(grid: dict[str, Any], ticks: Any, rows: Any) -> Any:
    """Numbers of grid points; a tick between them, or twice, is a ValueError."""
    days, numbers = (ticks - grid["time"]) // DAY, ticks
    if grid["kind"] == "months":
        numbers = days.astype("M8[D]").astype("M8[M]").astype(np.int64)
        numbers -= _month_days(grid, numbers) * DAY + grid["time"] > ticks
    elif grid["kind"] == "business":
        numbers = (days + 3) // 7 * 5 + np.minimum((days + 3) % 7, 4)
    ordinals, firsts = (numbers - grid["phase"]) // grid["multiple"], np.unique(ticks, return_index=True)[1]
    if wrong := {*range(len(ticks))} - {*firsts} | {*np.flatnonzero(grid_ticks(grid, ordinals) != ticks)}:
        raise ValueError(f"the time of row {rows[min(wrong)]} stands twice, or off the {grid['alias']} grid")
    return ordinals


def read(text: str, columns: dict[str, Any], missing: list[str]) -> dict[tuple[str, ...], list[list[str]]]:
    """Rows of every series by its id: time, target, covariates that change and that do not, row."""
    rows = [*csv.reader(io.StringIO(text), delimiter=max(",;\t|", key=text.partition("\n")[0].count))] or [[]]
    place, named = {name.strip(): index for index, name in enumerate(rows[0])}, columns["id_output"]
    targets, many = columns["series_columns"] or [columns["target"]], len(named) - (columns["target"] is None)
    names = [columns["time"], *columns["past"], *columns["future"], *columns["static"]]
    wrong = [f"there is no column {one}" for one in (*names, *targets, *named[:many]) if one not in place]
    wrong += [f"row {line} is cut short" for line, row in enumerate(rows, 1) if 0 < len(row) < len(rows[0])]
    if wrong or not any(rows[1:]):
        raise ValueError("; ".join(wrong[:3]) or "there is no row of data")
    series: dict[tuple[str, ...], list[list[str]]] = {}
    for line, row, target in ((*each, one) for each in enumerate(rows[1:], 2) if each[1] for one in targets):
        cells = [row[place[one]].strip() for one in (*named[:many], names[0], target, *names[1:])]
        series.setdefault((*cells[:many], target)[: len(named) or 1], []).append([*cells[many:], str(line)])
    known = {name: any(row[1] not in missing for row in series[name]) for name in series}
    alive = {name[:-1] for name in series if known[name] and 0 < many < len(named)}  # an id with some target
    return {name: series[name] for name in series if known[name] or name[:-1] not in alive}


def number(cell: str, labels: list[str] | None, form: dict[str, Any]) -> float:
    """Value of a cell as in the model's table: a number, or the code of a label from 1 on, 0 for another."""
    if labels is not None:
        cell = cell if cell in labels else cell.removesuffix(".0")
        return float(labels.index(cell) + 1) if cell in labels else 0.0
    text = "nan" if cell in form["missing"] else {"true": "1", "false": "0"}.get(cell.lower(), cell)
    if not re.fullmatch(form["shape"], text):
        raise ValueError(f"{cell!r} is not a number as the model's table writes them")
    value = float(re.sub(form["gap"], "", text).replace(",", "."))
    return np.nan if value in form["lost"] else value


def window(rows: list[list[str]], about: dict[str, Any]) -> tuple[dict[str, Any], Any]:
    """Cut the inputs of one series, and say which points are forecast: after its last row that is no plan."""
    columns, form, length = about["columns"], about["numbers"], about["context_length"]
    names = [*columns["past"], *columns["future"], *columns["static"]]
    labels = [columns.get("classes"), *map(columns["categories"].get, names)]
    values = np.array([[number(*pair, form) for pair in zip(row[1:-1], labels, strict=True)] for row in rows])
    values[:, 0] = np.where(values[:, 0] > 0, values[:, 0] - 1, np.nan) if labels[0] else values[:, 0]
    ticks = np.array([parse(columns["time_format"], row[0], about["zone"]) for row in rows], dtype=np.int64)
    stays = joined(ticks, values, [*map(bool, labels)], columns["time_format"])
    ordinals = grid_ordinals(about["grid"], ticks[stays], np.array([row[-1] for row in rows])[stays])
    values = values[stays]
    past, ahead = len(columns["past"]), len(columns["past"]) + len(columns["future"])
    known = ordinals[~np.isnan(values[:, 0])]
    first, last = (known.min(), known.max()) if len(known) else (ordinals.min(), ordinals.min() - 1)
    last = ordinals.max() if np.isnan(values[ordinals > last, 1 + past : 1 + ahead]).all() else last
    steps = np.arange(last - length + 1, last + about["horizon"] + 1)
    both = np.full((len(steps), 1 + ahead), np.nan)
    inside = (ordinals >= max(first, steps[0])) & (ordinals <= steps[-1])
    both[ordinals[inside] - steps[0]] = values[inside, : 1 + ahead]
    future = grid_ticks(about["grid"], steps[length:]).tolist()
    there = [bool(shown(columns["time_format"], tick, about["step"])) for tick in future]
    if np.isnan(both[length:, 1 + past :][there]).any():
        raise ValueError("a covariate that must be known ahead has no value for a step of the forecast")
    more = np.where(np.isnan(both[:, 1:]) * [*map(bool, labels[1 : 1 + ahead])], 0.0, both[:, 1:])
    inputs = {"context": both[:length, 0], "past_covariates": more[:length, :past]}
    inputs |= {"future_covariates": more[:, past:], "static_covariates": np.fmax.reduce(values)[1 + ahead :]}
    return inputs | {"timestamps": grid_ticks(about["grid"], steps) // 1_000_000}, steps[length:]


def forecast(model: str, data: bytes, levels: list[float]) -> str:
    """Turn a CSV file into the CSV text of its forecast."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 4
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    about = json.loads(session.get_modelmeta().custom_metadata_map["tsforecast"])
    columns, given, form = about["columns"], about["quantile_levels"], about["columns"]["time_format"]
    zone: tzinfo | None = None if form["offset"] is None else timezone(timedelta(minutes=form["offset"]))
    about["zone"] = zone = ZoneInfo(form["zone"]) if form["pattern"].endswith("%z") else zone
    grid = about["grid"]
    about["step"] = grid["multiple"] * {"fixed": 1, "months": 28 * DAY}.get(grid["kind"], DAY)
    text = (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode("utf-8-sig")
    series = read(text, columns, about["numbers"]["missing"])
    inputs, steps = zip(*(window(rows, about) for rows in series.values()), strict=True)
    if (short := sum(len(rows) < about["context_length"] for rows in series.values())) and sys.stderr:
        sys.stderr.write(f"note: {short} of {len(series)} series are shorter than the context: padded\n")
    shapes, levels = {one.name: one.shape for one in session.get_inputs()}, levels or [0.1, 0.9][: len(given)]
    size = own if isinstance(own := shapes["context"][0], int) else 100  # cut as predict cuts: the same bytes
    found, whole = [], inputs + inputs[-1:] * (-len(inputs) % size if size == own else 0)
    for full in np.array_split(np.array(whole, dtype=object), -(-len(whole) // size)):
        fed = {name: np.stack([each[name] for each in full]) for name in shapes if name in full[0]}
        state = np.zeros((len(full), shapes.get("state", [0, 0])[1]), np.float32)
        for step in range(about.get("calls", 1)):  # a graph of one step per call gets its own state back
            more = {"step": np.array([step]), "state": state} if "state" in shapes else {}
            made, state = (*session.run(None, fed | more), None)[:2]
        found.append(made)
    if wrong := [level for level in levels if not given or not given[0] <= level <= given[-1]]:
        raise ValueError(f"no quantile level {wrong[0]}: the file gives {given or 'classes only'}")
    table, classes = np.concatenate(found)[: len(inputs)], columns.get("classes", [])
    place = np.arange(len(classes)) if classes else np.interp([0.5, *levels], given, np.arange(len(given)))
    low, share, high = place.astype(int), place % 1, np.ceil(place).astype(int)
    table = (1 - share) * table[:, :, low] + share * table[:, :, high]
    heads = [f"p_{one}" for one in classes] if classes else [f"q{level:g}" for level in levels]
    writer = csv.writer(out := io.StringIO(), lineterminator="\n")
    writer.writerow([*columns["id_output"], columns["time"], "forecast", *heads])
    for name, points, seen, rows in zip(series, steps, inputs, table, strict=True):
        if np.isnan(seen["context"]).all():
            raise ValueError(f"series {' '.join(name)} has no known value in its context")
        pairs = zip(grid_ticks(grid, points).tolist(), rows.tolist(), strict=True)
        twice = 1 + form["pattern"].endswith("%z")
        shows = sorted((at, *two) for two in pairs for at in shown(form, two[0], about["step"])[:twice])
        for (_, again), tick, cells in shows:
            label, when = classes[np.argmax(cells) :][:1], render(form, tick, zone, again)
            writer.writerow([*name[: len(columns["id_output"])], when, *label, *map(repr, cells)])
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
