"""All odd files, by the part of reading that they try."""

from __future__ import annotations

from tests.data.odd.amounts import AMOUNTS
from tests.data.odd.case import Odd
from tests.data.odd.numbers import NUMBERS
from tests.data.odd.reports import REPORTS
from tests.data.odd.series import SERIES
from tests.data.odd.texts import TEXTS
from tests.data.odd.times import TIMES

ODD: dict[str, tuple[Odd, ...]] = {
    "Text and header": TEXTS,
    "Numbers": NUMBERS,
    "Amounts": AMOUNTS,
    "Time": TIMES,
    "Series and containers": SERIES,
    "Reports and spreadsheets": REPORTS,
}
