"""How a table is read, and what it is checked for."""

from __future__ import annotations

from dataclasses import dataclass

from tsforecast.config.setting import Settings, setting

VALUE, BINARY, CATEGORY = "value", "binary", "category"
"""What a target can be: a number, one of two classes, one of several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSettings(Settings):
    """Where in a file the table is."""

    sql: str | None = setting(None, about="Query whose result is the table, where DATA is a database.")
    sheet: str | None = setting(
        None, about="Sheet of a workbook that is the table, by name or number; the first if not given."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSettings(SourceSettings):
    """How a table is read."""

    target: str | None = setting(
        None,
        about="Column to forecast, or several, comma separated; found where only one can be meant.",
    )
    target_type: str | None = setting(
        None,
        about="What the target is: a number, one of two classes, or one of several; value if not given.",
        choices=(VALUE, BINARY, CATEGORY),
    )
    event: str | None = setting(
        None, about="Label that is the event of a binary target; the second in order if not given."
    )
    time: str | None = setting(None, about="Column with the timestamps.")
    id: str | None = setting(
        None, about="Column that names the series, or several, comma separated, that do so together."
    )
    freq: str | None = setting(None, about="Frequency such as 30min, h, D, B, W-SUN, MS, QS, YS or step.")
    layout: str = setting(
        "auto",
        about="long: one row per series and time; wide: one column per series, or one of each --id.",
        choices=("auto", "long", "wide"),
    )
    past: tuple[str, ...] = setting((), about="Columns known up to the cutoff, comma separated.")
    future: tuple[str, ...] = setting((), about="Columns known ahead as well, comma separated.")
    static: tuple[str, ...] = setting((), about="Columns that are constant in a series, comma separated.")
    delimiter: str | None = setting(
        None,
        about="What separates the cells of a row, where it is not found.",
        choices=(",", ";", "tab", "|"),
    )
    decimal: str | None = setting(
        None, about="Decimal mark, where it is not the one the file suggests.", choices=(".", ",")
    )
    thousands: str | None = setting(
        None,
        about="Separator of thousands, found where only one reading is possible.",
        choices=(",", ".", "'", "space"),
    )
    day_first: bool = setting(False, about="Read 01/02/2024 as 1 February.")
    month_first: bool = setting(False, about="Read 01/02/2024 as January 2.")
    tz: str | None = setting(
        None, about="Time zone on whose clocks the timestamps are read, such as Europe/Berlin or UTC."
    )
    encoding: str | None = setting(None, about="Encoding of the text, such as cp1250, where it is not found.")
    na: tuple[str, ...] = setting(
        (), about="Further texts and numbers that mean a missing value, comma separated, such as -999."
    )
    on_short_row: str = setting(
        "error",
        about="A row with fewer cells than the header: error, skip it, or fill it up with empty cells.",
        choices=("error", "skip", "fill"),
    )
    duplicates: str = setting(
        "error",
        about="Which row counts where several have one series and time.",
        choices=("error", "first", "last", "mean", "sum"),
    )
    resample: str | None = setting(
        None, about="Make coarser or regular steps, such as h or D; --aggregate says how."
    )
    aggregate: str = setting(
        "mean",
        about="What --resample makes of the rows of a step.",
        choices=("mean", "sum", "median", "min", "max", "first", "last"),
    )
    fill: str = setting(
        "none",
        about="Fill gaps in a series instead of leaving them missing.",
        choices=("none", "linear", "seasonal", "zero", "ffill"),
    )
    outliers: str = setting(
        "keep",
        about="clip: pull values to at most three spans between the quartiles outside them.",
        choices=("keep", "clip"),
    )
    min_rows: int | None = setting(None, about="Values that every series must have.", unit="steps", low=1)
    drop_short: bool = setting(
        False,
        about="Leave out series with fewer values than --min-rows, or two horizons if that is not given.",
    )
    skip_rows: int = setting(0, about="Lines above the header that are no table.", unit="lines", low=0)
    no_covariates: bool = setting(
        False, about="Take no covariates by their names: past_, future_ and static_ columns, promo, holiday."
    )

    @property
    def of_classes(self) -> bool:
        """Whether the target is a class."""
        return self.target_type in (BINARY, CATEGORY)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSettings(DataSettings):
    """What a table is checked for."""

    horizon: int | None = setting(
        None, about="Future steps to forecast; by frequency if not given.", unit="steps", low=1
    )
