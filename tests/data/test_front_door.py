"""What people really have: odd and broken files of many kinds, understood or refused with a reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.data.tables import daily, days, read, write
from tsforecast.data.reading import read_panel
from tsforecast.errors import ForecastError, UsageError

NUMBERS = [100.0 + number for number in range(14)]


def column(form: str, values: list[float] = NUMBERS, header: str = "ds,y", sep: str = ",") -> str:
    """Daily table whose cells are written in a form such as ``€{:.1f}``."""
    rows = zip(days(len(values)), values, strict=True)
    return header + "\n" + "".join(f"{day}{sep}{form.format(value)}\n" for day, value in rows)


def stamps(*texts: str) -> str:
    """Table of timestamps that counts."""
    return "ds,y\n" + "".join(f"{text},{number}.5\n" for number, text in enumerate(texts))


SUMMER = [f"2024-03-31T{hour:02d}:00+{1 if hour < 2 else 2:02d}:00" for hour in (0, 1, 3, 4, 5, 6, 7)]
WINTER = [
    "2024-10-27T00:00+02:00",
    "2024-10-27T01:00+02:00",
    "2024-10-27T02:00+02:00",
    "2024-10-27T02:00+01:00",
    "2024-10-27T03:00+01:00",
    "2024-10-27T04:00+01:00",
]
HOURS = [f"2024-01-{1 + step // 24:02d}" for step in range(48)]

UNDERSTOOD: list[tuple[str, str | bytes, dict[str, Any], list[float], str]] = [
    ("euro before", column("€{:.1f}"), {}, NUMBERS, "the sign '€'"),
    ("dollar", column("${:.1f}"), {}, NUMBERS, "the sign '$'"),
    ("code after", column("{:.2f} EUR"), {}, NUMBERS, "the sign 'EUR'"),
    ("negative dollars", column("-${:.1f}"), {}, [-value for value in NUMBERS], "the sign '$'"),
    ("percent", column("{:.1f}%"), {}, NUMBERS, "12% is 12"),
    ("percent apart", column("{:.1f} %"), {}, NUMBERS, "12% is 12"),
    ("thousands and point", column('"1,{:.1f}"'), {}, [1000 + one for one in NUMBERS], "between thousands"),
    ("millions", column('"1,000,{:.0f}"'), {}, [1e6 + one for one in NUMBERS], "between thousands"),
    ("dollars and thousands", column('"$1,{:.2f}"'), {}, [1000 + one for one in NUMBERS], "'$'"),
    ("space", column("1 {:.0f}"), {}, [1000 + one for one in NUMBERS], "a space between thousands"),
    ("thin space", column("1\u202f{:.0f}"), {}, [1000 + one for one in NUMBERS], "a space"),
    ("apostrophe", column("1'{:.0f}"), {}, [1000 + one for one in NUMBERS], "between thousands"),
    ("true minus", column("\u2212{:.0f}"), {}, [-value for value in NUMBERS], ""),
    ("comma by request", column('"{:.0f},5"'), {"decimal": ","}, [one + 0.5 for one in NUMBERS], ""),
    (
        "thousands by request",
        column('"1,{:.0f}"'),
        {"thousands": ","},
        [1000 + one for one in NUMBERS],
        "','",
    ),
    (
        "space and comma",
        column("1 {:.0f},5", header="ds;y", sep=";"),
        {},
        [1000.5 + one for one in NUMBERS],
        "a space",
    ),
    (
        "dots by request",
        column("1.{:.0f}", header="ds;y", sep=";"),
        {"thousands": "."},
        [1000 + one for one in NUMBERS],
        "'.'",
    ),
    ("comments", "# sales, by day\n# of a shop\n" + daily(5), {}, [1, 2, 3, 4, 5], "2 comment lines"),
    (
        "commented header",
        "# of a shop\n#ds,y\n" + daily(5).split("\n", 1)[1],
        {},
        [1, 2, 3, 4, 5],
        "1 comment",
    ),
    ("rows to skip", "Sales\nof a shop\n" + daily(5), {"skip_rows": 2}, [1, 2, 3, 4, 5], ""),
    ("weeks", stamps("2024-W51", "2024-W52", "2025-W01", "2025-W02"), {}, [0.5, 1.5, 2.5, 3.5], ""),
    ("day first", stamps("01/02/2024", "02/02/2024", "03/02/2024"), {"day_first": True}, [0.5, 1.5, 2.5], ""),
    (
        "month first",
        stamps("01/02/2024", "02/02/2024", "03/02/2024"),
        {"month_first": True},
        [0.5, 1.5, 2.5],
        "",
    ),
    (
        "clocks forward",
        stamps(*SUMMER),
        {},
        [0.5, 1.5, float("nan"), 2.5, 3.5, 4.5, 5.5, 6.5],
        "Europe/Berlin",
    ),
    ("clocks back", stamps(*WINTER), {}, [0.5, 1.5, 3.0, 4.5, 5.5], "joined by their mean"),
    (
        "clocks back by name",
        stamps(*(text[:16] for text in WINTER)),
        {"tz": "Europe/Paris"},
        [0.5, 1.5, 3.0, 4.5, 5.5],
        "Europe/Paris went back",
    ),
    (
        "date and hour",
        "date,hour,y\n" + "".join(f"{day},{step % 24},{step}\n" for step, day in enumerate(HOURS)),
        {},
        [float(step) for step in range(48)],
        "read together as the time",
    ),
    (
        "date and clock",
        "date,time,y\n" + "".join(f"{day},{step % 24:02d}:00,{step}\n" for step, day in enumerate(HOURS)),
        {},
        [float(step) for step in range(48)],
        "read together as the time",
    ),
    (
        "date and hour by name",
        "day,stunde,y\n" + "".join(f"{day},{step % 24},{step}\n" for step, day in enumerate(HOURS)),
        {"time": "day,stunde", "target": "y"},
        [float(step) for step in range(48)],
        "read together as the time",
    ),
    (
        "year and month",
        "year,month,y\n" + "".join(f"{2020 + step // 12},{step % 12 + 1},{step}\n" for step in range(30)),
        {},
        [float(step) for step in range(30)],
        "called 'date'",
    ),
    (
        "named encoding",
        daily(5).replace("ds", "da\u0142").encode("cp1250"),
        {"encoding": "cp1250"},
        [1, 2, 3, 4, 5],
        "",
    ),
]


@pytest.mark.parametrize(
    ("content", "settings", "values", "said"),
    [case[1:] for case in UNDERSTOOD],
    ids=[c[0] for c in UNDERSTOOD],
)
def test_odd_table_is_understood_and_said(
    tmp_path: Path, content: str | bytes, settings: dict[str, Any], values: list[float], said: str
) -> None:
    """The values are those a person reads, and what had to be decided is told."""
    result = read(tmp_path, content, **settings)

    assert result.panel.values.tolist() == pytest.approx(values, nan_ok=True)
    assert said in " | ".join(note.text for note in result.notes)


REFUSED: list[tuple[str, str | bytes, int, str, str]] = [
    (
        "one group",
        column('"1,{:.0f}"'),
        3,
        "data.csv:2:2: '1,100' can be read as 1100 or as 1.100",
        "--thousands",
    ),
    ("decimal comma", column('"{:.0f},5"'), 3, "data.csv:2:2: '100,5' is not", "--decimal ,"),
    ("sign in some", column("{:.0f}%").replace("105%", "105"), 3, "has the sign '%'", "every cell"),
    ("two signs", column("€{:.0f}").replace("€105", "$105"), 3, "has the sign", "every cell"),
    (
        "day or month",
        stamps("01/02/2024", "02/02/2024", "03/02/2024"),
        2,
        "cannot be told apart",
        "--day-first",
    ),
    ("week 53", stamps("2024-W51", "2024-W52", "2024-W53"), 3, "data.csv:4:1: '2024-W53'", "2024-W05"),
    ("strange offsets", stamps("2024-01-01T00:00Z", "2024-01-01T02:00+01:00"), 3, "offset from UTC", "--tz"),
    (
        "two encodings",
        b"ds,y\n\xc3\xb6,1\n\xf6,2\n",
        3,
        "data.csv:3:1: the text is UTF-8 elsewhere",
        "--encoding",
    ),
    ("no encoding", b"ds,y\n\x81,1\n", 3, "data.csv:2:1: the encoding of the text", "--encoding"),
    ("duplicates", daily(5) + "2024-01-03,7\n", 3, "data.csv:7:1: 1 duplicate", "--duplicates"),
    ("gap", stamps(*days(4), *days(3, start=20)), 3, "the longest gap", "--fill"),
]


@pytest.mark.parametrize(
    ("content", "code", "fragment", "hint"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_doubtful_table_is_refused_with_the_flag_that_helps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | bytes, code: int, fragment: str, hint: str
) -> None:
    """Where two readings are possible nobody guesses; the hint names the flag."""
    write(tmp_path, content)
    monkeypatch.chdir(tmp_path)

    with pytest.raises(ForecastError) as caught:
        read_panel("data.csv")

    assert caught.value.exit_code == code
    assert fragment in str(caught.value)
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"day_first": True, "month_first": True}, "contradict"),
        ({"tz": "Europe/Nowhere"}, "unknown time zone"),
        ({"encoding": "latin-99"}, "unknown encoding"),
        ({"resample": "fortnight"}, "unknown frequency"),
        ({"time": "ds,y"}, "make no time together"),
    ],
)
def test_settings_that_mean_nothing_are_usage_errors(
    tmp_path: Path, settings: dict[str, Any], message: str
) -> None:
    """A flag is never ignored, also where the table would not need it."""
    with pytest.raises(UsageError, match=message):
        read(tmp_path, column("{:.1f}x").replace("x", ""), **settings)


def test_windows_text_is_no_latin_1(tmp_path: Path) -> None:
    """The euro sign of a Windows file stays a euro sign."""
    rows = "".join(f"K\u00f6ln \u20ac,{day},1.5\nUlm,{day},2.5\n" for day in days(9))
    result = read(tmp_path, ("ort,ds,y\n" + rows).encode("cp1252"))

    assert result.panel.series_ids == ("K\u00f6ln \u20ac", "Ulm")
    assert any("Windows-1252" in note.text for note in result.notes)


def test_numbers_too_long_for_a_float_are_warned_of(tmp_path: Path) -> None:
    """Digits that get lost are told."""
    result = read(tmp_path, column("12345678901234567{:.0f}"))

    assert any("last digits are rounded" in note.text and note.warning for note in result.notes)


def test_new_rows_in_another_offset_stand_on_the_clock_of_the_model(tmp_path: Path) -> None:
    """An instant is the same instant, however it is written."""
    model = read(tmp_path, stamps(*(f"2024-01-01T{hour:02d}:00Z" for hour in range(8)))).panel
    new = write(tmp_path, stamps("2024-01-01T09:00+01:00", "2024-01-01T10:00+01:00"))
    panel = read_panel(new, schema=model.schema, frequency=model.frequency).panel

    assert panel.first.tolist() == (model.last + 1).tolist()
    assert panel.schema.time_format.render(panel.frequency.ticks(panel.first)) == ["2024-01-01T08:00+00:00"]


def test_forecast_keeps_the_zone(tmp_path: Path) -> None:
    """The offset of a step to come is the one that its zone will have then."""
    panel = read(tmp_path, stamps(*SUMMER)).panel
    ticks = panel.frequency.ticks(panel.last + 24 * 220)

    assert panel.schema.time_format.render(ticks)[0].endswith("+01:00")


def test_wide_table_may_lack_a_series_of_the_model(tmp_path: Path) -> None:
    """A column that is gone is told, as a series without rows is no error in a long table."""
    text = "ds,tea,coffee,milk\n" + "".join(
        f"{day},{i}.5,{i + 1}.5,{i + 2}.5\n" for i, day in enumerate(days(9))
    )
    model = read(tmp_path, text, layout="wide").panel
    new = write(tmp_path, "ds,tea,milk,rain\n2024-01-10,1,2,3\n")
    result = read_panel(new, schema=model.schema, frequency=model.frequency)

    assert result.panel.series_ids == ("tea", "milk")
    texts = [note.text for note in result.notes]
    assert "series 'coffee' has no column" in texts
    assert "1 column not used: 'rain'" in texts
