"""Public holidays of a country as a dated table."""

from __future__ import annotations

from difflib import get_close_matches

import numpy as np
from numpy.typing import NDArray

from tsforecast.data.words import quoted
from tsforecast.errors import UsageError

Ints = NDArray[np.int64]


def holiday_days(place: str, first_year: int, last_year: int) -> Ints:
    """Days on which a country, or a part of it, has a public holiday.

    Args:
        place: Code of the country by ISO 3166, and of the part where only that counts: ``DE``, ``DE-BY``.
        first_year: First year of the table.
        last_year: Last year of the table, included.

    Returns:
        Days since 1970-01-01, ascending (days,).

    Raises:
        UsageError: There is no calendar of that name.
    """
    import holidays

    country, _, part = place.strip().upper().partition("-")
    known = holidays.list_supported_countries(include_aliases=True)
    if country not in known:
        raise _unknown(country, sorted(known), f"no calendar of holidays is called {quoted(place)}")
    parts = {name.upper(): name for name in known[country]}
    if part and part not in parts:
        raise _unknown(part, [*parts], f"the holidays of {country} know no part {quoted(part)}")
    days = holidays.country_holidays(country, subdiv=parts.get(part), years=range(first_year, last_year + 1))
    # Holidays observed at New Year may belong to a neighbouring year.
    dates = [day for day in days if first_year <= day.year <= last_year]
    return np.unique(np.array(dates, dtype="datetime64[D]").astype(np.int64))


def _unknown(name: str, names: list[str], problem: str) -> UsageError:
    near = get_close_matches(name, names, n=3, cutoff=0.5)
    if near:
        return UsageError(problem, hint=f"did you mean {', '.join(near)}?")
    return UsageError(
        problem, hint="give the code of a country, such as DE, US or GB, or of a part, such as DE-BY"
    )
