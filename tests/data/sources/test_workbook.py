"""Excel workbooks are read as CSV files are."""

from __future__ import annotations

import io
import sys
import zipfile
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest

import tsforecast
from tests.data.tables import by_id, daily, read, write
from tsforecast.config import DataSettings, from_keywords
from tsforecast.data.reading import read_panel
from tsforecast.data.sources import workbook
from tsforecast.errors import DataError, ForecastError, MissingExtraError, UsageError

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
DAY, MOMENT = 1, 2
"""Styles of cells that show a number as a date, or as a date and a time."""

Rows = dict[str, tuple[object, int]]


def xlsx(**sheets: Rows) -> bytes:
    """Workbook of sheets, each cells with their styles by their places such as ``B2``."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        put = archive.writestr
        kinds = '<Default Extension="xml" ContentType="application/xml"/>'
        put("[Content_Types].xml", f'<Types xmlns="{_PACKAGE}/content-types">{kinds}</Types>')
        root = f'<Relationship Id="r" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
        put("_rels/.rels", f'<Relationships xmlns="{_PACKAGE}/relationships">{root}</Relationships>')
        names = [f'<sheet name="{name}" sheetId="1" r:id="r{place}"/>' for place, name in enumerate(sheets)]
        put(
            "xl/workbook.xml",
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{"".join(names)}</sheets></workbook>',
        )
        links = [
            f'<Relationship Id="r{place}" Type="{_OFFICE}/worksheet" Target="worksheets/s{place}.xml"/>'
            for place in range(len(sheets))
        ]
        put(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{_PACKAGE}/relationships">{"".join(links)}'
            f'<Relationship Id="s" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
        )
        styles = "".join(f'<xf numFmtId="{number}"/>' for number in (0, 14, 22))
        put(
            "xl/styles.xml", f'<styleSheet xmlns="{_MAIN}"><cellXfs count="3">{styles}</cellXfs></styleSheet>'
        )
        for place, cells in enumerate(sheets.values()):
            body = "".join(_row(number, cells) for number in sorted({int(one[1:]) for one in cells}))
            put(
                f"xl/worksheets/s{place}.xml",
                f'<worksheet xmlns="{_MAIN}"><sheetData>{body}</sheetData></worksheet>',
            )
    return sink.getvalue()


def _row(number: int, cells: Rows) -> str:
    texts = []
    for place, (value, style) in cells.items():
        if int(place[1:]) != number:
            continue
        if isinstance(value, str):
            texts.append(f'<c r="{place}" t="inlineStr"><is><t>{value}</t></is></c>')
        else:
            texts.append(f'<c r="{place}" s="{style}"><v>{value!r}</v></c>')
    return f'<row r="{number}">{"".join(texts)}</row>'


def serial(number: int, hours: float = 0) -> float:
    """Excel's number of a day of January 2024 and on."""
    return (date(2024, 1, number) - date(1899, 12, 30)).days + hours / 24


def counting(rows: int = 10, top: int = 1, style: int = DAY, hours: float = 0) -> Rows:
    """Sheet of one daily series that counts, its header in row ``top``."""
    cells: Rows = {f"A{top}": ("ds", 0), f"B{top}": ("y", 0)}
    for step in range(1, rows + 1):
        cells |= {f"A{top + step}": (serial(step, hours), style), f"B{top + step}": (float(step), 0)}
    return cells


def test_sheet_reads_as_the_same_csv(tmp_path: Path) -> None:
    """Dates are dates, whole numbers have no fraction, titles above the table are passed over and that is said."""
    sheet = counting(top=4) | {"A1": ("Sales of 2024", 0)}
    found = read_panel(write(tmp_path, xlsx(Sales=sheet), "book.xlsx"))
    plain = read(tmp_path, daily())

    assert (by_id(found.panel), found.panel.schema) == (by_id(plain.panel), plain.panel.schema)
    assert any("1 row of one cell above the table" in note.text for note in found.notes)


def test_times_of_day_are_kept(tmp_path: Path) -> None:
    """A column of moments has moments in the forecast."""
    found = read_panel(write(tmp_path, xlsx(Sales=counting(style=MOMENT, hours=6.5)), "book.xlsx"))

    assert found.panel.schema.time_format.render(found.panel.frequency.ticks(found.panel.first)) == [
        "2024-01-01 06:30:00"
    ]


