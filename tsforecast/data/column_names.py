"""What people call their columns."""

from __future__ import annotations

import re

STRONG_TIME_NAMES = ("date", "ds", "time", "timestamp", "datetime")
"""A column of this name is the time, whatever it holds."""

_CALENDAR_NAMES = ("period", "month", "quarter", "year", "yr", "week", "day", "hour", "minute")
_COUNT_NAMES = ("step", "t", "index", "idx")
TIME_NAMES = (STRONG_TIME_NAMES, _CALENDAR_NAMES, _COUNT_NAMES)
"""Names of time columns, the surest first."""

TARGET_NAMES = ("y", "target", "value")

CLOCK_NAMES = (
    "time", "hour", "hr", "hh", "clock", "hour_of_day", "hourofday", "hour_ending", "hourending",
    "stunde", "uhrzeit", "heure", "hora", "ora", "uur",
)  # fmt: skip
"""Columns that may hold the time of day beside one of dates."""

_PARTS = {
    "year": "year yyyy jahr année annee año ano anno jaar",
    "quarter": "quarter qtr quartal trimestre kwartaal",
    "month": "month mon monat mois mes mese mês maand",
    "week": "week woche kw semaine semana settimana",
    "day": "day tag jour día dia giorno dag",
    "period": "period periode période periodo período",
}
PART_NAMES = {name: part for part, names in _PARTS.items() for name in names.split()}
"""Part of a date that a column of this name may hold; a period is a month or a quarter, as its cells say."""

_IDS = """
    id uid unique_id series ts item store sku product article name symbol ticker region country state city
    location site station sensor meter device customer group key category zone dept department variable
    channel shop branch outlet warehouse building household turbine
"""
_ID_NAMES = frozenset(_IDS.split())
_ID_ENDINGS = ("_id", " id", "_name", "_code", "_nbr", "_no")
_ROW_NAMES = re.compile(r"^(c1|index|id|row|rowid|row_id|no|nr|unnamed: 0)$")
_EXPLAINING = """
    temp temperature price prices holiday holidays promo promotion wind windspeed wind_speed humidity hum
    pressure pres weekday weekend dayofweek day_of_week month day hour year week quarter workingday weather
    rain snow precipitation cpi unemployment fuel_price discount open high low close volume dewp event trend
"""
_AHEAD = """
    holiday holidays is_holiday public_holiday bank_holiday school_holiday is_school_holiday workingday
    working_day is_workingday is_working_day weekday is_weekday dayofweek day_of_week weekend is_weekend promo
    promos is_promo promotion promotions is_promotion on_promotion onpromotion event events is_event snap
"""
_KNOWN_AHEAD = frozenset(_AHEAD.split())
_COVARIATES = frozenset(_EXPLAINING.split()) | _KNOWN_AHEAD


def is_id_name(name: str) -> bool:
    """Whether a column of this name usually names a series: ``store``, ``item_id``, ``SeriesID``."""
    plain = name.strip().lower()
    return plain in _ID_NAMES or plain.endswith(_ID_ENDINGS) or name.endswith(("Id", "ID"))


def is_row_name(name: str) -> bool:
    """Whether a column of this name may merely number the rows."""
    return bool(_ROW_NAMES.match(name.strip().lower()))


def is_covariate_name(name: str) -> bool:
    """Whether a column of this name usually explains a target and is none itself."""
    plain = name.strip().lower()
    return plain in _COVARIATES or plain.startswith(("is_", "has_"))


def covariate_role(name: str) -> str | None:
    """Which covariate a name promises: ``past``, ``future`` or ``static``; None where it promises nothing."""
    plain = name.strip().lower()
    role = plain.partition("_")[0]
    if role in ("past", "future", "static") and plain != role:
        return role
    return "future" if plain in _KNOWN_AHEAD else None


def time_rank(name: str) -> int:
    """How surely a name means time, 0 is the surest; 3 says nothing."""
    plain = name.strip().lower()
    return next((rank for rank, names in enumerate(TIME_NAMES) if plain in names), len(TIME_NAMES))


def is_epoch_name(name: str) -> bool:
    """Whether a column of this name counts since 1970: ``epoch``, ``unix_time``."""
    return re.search("epoch|unix", name.lower()) is not None


def made_up_name(place: int) -> str:
    """Name of a column, by its place from 0, that the table gives none."""
    return f"c{place + 1}"


def header_hint(names: list[str]) -> str:
    """Say what to do where columns have the names that the reader gives to those of a table without a header."""
    nameless = names == [made_up_name(place) for place in range(len(names))]
    return "it has no header: put the first line of the whole file in front of it; " if nameless else ""
