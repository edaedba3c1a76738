"""Files whose numbers are amounts: with the sign of a currency, or as bookkeepers write them."""

from __future__ import annotations

from collections.abc import Sequence

from tests.data.odd.case import HUNDREDS, Odd, column, refused, understood
from tests.data.tables import days

_THOUSANDS = tuple(1000 + one for one in HUNDREDS)
_NEGATIVE = tuple(-one for one in HUNDREDS)
_SIGNED = (100.0, -101.0, *HUNDREDS[2:])
_SIGNS = ("kr", "kr.", "zł", "Kč", "Ft", "lei", "лв.", "₺", "TL", "₴", "ZAR", "XOF", "円")
_BEFORE = ("R$", "A$", "HK$", "NT$", "US$", "Rp", "RM", "Rs.", "S/", "Fr.", "AUD", "₦")


def _with(cell: str, form: str = "{:.0f}") -> str:
    """Amounts of which the second is written in another way."""
    return column(form).replace(form.format(101), cell)


def _beside(name: str, cells: Sequence[str]) -> str:
    """Amounts beside a column whose cells take turns."""
    rows = zip(days(len(HUNDREDS)), HUNDREDS, strict=True)
    return f"ds,{name},y\n" + "".join(f"{day},{cells[row % 2]},{y}\n" for row, (day, y) in enumerate(rows))


AMOUNTS: tuple[Odd, ...] = (
    understood("currency", "euro before", column("€{:.1f}"), HUNDREDS, "the sign '€'", 26),
    understood("currency", "code after", column("{:.2f} EUR"), HUNDREDS, "the sign 'EUR'", 26),
    understood("currency", "negative dollars", column("-${:.1f}"), _NEGATIVE, "the sign '$'", 26),
    understood("currency", "dollars and thousands", column('"$1,{:.2f}"'), _THOUSANDS, "'$'", 26),
    *(understood("currency", f"{sign} after", column("{:.2f} " + sign), HUNDREDS, f"the sign '{sign}'", 26)
      for sign in _SIGNS),
    *(understood("currency", f"{sign} before", column(sign + " {:.2f}"), HUNDREDS, f"the sign '{sign}'", 26)
      for sign in _BEFORE),
    understood("currency", "with a point and without", _with("101 kr.", "{:.0f} kr"), HUNDREDS, "'kr'", 26),
    understood("currency", "far from its number", column("$     {:.2f}"), HUNDREDS, "the sign '$'", 26),
    understood("currency", "behind a space without a break", column("1\u202f{:.0f}\u00a0zł"), _THOUSANDS, "'zł'", 26),
    refused("currency", "two of them", column("€{:.0f}").replace("€105", "$105"),
            "data.csv:7:2: '$105' has the sign '$', '€100' has the sign '€'", "the same currency in every cell", 26),
    refused("currency", "in one cell alone", column("{:.0f}").replace("105\n", "105 kr\n"),
            "data.csv:7:2: '105 kr' has the sign 'kr', '100' has no sign", "in every cell or in none", 26),
    refused("currency", "in all cells but one", column("CHF {:.0f}").replace("CHF 105", "105"),
            "data.csv:7:2: '105' has no sign, 'CHF 100' has the sign 'CHF'", "in every cell or in none", 26),
    refused("currency", "a text among them", column("{:.2f} EUR").replace("105.00 EUR", "none yet"),
            "'none yet' is not a number", "--na 'none yet'", 26),
    refused("currency", "a text with its sign among them", column("{:.2f} €").replace("105.00 €", "k.A. €"),
            "data.csv:7:2: 'k.A. €' is not a number", "--na 'k.A. €' reads it", 26),
    understood("currency", "the same by request", column("{:.2f} €").replace("100.00 €", "k.A. €"), HUNDREDS[1:],
               "the sign '€'", 26, na=("k.A. €",)),
    refused("currency", "or a name", "ds,y\n" + "".join(f"2024-01-{day:02},RM{day}\n" for day in range(1, 15)),
            "data.csv:2:2: 'RM1' may be a name", "write a space", 26, target="y"),
    understood("percent", "close", column("{:.1f}%"), HUNDREDS, "12% is 12", 26),
    understood("percent", "apart", column("{:.1f} %"), HUNDREDS, "12% is 12", 26),
    refused("percent", "in some cells", column("{:.0f}%").replace("105%", "105"),
            "'105' has no sign, '100%' has the sign '%'", "every cell", 26),
    understood("minus", "after the number", _with("101-"), _SIGNED, "'101-' as a negative one"),
    understood("minus", "after the sign", _with("101 €-", "{:.0f} €"), _SIGNED, "'101 €-' as a negative one"),
    understood("minus", "brackets of accountants", _with("(101)"), _SIGNED, "'(101)' as a negative one"),
    understood("minus", "a currency in the brackets", _with("($101)", "${:.0f}"), _SIGNED, "'($101)' as a negative"),
    understood("minus", "a currency before the brackets", _with("$ (101)", "$ {:.0f}"), _SIGNED, "'$ (101)' as a"),
    understood("minus", "a currency after the brackets", _with("(101) kr", "{:.0f} kr"), _SIGNED, "'(101) kr' as a"),
    understood("minus", "percent in the brackets", _with("(101%)", "{:.0f}%"), _SIGNED, "'(101%)' as a negative"),
    refused("minus", "twice", _with("(-101)"), "data.csv:3:2: '(-101)' is not a number"),
    refused("minus", "or a price without cents", _with("101.-"), "data.csv:3:2: '101.-' is not a number"),
    refused("minus", "credit and debit", _with("101 CR"), "data.csv:3:2: '101 CR' ends in 'CR', and whether debit",
            "write a minus before"),
    understood("minus", "debit and credit in a column", _beside("side", "SH"), HUNDREDS,
               "column 'side' tells 'S' and 'H' apart, and amounts were read without it: write a minus"),
    understood("unit", "two of them in a column", _beside("unit", ["Wh", "kWh"]), HUNDREDS,
               "column 'unit' has 'Wh' and 'kWh' within one series"),
)  # fmt: skip