@pytest.mark.parametrize(("sheet", "rows"), [(None, 10), ("More", 20), ("2", 20)])
def test_sheet_is_chosen_by_name_or_number(tmp_path: Path, sheet: str | None, rows: int) -> None:
    """The first one is taken where nobody says which, and the others are named then."""
    path = write(tmp_path, xlsx(Sales=counting(), More=counting(20)), "book.xlsx")
    found = read_panel(path, DataSettings(sheet=sheet))

    assert found.panel.lengths.tolist() == [rows]
    assert any("--sheet names another: 'More'" in note.text for note in found.notes) == (sheet is None)


def test_error_names_row_and_column_of_the_sheet(tmp_path: Path) -> None:
    """Row 5 of the sheet is line 5 of the message."""
    sheet = counting(top=2) | {"B5": ("many", 0)}
    with pytest.raises(DataError, match=r"book\.xlsx:5:2: 'many' is not a number"):
        read_panel(write(tmp_path, xlsx(Sales=sheet), "book.xlsx"))


@pytest.mark.parametrize(
    ("content", "settings", "error", "message"),
    [
        (xlsx(Sales=counting()), {"sheet": "Sale"}, UsageError, "no sheet 'Sale'"),
        (xlsx(Sales={}), {}, DataError, "is empty"),
        (xlsx(Sales=counting())[:-200], {}, DataError, "damaged"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), {}, DataError, "is an Excel workbook that is damaged"),
        (daily().encode(), {"sheet": "Sales"}, UsageError, "--sheet needs an Excel workbook"),
        (xlsx(Sales=counting() | {"Z9999999": (1.0, 0)}), {}, DataError, "more than can be read"),
    ],
)
def test_what_cannot_be_read_is_told(
    tmp_path: Path, content: bytes, settings: dict[str, str], error: type[Exception], message: str
) -> None:
    """A slip, damage and an empty sheet of two far corners all end with a sentence."""
    with pytest.raises(error, match=message):
        read_panel(write(tmp_path, content, "book.xlsx"), from_keywords(DataSettings, settings))


def test_workbook_that_unpacks_without_end_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it says of its own size is not believed."""
    monkeypatch.setattr(workbook, "SUSPICIOUS", 1 << 16)
    sheet = counting() | {"C1": ("x" * (1 << 20), 0)}
    with pytest.raises(DataError, match="unpacks to more than"):
        read_panel(write(tmp_path, xlsx(Sales=sheet), "book.xlsx"))


@pytest.mark.parametrize("kind", ["workbook", "archive"])
def test_no_damage_ends_in_a_traceback(tmp_path: Path, kind: str) -> None:
    """A byte lost or changed anywhere in what is zipped gives the table or our own error."""
    content = xlsx(Sales=counting())
    if kind == "archive":
        sink = io.BytesIO()
        with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("sales.csv", daily(10))
        content = sink.getvalue()
    read_or_refused = 0
    for place in range(0, len(content), max(len(content) // 80, 1)):
        for damaged in (
            content[:place] + content[place + 1 :],
            content[:place] + bytes([content[place] ^ 255]) + content[place + 1 :],
        ):
            with suppress(ForecastError):
                read_panel(write(tmp_path, damaged))
            read_or_refused += 1

    assert read_or_refused >= 160


def test_a_bomb_behind_a_damaged_part_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is wrong with one part does not excuse the next."""
    monkeypatch.setattr(workbook, "MOST_CELLS", 10)
    content = xlsx(Sales=counting())
    start = content.index(b"[Content_Types].xml") + len("[Content_Types].xml")
    damaged = content[:start] + bytes(4) + content[start + 4 :]
    with pytest.raises(DataError, match="spans 11 rows and 2 columns"):
        read_panel(write(tmp_path, damaged, "data.xlsx"))


def test_missing_library_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line installs what reads workbooks."""
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    with pytest.raises(MissingExtraError) as caught:
        read_panel(write(tmp_path, xlsx(Sales=counting()), "book.xlsx"))

    assert (caught.value.exit_code, caught.value.hint) == (10, "pip install python-calamine")


def test_forecast_from_a_workbook_is_that_from_csv(tmp_path: Path) -> None:
    """The file's form changes no number."""
    paths = [
        write(tmp_path, xlsx(Sales=counting(30)), "book.xlsx"),
        write(tmp_path, daily(30)),
    ]
    tables = [tsforecast.predict(data=path, zero_shot=True).to_frame() for path in paths]

    assert tables[0].equals(tables[1])
