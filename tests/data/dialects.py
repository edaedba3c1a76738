"""Random panels and the many ways to write one into a file."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import lzma
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
from hypothesis import strategies as st

from tsforecast.data.times.calendar_words import MONTHS, WEEKDAYS
from tsforecast.data.times.timeline import Frequency, parse_frequency

FIRST = 400
"""Step from 1970 at which the panels begin."""


def _zip(data: bytes) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("table", data)
    return sink.getvalue()


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gzip": gzip.compress,
    "zstd": lambda data: pa.compress(data, codec="zstd", asbytes=True),
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zip": _zip,
}
_DAILY = {
    "iso": "%Y-%m-%d",
    "points": "%d.%m.%Y",
    "american": "%m/%d/%Y",
    "British": "%d/%m/%Y",
    "words": "%d %b %Y",
    "mails": "%a, %d %b %Y",
    "in full": "%A, %B %d, %Y",
    "German": "%a, %d. %B %Y",
}
_GERMAN = dict(zip(" ".join((*MONTHS["English"][1:2], *WEEKDAYS["English"][:1])).split(),
                   " ".join((*MONTHS["German"][1:2], *WEEKDAYS["German"][:1])).split(), strict=True))  # fmt: skip
DATES: dict[str, dict[str, str]] = {
    "D": _DAILY,
    "W-SUN": _DAILY,
    "h": {name: f"{form} %H:%M" for name, form in _DAILY.items()},
    "15min": {
        name: f"{form}T%H:%M:%S" if name == "iso" else f"{form} %H:%M" for name, form in _DAILY.items()
    },
    "MS": {"iso": "%Y-%m", "words": "%b %Y", "points": "%d.%m.%Y", "American": "%m/%Y"},
    "QS-JAN": {"iso": "%Y-%m-%d", "words": "%B %Y"},
}
"""Forms of time that fit a frequency."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How a panel is written.

    Attributes:
        container: csv, json, parquet or feather.
        packed: Name of a compression.
        layout: long or wide.
        order: Columns of the long layout.
        alias: Frequency.
        date: One of the `DATES` of that frequency, by number.
    """

    container: str
    packed: str
    layout: str
    order: list[str]
    alias: str
    date: int
    delimiter: str
    decimal: str
    end: str
    quoting: int
    encoding: str
    missing: str

    @property
    def frequency(self) -> Frequency:
        """Frequency of the panel."""
        return parse_frequency(self.alias)

    @property
    def date_name(self) -> str:
        """Name of the form of time."""
        forms = list(DATES[self.alias])
        return forms[self.date % len(forms)]

    @property
    def comma(self) -> bool:
        """Whether decimals follow a comma."""
        return self.decimal == "," and self.delimiter != ","

    @property
    def settings(self) -> dict[str, Any]:
        """What a person would have to say of such a file."""
        said: dict[str, Any] = {"freq": self.alias, "layout": self.layout, "delimiter": None, "time": "when"}
        if self.layout == "long":
            said |= {"id": "shop", "target": "sold"}
        if self.container == "csv":
            said["delimiter"] = "tab" if self.delimiter == "\t" else self.delimiter
            said["decimal"] = "," if self.comma else "."
            if self.encoding == "utf-16-le":
                said["encoding"] = self.encoding
        said["month_first"] = self.date_name == "american"
        said["day_first"] = self.date_name == "British"
        return said


FORMS = st.builds(
    Form,
    container=st.sampled_from(["csv", "csv", "csv", "json", "parquet", "feather"]),
    packed=st.sampled_from(list(PACKERS)),
    layout=st.sampled_from(["long", "wide"]),
    order=st.permutations(["shop", "when", "sold"]),
    alias=st.sampled_from(list(DATES)),
    date=st.integers(0, 7),
    delimiter=st.sampled_from(",;\t|"),
    decimal=st.sampled_from(".,"),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-le"]),
    missing=st.sampled_from(["", "NA", "NaN", "null", "-"]),
)
NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), min_size=1, max_size=8)
VALUES = st.lists(st.floats(-1e300, 1e300), min_size=12, max_size=24)
SERIES = st.dictionaries(NAMES.map(lambda name: f"x{name}"), VALUES, min_size=2, max_size=4)


def times_of(form: Form, length: int) -> list[str]:
    """Timestamps of the first steps, as the form writes them."""
    ticks = _ticks(form, length).astype("datetime64[us]").tolist()
    texts = [moment.strftime(DATES[form.alias][form.date_name]) for moment in ticks]
    if form.date_name != "German":
        return texts
    return [re.sub("[A-Z][a-z]+", lambda word: _GERMAN[word[0]], text) for text in texts]


def _ticks(form: Form, length: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return form.frequency.ticks(np.arange(FIRST, FIRST + length))


def encode(cells: dict[str, list[float]], form: Form) -> bytes:
    """File of a panel, NaN where a value is missing."""
    data = _ENCODERS[form.container](cells, form)
    return PACKERS[form.packed](data)


def _rows(cells: dict[str, list[float]], form: Form) -> Iterator[dict[str, Any]]:
    times = times_of(form, max(map(len, cells.values())))
    if form.layout == "wide":
        for row, when in enumerate(times):
            yield {"when": when, **{name: values[row] for name, values in cells.items()}}
        return
    for name, values in cells.items():
        for when, value in zip(times, values, strict=False):
            row_of = {"shop": name, "when": when, "sold": value}
            yield {column: row_of[column] for column in form.order}


def _csv(cells: dict[str, list[float]], form: Form) -> bytes:
    def text(value: object) -> object:
        if not isinstance(value, float):
            return value
        shown = form.missing if np.isnan(value) else repr(value)
        return shown.replace(".", ",") if form.comma else shown

    sink = io.StringIO()
    writer = csv.writer(sink, delimiter=form.delimiter, lineterminator=form.end, quoting=form.quoting)  # type: ignore[arg-type]  # drawn from the constants
    rows = list(_rows(cells, form))
    writer.writerow(rows[0])
    writer.writerows([text(value) for value in row.values()] for row in rows)
    return sink.getvalue().encode(form.encoding)


def _json(cells: dict[str, list[float]], form: Form) -> bytes:
    rows = [{name: None if one != one else one for name, one in row.items()} for row in _rows(cells, form)]
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def _arrow(cells: dict[str, list[float]], form: Form) -> pa.Table:
    rows = list(_rows(cells, form))
    return pa.table({name: [row[name] for row in rows] for name in rows[0]})


def _parquet(cells: dict[str, list[float]], form: Form) -> bytes:
    sink = io.BytesIO()
    pyarrow.parquet.write_table(_arrow(cells, form), sink)
    return sink.getvalue()


def _feather(cells: dict[str, list[float]], form: Form) -> bytes:
    sink = io.BytesIO()
    pyarrow.feather.write_feather(_arrow(cells, form), sink)
    return sink.getvalue()


_ENCODERS: dict[str, Callable[[dict[str, list[float]], Form], bytes]] = {
    "csv": _csv,
    "json": _json,
    "parquet": _parquet,
    "feather": _feather,
}
