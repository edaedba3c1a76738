"""Files that are odd as text: bytes, lines, quotes, delimiters, headers."""

from __future__ import annotations

from tests.data.odd.case import HUNDREDS, TABLE, Odd, column, halves, refused, understood, with_cell
from tests.data.tables import daily, days

_ROWS = TABLE.split("\n", 1)[1]
_NOTED = "note,ds,y\n" + "".join(f'"a\nb",{day},{row + 1}\n' for row, day in enumerate(days(10)))
_NAMED = "ort,ds,y\n" + "".join(f"K\u00f6ln,{day},{row + 1}\n" for row, day in enumerate(days(10)))

TEXTS: tuple[Odd, ...] = (
    refused("nothing", "empty file", "", "data.csv is empty", "a header line", 1),
    refused("nothing", "blank lines only", "\n\n", "data.csv is empty", "a header line", 1),
    refused("nothing", "carriage returns only", "\r\r\r", "data.csv is empty", "a header line", 1),
    refused("nothing", "header only", "ds,y\n", "data.csv has no data rows", "one row per time step", 2),
    understood("byte order mark", "UTF-8 with its mark", TABLE.encode("utf-8-sig"), number=3),
    understood("byte order mark", "UTF-16", TABLE.encode("utf-16"), said="read as UTF-16", number=4),
    understood("byte order mark", "UTF-32", TABLE.encode("utf-32"), said="read as UTF-32", number=4),
    refused("byte order mark", "UTF-16 cut off", TABLE.encode("utf-16")[:-1], "UTF-16 text at byte", "UTF-8"),
    refused(
        "byte order mark",
        "UTF-16 without its mark",
        TABLE.encode("utf-16-le"),
        "data.csv holds binary data at byte 1",
        "--encoding utf-16-le",
        4,
    ),
    understood(
        "byte order mark", "the same by name", TABLE.encode("utf-16-le"), number=4, encoding="utf-16-le"
    ),
    understood(
        "encoding", "Latin-1", _NAMED.encode("latin-1"), said="(first seen in line 2) and was read as", number=5
    ),
    understood(
        "encoding",
        "Windows-1252",
        _NAMED.replace("K\u00f6", "\u20ac").encode("cp1252"),
        said="Windows-1252",
        number=5,
    ),
    understood(
        "encoding", "named", TABLE.replace("ds", "da\u0142").encode("cp1250"), number=5, encoding="cp1250"
    ),
    refused(
        "encoding",
        "two in one file",
        b"ds,y\n\xc3\xb6,1\n\xf6,2\n",
        "data.csv:3:1: the text is UTF-8 elsewhere, but not here",
        "--encoding",
        5,
    ),
    refused("encoding", "none that fits", b"ds,y\n\x81,1\n", "data.csv:2:1: the encoding", "--encoding", 5),
    refused("encoding", "unknown name", TABLE, "unknown encoding", "cp1252", code=2, encoding="latin-99"),
    understood("line ends", "carriage return and line feed", TABLE.replace("\n", "\r\n"), number=6),
    understood("line ends", "lone carriage returns", TABLE.replace("\n", "\r"), number=6),
    understood("line ends", "both in one file", TABLE.replace("\n", "\r\n", 3), number=6),
    understood("line ends", "no line end after the last row", TABLE.rstrip("\n")),
    understood("line ends", "the end-of-file sign of DOS", TABLE + "\x1a"),
    understood("delimiter", "semicolon", TABLE.replace(",", ";"), number=7),
    understood("delimiter", "tab", TABLE.replace(",", "\t"), number=7),
    understood("delimiter", "vertical bar", TABLE.replace(",", "|"), number=7),
    understood("delimiter", "spaces after commas", TABLE.replace(",", ", ")),
    refused(
        "delimiter",
        "two that fit",
        "t;a,b\n" + "".join(f"{row};{row},{row * 7 % 5}\n" for row in range(9)),
        "',' or ';' could separate the cells",
        "--delimiter ,",
        7,
        code=2,
    ),
    understood(
        "delimiter",
        "two that fit, one named",
        "t;a,b\n" + "".join(f"{row};{row},{row % 5}\n" for row in range(3)),
        (0, 1.1, 2.2),
        number=7,
        delimiter=";",
    ),
    refused("delimiter", "spaces", TABLE.replace(",", " "), "no column looks like timestamps", "--skip-rows", 7),
    understood("quotes", "every cell", '"ds","y"\n' + column('"{:.0f}"', header="").lstrip(), HUNDREDS),
    understood("quotes", "a line break inside", _NOTED, number=10),
    refused(
        "quotes",
        "a bad cell after line breaks inside",
        _NOTED.replace(",4\n", ",four\n"),
        "data.csv:8:3: 'four' is not a number",
        number=10,
    ),
    understood("quotes", "a quote inside, doubled", _NOTED.replace("a\nb", 'a ""b""')),
    understood("quotes", "a lone quote inside a word", _NOTED.replace('"a\nb"', '5" pipe')),
    refused(
        "quotes",
        "opened and never closed",
        with_cell('"4'),
        "data.csv:5:2: a double quote is opened and never closed",
        "written twice",
        11,
    ),
    understood("quotes", "single ones", "".join(f"{row}\n" for row in ("'ds','y'", *(
        f"'{day}','{row + 1}'" for row, day in enumerate(days(10))))), said="in single quotes, which were taken off"),
    understood("quotes", "single ones, some with a comma inside", "'what','ds','y'\n" + "".join(
        f"'bread, white','{day}',{row + 1}\n" for row, day in enumerate(days(10))), said="in single quotes"),
    understood("quotes", "single ones below a bare header", "ds;y\n" + "".join(
        f"'{day}';{row + 1}\n" for row, day in enumerate(days(10))), said="in single quotes"),
    refused("quotes", "a single one that is never closed", "ds,y\n" + "".join(
        f"'{day}{chr(39) * (row < 9)},{row + 1}\n" for row, day in enumerate(days(10))),
        "a single quote is opened and never closed", "written twice"),
    understood("quotes", "an apostrophe in some cells", "what,ds,y\n" + "".join(
        f"{'rock ' + chr(39) + 'n' + chr(39) + ' roll' if row % 2 else 'jazz'},{day},{row + 1}\n"
        for row, day in enumerate(days(10))), target="y"),
    refused("binary", "a zero byte", with_cell("\x003"), "data.csv holds binary data at byte 55", "CSV", 12),
    refused("binary", "bytes of no text", bytes(range(1, 256)) * 3, "binary data at byte 0", "CSV", 12),
    refused("something else", "web page", "<!DOCTYPE html>\n<p>Not found</p>\n", "data.csv is a web page"),
    refused("something else", "XML", '<?xml version="1.0"?>\n<rows/>\n', "data.csv is an XML document"),
    refused("something else", "PDF", b"%PDF-1.7\n%\xe2\xe3\n", "data.csv is a PDF document"),
    refused("something else", "image", b"\x89PNG\r\n\x1a\n\0\0", "data.csv is an image"),
    refused("something else", "old workbook", b"\xd0\xcf\x11\xe0\xa1\xb1", "data.csv is an Excel workbook"),
    refused("something else", "pickle", b"\x80\x04\x95\x01", "data.csv is a Python pickle", number=68),
    understood("header", "none", _ROWS, said="'c1' to 'c2'", number=13),
    refused("header", "a name twice", TABLE.replace("ds", "y"), "data.csv:1: column 'y' stands more than", "", 14),
    understood("header", "empty lines above it", "\n\n" + TABLE),
    understood("header", "a name without letters", TABLE.replace("ds", "").replace("y", "y ")),
    understood("header", "comments above it", "# sales\n# of a shop\n" + TABLE, said="2 comment lines", number=18),
    understood("header", "commented itself", "# sales\n#ds,y\n" + _ROWS, said="1 comment", number=18),
    understood("header", "commented itself, above an empty comment and line", "# sales\n#ds,y\n#\n\n" + _ROWS,
               said="2 comment", number=18),
    understood("header", "lines above it, skipped", "Sales\nby day\n" + TABLE, number=18, skip_rows=2),
    refused("header", "a line above it", "Sales\n" + TABLE, "data.csv:2:2: 2 fields where the header has 1",
            "--skip-rows 1", 18),
    refused(
        "header",
        "a short line with a comma above it",
        "Shop,9\n\nid," + TABLE.replace("\n2", "\na,2"),
        "data.csv:3:3: 3 fields where the first row has 2",
        "--skip-rows 2",
        18,
    ),
    refused("header", "again in the middle", TABLE + TABLE, "data.csv:12:1: 'ds' is not a timestamp"),
    understood("header", "a delimiter at the end of every line", TABLE.replace("\n", ",\n"), said="not used"),
    refused("fields", "one too many", with_cell("4,5"), "data.csv:5:3: 3 fields where the header has 2", "", 15),
    refused(
        "fields",
        "one too many in every row",
        TABLE.replace("\n2", "\n7,2"),
        "data.csv:2: every row has 3 fields, the header names 2",
        "name every column",
        16,
    ),
    refused("fields", "one too few", TABLE.replace(",4\n", "\n"), "data.csv:5:2: 1 field where the header", "", 17),
    understood("fields", "one too few, left out", TABLE.replace("10,10\n", "10\n"), range(1, 10), "", 17,
               on_short_row="skip"),
    understood("fields", "one too few, filled up", TABLE.replace("05,5\n", "05\n"),
               (1, 2, 3, 4, float("nan"), 6, 7, 8, 9, 10), "", 17, on_short_row="fill"),
    refused("fields", "conflict marks", TABLE + "<<<<<<< HEAD\n", "data.csv:12:2: 1 field where the header has 2"),
    understood("empty lines", "in the middle", with_cell("4\n")),
    understood("empty lines", "of delimiters", with_cell("4\n,"), said="1 empty row left out, line 6"),
    refused("last row", "a total", TABLE + "Total,55\n", "data.csv:12:1: 'Total' is not a timestamp",
            "a line of totals"),
    understood("blanks", "no-break spaces around numbers", with_cell("\u00a04 ")),
    understood("hostile", "terminal commands in a name", TABLE.replace("y", "\x1b[2Jy")[:-1] + "\n", number=75),
    refused(
        "hostile",
        "terminal commands in a cell",
        with_cell("\x1b[2J"),
        "data.csv:5:2: '\\x1b[2J' is not a number",
        number=75,
    ),
    understood(
        "hostile",
        "names of series that are paths, formulas, emoji",
        "id,ds,y\n" + "".join(f"{name},{day},{row}.5\n" for name in ("../x", "=cmd()", "\U0001f600")
                              for row, day in enumerate(days(9))),
        halves(9) * 3,
        number=45,
    ),
    refused("long", "a cell of a megabyte", with_cell("x" * 1_000_000), "data.csv:5:2: 'xxx", number=20),
    understood("long", "a header of 2000 columns", f"ds,{','.join(f's{one}' for one in range(2000))}\n"
               + "".join(f"{day}{',1.5' * 2000}\n" for day in days(3)), (1.5,) * 6000),
    understood("short", "two rows", daily(2), (1, 2)),
)  # fmt: skip
