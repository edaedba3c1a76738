"""Tables as spreadsheets and offices hand them out: more than a header and rows, or their numbers dressed up."""

from __future__ import annotations

from collections.abc import Callable

from tests.data.odd.case import COUNTED, HUNDREDS, TABLE, column, halves, refused, stamps, understood
from tests.data.tables import days
from tsforecast.data.times.calendar_words import MONTHS

_ROWS = TABLE.removeprefix("ds,y\n")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MOIS = ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.")
_LOCAL = "Datum;Umsatz\n" + "".join(f"{day[8:]}.01.2024;{100 + row},0\n" for row, day in enumerate(days(14)))
_THOUSANDS = tuple(1000.0 + 137 * row for row in range(14))


def _grouped(mark: str, end: str = "") -> str:
    rows = zip(days(14), _THOUSANDS, strict=True)
    return "ds;y\n" + "".join(f"{day};{value:,.0f}{end}\n".replace(",", mark) for day, value in rows)


def _matrix(names: Callable[[int], str], width: int, rows: list[str]) -> str:
    header = ",".join(["when", *(names(place) for place in range(width))])
    cells = ",".join(str(100 + place) for place in range(width))
    return header + "\n" + "".join(f"{row},{cells}\n" for row in rows)


def _parts(header: str, months: list[str]) -> str:
    rows = enumerate(months * 2)
    return f"{header}\n" + "".join(f"{2020 + row // len(months)},{month},{row}.5\n" for row, month in rows)


