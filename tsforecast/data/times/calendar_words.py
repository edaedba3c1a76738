"""Names of months and days of the week in the languages that tables are commonly written in.

No two of them disagree about what a name means, so a name alone says its number; the language of a column only
decides how the other names are written. Source: Unicode CLDR 46, the calendars of each language in full and
abbreviated, and what spreadsheets write.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

MONTHS: dict[str, tuple[str, ...]] = {
    "English": (
        "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
        "January February March April May June July August September October November December",
        "Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec",
    ),
    "German": (
        "Jan Feb Mär Apr Mai Jun Jul Aug Sep Okt Nov Dez",
        "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
        "Jan Feb März Apr Mai Juni Juli Aug Sept Okt Nov Dez",
        "Jan Feb Mrz Apr Mai Jun Jul Aug Sep Okt Nov Dez",
        "Jänner Februar März April Mai Juni Juli August September Oktober November Dezember",
    ),
    "French": (
        "janv févr mars avr mai juin juil août sept oct nov déc",
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    ),
    "Spanish": (
        "ene feb mar abr may jun jul ago sept oct nov dic",
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        "ene feb mar abr may jun jul ago sep oct nov dic",
    ),
    "Italian": (
        "gen feb mar apr mag giu lug ago set ott nov dic",
        "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    ),
    "Portuguese": (
        "jan fev mar abr mai jun jul ago set out nov dez",
        "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    ),
    "Dutch": (
        "jan feb mrt apr mei jun jul aug sep okt nov dec",
        "januari februari maart april mei juni juli augustus september oktober november december",
    ),
}
"""Ways to write the months, by language; the first is short and the second in full."""

WEEKDAYS: dict[str, tuple[str, ...]] = {
    "English": (
        "Mon Tue Wed Thu Fri Sat Sun",
        "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
        "Mon Tues Wed Thurs Fri Sat Sun",
    ),
    "German": (
        "Mo Di Mi Do Fr Sa So",
        "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag",
    ),
    "French": (
        "lun mar mer jeu ven sam dim",
        "lundi mardi mercredi jeudi vendredi samedi dimanche",
    ),
    "Spanish": (
        "lun mar mié jue vie sáb dom",
        "lunes martes miércoles jueves viernes sábado domingo",
    ),
    "Italian": (
        "lun mar mer gio ven sab dom",
        "lunedì martedì mercoledì giovedì venerdì sabato domenica",
    ),
    "Portuguese": (
        "seg ter qua qui sex sáb dom",
        "segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado domingo",
    ),
    "Dutch": (
        "ma di wo do vr za zo",
        "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag",
    ),
}
"""The same for the days of the week."""

LANGUAGES = tuple(MONTHS)
LETTERS = "A-Za-zÀ-ÖØ-öø-ž"
"""What names are made of, as a range of a regular expression."""


def month_number(name: str) -> int:
    """1 to 12 for the name of a month, with or without its dot and its accents, 0 for any other word."""
    return _numbers("months").get(_bare(name), 0)


def weekday_number(name: str) -> int:
    """1 to 7 for the name of a day, 1 is Monday, with or without its dot and its accents, 0 for any other word."""
    return _numbers("weekdays").get(_bare(name), 0)


def written_months(seen: Mapping[int, str]) -> tuple[str, ...]:
    """All months as a column writes them that shows some.

    Args:
        seen: Names by their number from 1, of which there is one at least.
    """
    return _completed(seen, _styles("months"))


def written_weekdays(seen: Mapping[int, str]) -> tuple[str, ...]:
    """All days from Monday on as a column writes them that shows some, by their number from 1."""
    return _completed(seen, _styles("weekdays"))


@dataclass(frozen=True, slots=True)
class _Style:
    """One way to write the names of a language.

    Attributes:
        names: All of them.
        full: The same without abbreviation.
        language: Whose they are.
    """

    names: tuple[str, ...]
    full: tuple[str, ...]
    language: str

    def likeness(self, seen: Mapping[int, str]) -> tuple[int, int, bool, int]:
        """How many names are these, with their accents, whether they are English, and how many have these capitals."""
        pairs = [(name.rstrip("."), self.names[number - 1]) for number, name in seen.items()]
        alike, same, equal = (
            sum(form(one) == form(other) for one, other in pairs) for form in (_bare, str.lower, str)
        )
        return alike, same, self.language == "English", equal


def _completed(seen: Mapping[int, str], styles: tuple[_Style, ...]) -> tuple[str, ...]:
    """Take the missing names from the way of writing that is most like those seen, in their case, with their dot."""
    style = max(styles, key=lambda one: one.likeness(seen))
    shown = list(seen.values())
    dotted = any(name.endswith(".") for name in shown)
    names = []
    for number, name in enumerate(style.names, start=1):
        dot = "." if dotted and name not in style.full else ""
        names.append(seen.get(number) or _in_case_of(shown, name) + dot)
    return tuple(names)


def _in_case_of(shown: list[str], name: str) -> str:
    if all(one.isupper() for one in shown):
        return name.upper()
    return name.lower() if all(one.islower() for one in shown) else name[0].upper() + name[1:]


@cache
def _styles(of: str) -> tuple[_Style, ...]:
    table = MONTHS if of == "months" else WEEKDAYS
    return tuple(
        _Style(tuple(names.split()), tuple(styles[1].split()), language)
        for language, styles in table.items()
        for names in styles
    )


@cache
def _numbers(of: str) -> dict[str, int]:
    return {_bare(name): number for style in _styles(of) for number, name in enumerate(style.names, start=1)}


def _bare(name: str) -> str:
    """Spell a name in small letters without dot and accents."""
    apart = unicodedata.normalize("NFKD", name.rstrip(".").lower())
    return "".join(char for char in apart if not unicodedata.combining(char))
