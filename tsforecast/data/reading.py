"""From the user's table to a panel, and one line that says what was found."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from typing import Any

import numpy as np

from tsforecast.config import DataSettings
from tsforecast.data.columns import Roles, find_roles, roles_of
from tsforecast.data.covariate_checks import describe_covariates
from tsforecast.data.covariate_columns import CovariateColumns
from tsforecast.data.csv_table import read_csv
from tsforecast.data.gridding import choose_frequency, describe_problems, fill, place
from tsforecast.data.observations import Observations, observe
from tsforecast.data.panel import Note, Panel, Schema
from tsforecast.data.sources import RawSource, load_source
from tsforecast.data.tables import Table, check_source, from_data_frame, is_data_frame, read_parquet
from tsforecast.data.timeline import Frequency, Inference
from tsforecast.data.words import counted, listed, quoted

_SURE = 0.9
"""From this confidence on the frequency is told without how sure it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadResult:
    """A table that was understood.

    Attributes:
        panel: The series on their grid.
        notes: What a person should know.
        description: One line: what was found, and how sure.
        sha256: Hash of the bytes as stored.
        rows: Data rows of the table.
        source: What messages call the table.
        skipped: Series that were left out because of an error in them.
    """

    panel: Panel
    notes: tuple[Note, ...]
    description: str
    sha256: str
    rows: int
    source: str
    skipped: tuple[str, ...] = ()


def read_panel(
    source: Any,
    settings: DataSettings | None = None,
    *,
    schema: Schema | None = None,
    frequency: Frequency | None = None,
    skip: bool = False,
) -> ReadResult:
    """Read a path, standard input (``-``) or a pandas DataFrame.

    Args:
        source: CSV or Parquet, compressed or not.
        settings: Which column means what, where it should not be found.
        schema: Columns of a model that the data must have; wins over the settings.
        frequency: Frequency of that model.
        skip: Leave out series with an error in them, instead of raising.

    Raises:
        UsageError: A named column does not exist, or two answers are equally good.
        DataError: The table does not have the promised form.
        AccessError: It cannot be read.
        ArtifactError: It does not fit the model.
    """
    table, sha256 = _load(source)
    settings = settings or DataSettings()
    roles = find_roles(table, settings) if schema is None else roles_of(table, schema)
    seen = observe(table, roles, schema, skip=skip)
    if frequency is None:
        guess = choose_frequency(seen, settings.freq)
        grid = place(seen, guess.frequency, skip=skip)
    else:
        guess = Inference(frequency, 1.0, "the model's")
        grid = place(seen, frequency, known=True, skip=skip)
    seen = grid.seen
    panel = fill(grid, _schema(roles, seen))
    notes = (
        *_notes(table, roles, seen, schema),
        *seen.notes,
        *describe_problems(grid),
        *describe_covariates(panel),
    )
    return ReadResult(
        panel=panel,
        notes=(*table.notes, *notes),
        description=_describe(panel, guess, seen),
        sha256=sha256,
        rows=table.rows,
        source=table.source,
        skipped=seen.skipped,
    )


def _load(source: Any) -> tuple[Table, str]:
    if is_data_frame(source):
        table = from_data_frame(source)
        return table, hashlib.sha256(_serialised(table)).hexdigest()
    check_source(source)
    raw: RawSource = load_source(os.fspath(source))
    read = read_parquet if raw.is_parquet else read_csv
    return read(raw.content, raw.name), hashlib.sha256(raw.data).hexdigest()


def _serialised(table: Table) -> bytes:
    """Bytes that are equal for equal tables."""
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    whole = pa.table(table.columns).combine_chunks()
    with pa.ipc.new_stream(sink, whole.schema) as stream:
        stream.write_table(whole)
    return bytes(sink.getvalue())


def _schema(roles: Roles, seen: Observations) -> Schema:
    columns = roles.covariates
    return Schema(
        layout=roles.layout,
        time=roles.time,
        time_format=seen.time_format,
        id=roles.id,
        target=roles.target,
        series_columns=roles.series_columns,
        past=columns.past,
        future=columns.future,
        static=columns.static,
        categories=seen.covariates.categories,
    )


def _notes(table: Table, roles: Roles, seen: Observations, schema: Schema | None) -> tuple[Note, ...]:
    """Tell what was made of the columns, where it is no matter of course."""
    notes = []
    form = seen.time_format
    if form.pattern.startswith("epoch"):
        unit = {"s": "seconds", "ms": "milliseconds", "us": "microseconds", "ns": "nanoseconds"}[
            form.pattern[6:]
        ]
        notes.append(Note(f"column {quoted(roles.time)} was read as {unit} since 1970 in UTC"))
    elif form.arrow == "int64" and form.kind == "datetime":
        kind = {"%Y": "years", "%Y%m": "months (YYYYMM)", "%Y%m%d": "days (YYYYMMDD)"}[form.pattern]
        notes.append(Note(f"the whole numbers of column {quoted(roles.time)} were read as {kind}"))
    unused = [name for name in table.names if name not in roles.used]
    if unused:
        hint = "" if schema else "; --past, --future or --static would use them as covariates"
        notes.append(Note(f"{counted(len(unused), 'column')} not used: {listed(unused)}{hint}"))
    if schema is not None:
        unseen = roles.series_columns[len(schema.series_columns) :]
        notes += [
            Note(f"column {quoted(name)} is a series that the model has not seen", True) for name in unseen
        ]
    return tuple(notes)


def _covariates_in_words(columns: CovariateColumns) -> str:
    """Name the covariates: ``, with future covariates 'promo', static 'region'``."""
    kinds = {"past": columns.past, "future": columns.future, "static": columns.static}
    parts = [f"{role} {listed(names)}" for role, names in kinds.items() if names]
    if not parts:
        return ""
    role, names = parts[0].split(" ", 1)
    return f", with {', '.join([f'{role} covariates {names}', *parts[1:]])}"


def _describe(panel: Panel, guess: Inference, seen: Observations) -> str:
    schema, frequency = panel.schema, panel.frequency
    lengths = panel.lengths
    size = f"{lengths.min()}" if lengths.min() == lengths.max() else f"{lengths.min()}-{lengths.max()}"
    rows = f"{len(panel)} series of {size} {'row' if size == '1' else 'rows'}"
    if schema.layout == "wide":
        columns = f"one column each, by {quoted(schema.time)}"
    else:
        by = f" and {quoted(schema.id)}" if schema.id is not None else ""
        columns = f"target {quoted(schema.target)} by {quoted(schema.time)}{by}"
    columns += _covariates_in_words(seen.covariates.columns)
    sure = "" if guess.confidence >= _SURE else f", {guess.confidence:.0%} sure: {guess.reason}"
    ends = frequency.ticks(np.array([panel.first.min(), panel.last.max()]))
    start, end = (seen.text(int(tick)) for tick in ends)
    rhythm = f"{frequency.words} ({frequency.alias}{sure})"
    return f"{seen.table.source}: {rows}, {columns}, {rhythm}, {start} to {end}"