REPORTS = (
    understood("export", "semicolons, decimal commas and dates with dots", _LOCAL, HUNDREDS),
    understood("export", "the separator in a line of its own", "sep=;\n" + _LOCAL, HUNDREDS),
    understood("export", "empty columns at the end", TABLE.replace("\n", ",,\n"), said="not used: 'c3' and 'c4'"),
    understood("export", "an empty column before", "".join(f",{line}\n" for line in TABLE.splitlines()), said="'c1'"),
    understood("export", "empty rows below", TABLE + ",\n,\n, \n", said="3 empty rows left out, the first is line 12"),
    refused("export", "a delimiter more in every row", "ds,y\n" + _ROWS.replace("\n", ",\n"),
            "data.csv:2: every row has 3 fields, the header names 2", "at the end of the rows"),
    refused("footer", "a total", TABLE + "Total,55\n", "data.csv:12:1: 'Total' is not", "a line of totals"),
    refused("footer", "a total without a word", TABLE + ",55\n", "data.csv:12:1: the timestamp is missing", "totals"),
    refused("footer", "a remark below an empty line", TABLE + "\nSource: the office\n",
            "data.csv:13:2: 1 field where the header has 2", "--on-short-row skip"),
    refused("footer", "totals in between", TABLE.replace(days(5)[4], f"Sum,10\n{days(5)[4]}"),
            "data.csv:6:1: 'Sum' is not a timestamp", "a line of totals"),
    refused("two headers", "in another language", "ds,y\nTag,Wert\n" + _ROWS, "data.csv:2:1: 'Tag' is not", "remarks"),
    refused("two headers", "units below the names", "ds,y\n,kWh\n" + _ROWS, "data.csv:2:1: the timestamp is missing",
            "totals or units"),
    refused("two headers", "units of both", "ds,y\n[-],[kWh]\n" + _ROWS, "data.csv:2:1: '[-]' is not", "remarks"),
    understood("thousands", "a space", _grouped(" "), _THOUSANDS, "a space between thousands", 9),
    understood("thousands", "a narrow space and a sign", _grouped("\u202f", " €"), _THOUSANDS, "the sign '€'", 9),
    understood("thousands", "an apostrophe", _grouped("'"), _THOUSANDS, "''' between thousands", 9),
    understood("numbers", "in brackets where negative", column("{:.0f}").replace(",103\n", ",(103)\n"),
               (100, 101, 102, -103, *HUNDREDS[4:]), "'(103)' as a negative one"),
    refused("numbers", "with their unit", column("{:.0f} kWh"), "data.csv:2:2: '100 kWh' is not a number"),
    refused("numbers", "in groups of two", column('"1,2{:.0f},500"'), "data.csv:2:2: '1,2100,500' is not"),
    refused("matrix", "a row per year, a column per month", _matrix(lambda place: _MONTHS[place], 12,
            [str(year) for year in range(2000, 2020)]), "look like the months of one series", "--layout wide", code=2),
    refused("matrix", "a row per year, a column per month in French", _matrix(lambda place: _MOIS[place], 12,
            [str(year) for year in range(2000, 2020)]), "look like the months of one series", "--layout wide", code=2),
    refused("matrix", "a row per year, a column per quarter", _matrix(lambda place: f"Q{place + 1}", 4,
            [str(year) for year in range(2000, 2020)]), "the quarters of one series", "one row per quarter", code=2),
    refused("matrix", "a row per day, a column per hour", _matrix(lambda place: f"H{place + 1}", 24, days(20)),
            "columns 'H1' to 'H24' look like the hours", "one row per hour", code=2),
    refused("matrix", "a row per shop, a column per month and year", "shop,Jan-24,Feb-24,Mar-24\na,1,2,3\nb,4,5,6\n",
            "columns 'Jan-24' to 'Mar-24' are times, one column for each", "one row per series and time"),
    refused("matrix", "a row per item, a column per step", "id,item,d_1,d_2,d_3\na,1,0,1,2\nb,2,1,1,0\n",
            "columns 'd_1' to 'd_3' are steps, one column for each", "one row per series and time"),
    understood("station", "its number beside the values", "STN,day,T\n" + "".join(
        f"  260,{day},{row}.5\n" for row, day in enumerate(days(12))), halves(12), "1 column not used: 'STN'"),
    understood("station", "numbers of receipts and shops", "id,date,store_nbr,sold\n" + "".join(
        f"{1000 + row},{day},{1 + row % 3},{row}.5\n" for row, day in enumerate(days(12))), halves(12),
               "2 columns not used: 'id' and 'store_nbr'"),
    understood("station", "its number without a header", "".join(
        f"260,{day},{row}.5\n" for row, day in enumerate(days(12))), halves(12), "1 column not used: 'c1'"),
    refused("magnitude", "a letter for millions", "day,volume\n" + "".join(
        f"{day},{row}.2M\n" for row, day in enumerate(days(12))),
            "data.csv:2:2: '0.2M' is not a number", "write the zeros out", target="volume"),
    understood("parts of time", "a year and the name of a month", _parts("Year,Month,y", list(_MONTHS)), halves(24),
               "read together as the time"),
    understood("parts of time", "a year and a quarter with its letter", _parts("Year,Quarter,y",
               ["Q1", "Q2", "Q3", "Q4"]), halves(8), "read together as the time"),
    understood("parts of time", "a year and a month in German, by name", _parts("Jahr,Monat,y",
               MONTHS["German"][1].split()), halves(24), "'Jahr' and 'Monat' were read together", time="Jahr,Monat"),
    understood("parts of time", "a year and a period", _parts("Year,Period,y", [f"M{m:02d}" for m in range(1, 13)]),
               halves(24), "'Year' and 'Period' were read together"),
    refused("parts of time", "the mean of a year among periods", _parts("Year,Period,y",
            [f"M{m:02d}" for m in range(1, 14)]), "data.csv:14:2: 'M13' in column 'Period' is no month", "mean of the"),
    refused("parts of time", "by names that say nothing", _parts("Jahr,x,y", ["1", "2", "3", "4"]),
            "columns 'Jahr' and 'x' make no time together", "by their names", code=2, time="Jahr,x"),
    understood("days of a spreadsheet", "whole ones", "date,y\n" + "".join(f"{45292 + row},{row}.5\n" for row in
               range(12)), halves(12), "45292 is 2024-01-01: write dates"),
    refused("days of a spreadsheet", "with their hours", "date,y\n" + "".join(f"{45292 + row / 24:.6f},{row}\n" for row
            in range(12)), "data.csv:2:1: '45292.000000' is not a timestamp"),
    understood("half of the day", "AM and PM", stamps(*(f"01/13/2024 {hour or 12}:00 {half}" for half in ("AM", "PM")
               for hour in range(12))), halves(24)),
    refused("half of the day", "a.m. and p.m.", stamps(*(f"01/13/2024 {hour or 12}:00 a.m." for hour in range(12))),
            "data.csv:2:1: '01/13/2024 12:00 a.m.' is not a timestamp"),
    understood("month names", "German", stamps("1. Januar 2024", "1. Februar 2024", "1. März 2024"), halves(3)),
    understood("month names", "German, three letters", stamps("Feb 2024", "Mär 2024", "Apr 2024"), halves(3)),
    understood("month names", "French", stamps("1 janvier 2024", "1 février 2024", "1 mars 2024"), halves(3)),
    understood("month names", "French, as spreadsheets have it", stamps("nov.-23", "déc.-23", "janv.-24"), halves(3)),
    understood("month names", "Spanish", stamps("1 de enero de 2024", "2 de enero de 2024"), halves(2)),
    understood("month names", "Portuguese", stamps("jan/2024", "fev/2024", "mar/2024"), halves(3)),
    refused("month names", "Russian", stamps("1 янв 2024", "2 янв 2024", "3 янв 2024"),
            "data.csv:2:1: '1 янв 2024' is not", "named in English"),
    understood("month names", "beside a year of two digits", stamps("30-Jan-24", "31-Jan-24", "01-Feb-24"), halves(3)),
    refused("month names", "between numbers of which either may be the year", stamps("24-Jan-01", "24-Jan-02",
            "24-Jan-03"), "the first or the last of three", "--day-first", code=2),
    understood("month names", "Jan-24, over the end of a year", stamps("Nov-23", "Dec-23", "Jan-24", "Feb-24"),
               halves(4)),
    understood("month names", "Jan-96, which is no day", stamps("Jan-96", "Feb-96", "Mar-96"), halves(3)),
    refused("month names", "Jan-24, a month or a day", stamps("Jan-24", "Feb-24", "Mar-24"),
            "data.csv:2:1: 'Jan-24' may be a month with its year, or a day without one", "four digits"),
    understood("month names", "Italian, some of which are words in English", stamps("ago 23", "set 23", "ott 23",
               "nov 23", "dic 23", "gen 24"), halves(6)),
    understood("month names", "things that are called like them", "day,machine,y\n" + "".join(
               f"{day},{name} 1{row % 2},{row // 2}.5\n" for name in ("Set", "Out") for row, day in enumerate(
               sorted(2 * days(9)))), [number + 0.5 for _ in range(4) for number in range(9)]),
    understood("order of columns", "a covariate that says yes and no", "ds,open,y\n" + "".join(
               f"{day},{'yes' if row % 2 else 'no'},{row + 1}\n" for row, day in enumerate(days(10))), COUNTED,
               "not used: 'open'"),
)  # fmt: skip
