"""Files whose numbers are odd."""

from __future__ import annotations

from tests.data.odd.case import COUNTED, HUNDREDS, NAN, TABLE, Odd, column, refused, understood, with_cell
from tests.data.tables import days

_THOUSANDS = tuple(1000 + one for one in HUNDREDS)
_NEGATIVE = tuple(-one for one in HUNDREDS)
_PLUS_HALF = tuple(one + 0.5 for one in HUNDREDS)
_AT_4 = (1, 2, 3, NAN, *COUNTED[4:])

NUMBERS: tuple[Odd, ...] = (
    understood("decimal comma", "in cells cut by semicolons", column("{:.0f},5", header="ds;y", sep=";"), _PLUS_HALF,
               number=8),
    understood("decimal comma", "by request", column('"{:.0f},5"'), _PLUS_HALF, number=8, decimal=","),
    understood("decimal comma", "in cells cut by commas", column('"{:.0f},5"'), _PLUS_HALF, "with a decimal comma", 8),
    refused("decimal comma", "without quotes, in cells cut by commas", column("{:.0f},5"),
            "data.csv:2: every row has 3 fields, the header names 2", "a decimal comma in double quotes", 8),
    refused("decimal comma", "beside a decimal point", column('"{:.0f},5"').replace('"105,5"', "105.5"),
            "data.csv:2:2: '100,5' is not a number with a decimal point", "--decimal ,", 8),
    understood("thousands", "commas beside points", column('"1,{:.1f}"'), _THOUSANDS, "between thousands", 9),
    understood("thousands", "millions", column('"1,000,{:.0f}"'), [1e6 + one for one in HUNDREDS], "thousands", 9),
    understood("thousands", "spaces", column("1 {:.0f}"), _THOUSANDS, "a space between thousands", 9),
    understood("thousands", "thin spaces", column("1\u202f{:.0f}"), _THOUSANDS, "a space", 9),
    understood("thousands", "apostrophes", column("1'{:.0f}"), _THOUSANDS, "between thousands", 9),
    understood("thousands", "spaces and decimal commas", column("1 {:.0f},5", header="ds;y", sep=";"),
               [1000 + one for one in _PLUS_HALF], "a space", 9),
    understood("thousands", "commas by request", column('"1,{:.0f}"'), _THOUSANDS, "','", 9, thousands=","),
    understood("thousands", "points by request", column("1.{:.0f}", header="ds;y", sep=";"), _THOUSANDS, "'.'", 9,
               thousands="."),
    refused("thousands", "one group that may be decimals", column('"1,{:.0f}"'),
            "data.csv:2:2: '1,100' can be read as 1100 or as 1.100", "--thousands", 9),
    refused("truth", "true and false", column("true"), "data.csv:2:2: 'true' is not a number", "write 0 and 1", 26,
            target="y"),
    refused("unit", "kWh", column("{:.0f} kWh"), "data.csv:2:2: '100 kWh' is not a number", target="y"),
    understood("minus", "the sign of typesetters", column("\u2212{:.0f}"), _NEGATIVE),
    understood("plus", "before the number", column("+{:.0f}"), HUNDREDS),
    understood("exponent", "1.5e2", column("{:.3e}"), HUNDREDS),
    understood("exponent", "point without digits", column("{:.0f}."), HUNDREDS),
    refused("exponent", "Fortran's", column("{:.1f}D+00"), "data.csv:2:2: '100.0D+00' is not a number", target="y"),
    refused("hexadecimal", "0x1f", column("0x1f"), "data.csv:2:2: '0x1f' is not a number", target="y"),
    refused("digits", "of another script", column("\u0661"), "data.csv:2:2:", target="y"),
    refused("digits", "grouped with underscores", column("1_000"), "data.csv:2:2: '1_000' is not", target="y"),
    *(understood("missing", f"written as {text or 'nothing'}", with_cell(text), _AT_4, number=21)
      for text in ("", "NA", "NaN", "null", "-", ".", "?", "None", "N/A", " ")),
    understood("missing", "a text of their own", with_cell("absent"), _AT_4, number=20, na=("absent",)),
    understood("missing", "a number of their own", with_cell("-999"), _AT_4, number=21, na=("-999",)),
    refused("missing", "half of the cells", "ds,y\n" + "".join(
        f"{day},{row if row % 2 else ''}\n" for row, day in enumerate(days(20))),
        "47% of series 'y' is missing on the daily grid (D)", "--fill", 21),
    refused("missing", "all cells", "ds,y\n" + "".join(f"{day},NA\n" for day in days(9)), "every cell is missing",
            "", 21),
    refused("text", "in a column of numbers", with_cell("abc"), "data.csv:5:2: 'abc' is not a number in column 'y'",
            "NA", 20),
    refused("text", "in the named column", TABLE.replace(",1\n", ",a\n"), "data.csv:2:2: 'a' is not", target="y"),
    refused("infinite", "inf", with_cell("-inf"), "data.csv:5:2: '-inf' is not a finite number", "empty", 22),
    refused("infinite", "Infinity", with_cell("Infinity"), "data.csv:5:2: 'Infinity' is not a finite", "empty", 22),
    refused("range", "1e400", with_cell("1e400"), "data.csv:5:2: '1e400' is out of range", "1e+300", 23),
    refused("range", "1e305", with_cell("-1e305"), "data.csv:5:2: '-1e305' is out of range", "1e+300", 24),
    understood("range", "1e300", with_cell("1e300"), (1, 2, 3, 1e300, *COUNTED[4:]), number=24),
    understood("range", "1e-400", with_cell("1e-400"), (1, 2, 3, 0, *COUNTED[4:])),
    understood("range", "23 digits", with_cell("12345678901234567890123"), (1, 2, 3, 12345678901234567890123.0,
               *COUNTED[4:]), "last digits are rounded", 25),
    understood("constant", "the same value throughout", column("5"), (5,) * 14, "is constant", 27),
    refused("no number", "words only", "ds,name\n" + "".join(f"{day},a\n" for day in days(9)), "no numeric column",
            "--target"),
    refused("no such column", "--target sold", TABLE, "data.csv has no column 'sold' for --target",
            "the columns are 'ds' and 'y'", 19, code=2, target="sold"),
    refused("no such column", "--target Y", TABLE.replace("y", "yield"), "no column 'yeild'",
            "did you mean 'yield'?", 19,
            code=2, target="yeild"),
    refused("two targets", "either could be meant", "ds,a,b\n" + "".join(
        f"{day},{row},{row * 1e6}\n" for row, day in enumerate(days(9))), "'a' or 'b' could be the target",
        "--target a", code=2),
)  # fmt: skip
