"""Files whose timestamps are odd."""

from __future__ import annotations

from tests.data.odd.case import NAN, TABLE, Odd, column, halves, refused, stamps, understood, with_day
from tests.data.tables import daily, days

SUMMER = [f"2024-03-31T{hour:02d}:00+{1 if hour < 2 else 2:02d}:00" for hour in (0, 1, 3, 4, 5, 6, 7)]
WINTER = [
    "2024-10-27T00:00+02:00",
    "2024-10-27T01:00+02:00",
    "2024-10-27T02:00+02:00",
    "2024-10-27T02:00+01:00",
    "2024-10-27T03:00+01:00",
    "2024-10-27T04:00+01:00",
]
_JOINED = (0.5, 1.5, 3.0, 4.5, 5.5)
_BERLIN = (0.5, 1.5, NAN, 2.5, 3.5, 4.5, 5.5, 6.5)
_SPRING = "2024-02-29", "2024-03-31", "2024-04-30", "2024-05-31"
_HOURS = [f"2024-01-{1 + step // 24:02d}" for step in range(48)]
_STEPS = tuple(float(step) for step in range(48))
_BOTH_FIT = stamps("01/02/2024", "02/02/2024", "03/02/2024")
_EPOCH = 1_704_067_200

TIMES: tuple[Odd, ...] = (
    understood("ISO 8601", "with seconds and Z", stamps(*(f"2024-01-01T0{h}:00:00Z" for h in range(9))), halves(9)),
    understood("ISO 8601", "with a constant offset", stamps(*(f"2024-01-01 0{h}:00+05:30" for h in range(9))),
               halves(9)),
    understood("ISO 8601", "with fractions", stamps(*(f"2024-01-01 00:00:0{s}.250" for s in range(9))), halves(9)),
    understood("local form", "day first with points", stamps("30.01.2024", "31.01.2024", "01.02.2024"), halves(3)),
    understood("local form", "month first with two digits of the year", stamps(*(f"1/{d}/24" for d in range(10, 20))),
               halves(10)),
    understood("local form", "afternoon", stamps(*(f"01/15/2024 0{h}:00 PM" for h in range(1, 9))), halves(8)),
    understood("local form", "as browsers write it", stamps(*(
               f'"1/31/2024, {hour}:00:00\u202fPM"' for hour in range(1, 9))), halves(8)),
    understood("day or month", "told by request, day", _BOTH_FIT, halves(3), number=37, day_first=True),
    understood("day or month", "told by request, month", _BOTH_FIT, halves(3), number=37, month_first=True),
    understood("day or month", "told by one row of many", stamps("11/02/2024", "12/02/2024", "13/02/2024"), halves(3),
               number=37),
    refused("day or month", "both fit", _BOTH_FIT, "day and month cannot be told apart", "--day-first", 37, code=2),
    refused("day or month", "two requests", _BOTH_FIT, "contradict each other", "one of them", code=2, day_first=True,
            month_first=True),
    understood("month", "2024-01", stamps("2024-01", "2024-02", "2024-03"), halves(3)),
    understood("month", "Jan 2024", stamps("Jan 2024", "Feb 2024", "Mar 2024"), halves(3)),
    understood("month", "its last day", stamps(*_SPRING), halves(4)),
    understood("month", "in French", stamps("1 janv. 2024", "2 janv. 2024", "3 janv. 2024"), halves(3)),
    understood("day of the week", "before a date", stamps("Sat 01 Jan 2011", "Sun 02 Jan 2011", "Mon 03 Jan 2011"),
               halves(3)),
    understood("day of the week", "written in full, with commas", stamps('"Saturday, January 1, 2011"',
               '"Sunday, January 2, 2011"', '"Monday, January 3, 2011"'), halves(3)),
    understood("day of the week", "with a clock, as mails have it", stamps(*(f'"Mon, 03 Jan 2011 1{hour}:00:00 +0000"'
               for hour in range(9))), halves(9)),
    understood("day of the week", "in German, beside semicolons", "Tag;y\n" + "".join(
               f"{name}, 0{row + 1}.01.2024;{row},5\n" for row, name in enumerate(("Mo", "Di", "Mi", "Do", "Fr"))),
               halves(5)),
    understood("day of the week", "that tells day and month apart", stamps("Mon 01/04/2024", "Wed 01/05/2024",
               "Sat 01/06/2024"), halves(3)),
    refused("day of the week", "not that of its date", stamps("Sat 01 Jan 2011", "Sun 02 Jan 2011", "Tue 03 Jan 2011"),
            "data.csv:4:1: 'Tue 03 Jan 2011' names another day of the week: 2011-01-03 is a Monday", "mend the date"),
    refused("day of the week", "no such word", stamps("Xyz 01 Jan 2011", "Xyz 02 Jan 2011"),
            "data.csv:2:1: 'Xyz 01 Jan 2011' is not a timestamp"),
    understood("quarter", "2024Q1", stamps("2024Q1", "2024Q2", "2024Q3"), halves(3)),
    understood("week", "2024-W51", stamps("2024-W51", "2024-W52", "2025-W01", "2025-W02"), halves(4)),
    refused("whole numbers", "DDMM, which are no steps", stamps(*(f"{d[8:]}{d[5:7]}" for d in days(40))),
            "follow no regular frequency", "if the whole numbers are dates without a year (DDMM), write them as 2024-"),
    understood("whole numbers", "DDMM of one month", stamps(*(f"{d[8:]}{d[5:7]}" for d in days(28))), halves(28),
               "taken for plain steps; if they are dates without a year (DDMM)"),
    understood("whole numbers", "a year and a day of it", stamps(*(f"{2024000 + d}" for d in range(1, 21))), halves(20),
               "if they are a year and a day of it (YYYYJJJ)"),
    understood("seconds since 1970", "milliseconds, from 1971 on", stamps(*(str(31536000000 + d * 86400000) for d in
               range(9))), halves(9), "read as milliseconds since 1970 in UTC"),
    refused("week", "53 in a year of 52", stamps("2024-W51", "2024-W52", "2024-W53"), "data.csv:4:1: '2024-W53'",
            "2024-W05"),
    understood("year", "in a column of that name", stamps("1990", "1991", "1992", header="year,y"), halves(3),
               "were read as years"),
    understood("year", "0001", TABLE.replace("2024-", "0001-"), number=40),
    refused("year", "one that is 0204 instead of 2024", daily(30).replace("2024-01-20", "0204-01-20"),
            "data.csv:21:1: '0204-01-20' lies far from all other timestamps, the nearest is '2024-01-01'", "leave its",
            40),
    refused("year", "one that is 2204 instead of 2024", daily(30).replace("2024-01-30", "2204-01-30"),
            "data.csv:31:1: '2204-01-30' lies far from all other timestamps, the nearest is '2024-01-29'", number=40),
    refused("year", "9999", with_day("9999-01-04"), "data.csv:5:1: '9999-01-04' is not a timestamp", "", 40),
    understood("year", "two digits, far ahead", stamps("29-Oct-68", "30-Oct-68", "31-Oct-68"), halves(3),
               "so '31-Oct-68' is 2068-10-31; write years with four digits"),
    refused("year", "two digits, from 69 to 70", stamps("30-Dec-69", "31-Dec-69", "01-Jan-70", "02-Jan-70"),
            "data.csv:4:1: '01-Jan-70' follows '31-Dec-69', but years of two digits mean 1970 to 2069", "four digits"),
    understood("year", "two digits, over 1999", stamps("30-Dec-99", "31-Dec-99", "01-Jan-00"), halves(3)),
    refused("year", "none, and no day", stamps("Jan", "Feb", "Mar"), "data.csv:2:1: 'Jan' is a month without a year",
            "--time YEAR,MONTH"),
    refused("year", "none, and a name that says nothing", stamps("Jan", "Feb", "Mar", header="col,y"),
            "column 'col' holds months without a year, the first is 'Jan'", "Jan 2024"),
    refused("year", "none", stamps("01-02", "01-03", "01-04"), "data.csv:2:1: '01-02' is a date without a year",
            "2024-01-31"),
    refused("year", "a thousand too late", daily(10) + "2924-01-01,\n", "the longest gap is 2024-01-11 to", "--freq",
            40, freq="D"),
    refused("no such moment", "30 February", with_day("2024-02-30"), "data.csv:5:1: '2024-02-30' is not", "", 40),
    refused("no such moment", "29 February of 2023", with_day("2023-02-29"), "data.csv:5:1: '2023-02-29' is not", "",
            40),
    understood("hour 24", "the midnight after", stamps(*(f"2024-01-{d:02d} 24:00" for d in range(1, 6))), halves(5),
               number=40),
    refused("no such moment", "hour 25", with_day("2024-01-04 25:00"), "data.csv:5:1: '2024-01-04 25:00' is", "", 40),
    refused("no such moment", "a leap second", stamps(*(f"2016-12-31T23:59:{s}" for s in (57, 58, 59, 60))),
            "data.csv:5:1: '2016-12-31T23:59:60' is not a timestamp"),
    refused("no timestamp", "a word in the column", with_day("soon"), "data.csv:5:1: 'soon' is not a timestamp",
            "2024"),
    refused("no timestamp", "written like no other", with_day("04.01.2024"),
            "data.csv:5:1: '04.01.2024' is written in another form than '2024-01-01'", "in the form of '2024-01-01'"),
    refused("no timestamp", "in the first row", TABLE.replace(days(1)[0], "soon"), "data.csv:2:1: 'soon' is not"),
    refused("no timestamp", "an empty cell", with_day(""), "data.csv:5:1: the timestamp is missing", "every row"),
    refused("no timestamp", "a zone by letters", stamps("2024-01-01 00:00 CET", "2024-01-01 01:00 CET"),
            "data.csv:2:1: '2024-01-01 00:00 CET' is not"),
    refused("no timestamp", "a clock without a date", stamps("00:00", "01:00", "02:00"),
            "data.csv:2:1: '00:00' is not"),
    refused("no time column", "names and numbers", "name,y\na,1.5\nb,7.25\nc,3\n", "no column looks like timestamps",
            "--time"),
    refused("two time columns", "either could be meant", "date1,date2,y\n" + "".join(
        f"{one},{other},{row}\n" for row, (one, other) in enumerate(zip(days(9), days(9, 30), strict=True))),
        "'date1' or 'date2' could be the time column", "--time date1", code=2),
    *(understood("seconds since 1970", unit, stamps(*(str((_EPOCH + 86400 * d) * scale) for d in range(9))), halves(9),
                 f"read as {unit} since 1970 in UTC", 38)
      for unit, scale in (("seconds", 1), ("milliseconds", 10**3), ("microseconds", 10**6), ("nanoseconds", 10**9))),
    understood("seconds since 1970", "with a fraction", stamps(*(f"{_EPOCH + 86400 * d}.0" for d in range(9))),
               halves(9), "read as seconds since 1970 in UTC", 38),
    understood("seconds since 1970", "with a fraction of some", stamps(*(
        f"{_EPOCH + 86400 * d}{'.25' * (d % 2)}" for d in range(9))), halves(9), "9 rows became 9 daily ones", 38,
        resample="D", aggregate="last"),
    refused("seconds since 1970", "or years and a half", stamps("1949.5", "1950.5", "1951.5"),
            "data.csv:2:1: '1949.5' is not a timestamp"),
    understood("whole numbers", "steps", stamps(*map(str, range(9)), header="t,y"), halves(9), number=39),
    understood("whole numbers", "YYYYMMDD", stamps(*(day.replace("-", "") for day in days(9))), halves(9),
               "days (YYYYMMDD)"),
    understood("whole numbers", "YYYYMMDDHH, in a column of any name", stamps(*(
               f"202401{1 + row // 24:02d}{row % 24:02d}" for row in range(48)), header="MESS,y"), halves(48),
               "hours (YYYYMMDDHH)"),
    understood("whole numbers", "YYYYMMDDHHMM", stamps(*(f"2024013123{minute:02d}" for minute in range(50, 60))),
               halves(10), "minutes (YYYYMMDDHHMM)"),
    understood("whole numbers", "YYYYMMDDHHMMSS", stamps(*(f"20240131235{second:03d}" for second in range(900, 960))),
               halves(60), "seconds (YYYYMMDDHHMMSS)"),
    understood("two columns", "date and hour", "date,hour,y\n" + "".join(
        f"{day},{step % 24},{step}\n" for step, day in enumerate(_HOURS)), _STEPS, "read together as the time"),
    understood("two columns", "date and clock", "date,time,y\n" + "".join(
        f"{day},{step % 24:02d}:00,{step}\n" for step, day in enumerate(_HOURS)), _STEPS, "read together as the time"),
    understood("two columns", "date, start and end of the hour", "Datum,von,bis,kW\n" + "".join(
        f"{day},{step % 24:02d}:00,{(step + 1) % 24:02d}:00,{step}\n" for step, day in enumerate(_HOURS)), _STEPS,
               "'Datum' and 'von' were read together as the time"),
    understood("two columns", "date and clock of twelve hours", "DATE,START TIME,USAGE\n" + "".join(
        f"{day},{step % 12 or 12}:00 {'ap'[step % 24 // 12]}m,{step}\n" for step, day in enumerate(_HOURS)), _STEPS,
               "'DATE' and 'START TIME' were read together as the time"),
    refused("two columns", "with a line of totals", "Datum,von,kW\n" + "".join(
        f"{day},{step % 24:02d}:00,{step}\n" for step, day in enumerate(_HOURS)) + "Summe,,1128\n",
            "data.csv:50:1: 'Summe' is not a timestamp in column 'Datum'", "a line of totals"),
    refused("two columns", "with a day that is none", "Datum,von,kW\n,,kW\n" + "".join(
        f"{day.replace('-02', '-32')},{step % 24:02d}:00,{step}\n" for step, day in enumerate(_HOURS)),
            "data.csv:27:1: '2024-01-32' is not a timestamp"),
    understood("two columns", "a date without separators, hours from 1 to 24", "YYYYMMDD,HH,T\n" + "".join(
        f"{day.replace('-', '')},{step % 24 + 1},{step}\n" for step, day in enumerate(_HOURS)), _STEPS,
               "'YYYYMMDD' and 'HH' were read together as the time"),
    understood("two columns", "a clock without colons", "<DATE>,<TIME>,T\n" + "".join(
        f"{day.replace('-', '')},{step % 24}00,{step}\n" for step, day in enumerate(_HOURS)), _STEPS,
               "'<DATE>' and '<TIME>' were read together as the time"),
    understood("two columns", "a clock with points", "Date;Time;CO\n" + "".join(
        f"{day};{step % 24:02d}.00.00;{step}\n" for step, day in enumerate(_HOURS)), _STEPS,
               "'Date' and 'Time' were read together as the time"),
    understood("two columns", "year, month, day and hour", "year,month,day,hour,y\n" + "".join(
        f"{day.replace('-', ',')},{step % 24},{step}\n" for step, day in enumerate(_HOURS)), _STEPS,
               "'date' and 'hour' were read together as the time"),
    understood("range of time", "dates and clocks", "MTU;Load\n" + "".join(
        f"{day} {step % 24:02d}:00 - {day} {step % 24:02d}:59;{step}\n" for step, day in enumerate(_HOURS)), _STEPS,
               "ranges of time; each was read as its start"),
    understood("range of time", "as ISO 8601 writes it", "period,y\n" + "".join(
        f"{day}T{step % 24:02d}:00Z/{day}T{step % 24:02d}:59Z,{step}\n" for step, day in enumerate(_HOURS)), _STEPS,
               "ranges of time; each was read as its start"),
    understood("range of time", "clocks beside dates", "Day;MTU;Load\n" + "".join(
        f"{day};{step % 24:02d}:00 - {step % 24:02d}:59;{step}\n" for step, day in enumerate(_HOURS)), _STEPS,
               "'Day' and 'MTU' were read together as the time"),
    refused("range of time", "one that is none", "MTU;Load\n" + "".join(
        f"{day} {step % 24:02d}:00 - {day} {step % 24:02d}:59;{step}\n" for step, day in enumerate(_HOURS[:-1]))
        + "2024-01-02 23:00 - soon;1\n", "data.csv:49:1: '2024-01-02 23:00 - soon' is not a timestamp"),
    understood("two columns", "by name", "day,stunde,y\n" + "".join(
        f"{day},{step % 24},{step}\n" for step, day in enumerate(_HOURS)), _STEPS, "read together as the time",
        time="day,stunde", target="y"),
    understood("two columns", "year and month", "year,month,y\n" + "".join(
        f"{2020 + step // 12},{step % 12 + 1},{step}\n" for step in range(30)), _STEPS[:30], "called 'date'"),
    refused("two columns", "that make no time", column("{:.1f}"), "make no time together", "", code=2, time="ds,y"),
    understood("clocks", "forward, with offsets", stamps(*SUMMER), _BERLIN, "Europe/Berlin", 36),
    understood("clocks", "forward, by the zone", stamps(*(text[:16] for text in SUMMER)), _BERLIN, "", 36,
               tz="Europe/Berlin"),
    understood("clocks", "back, with offsets", stamps(*WINTER), _JOINED, "joined by their mean", 36),
    understood("clocks", "back, by the zone", stamps(*(text[:16] for text in WINTER)), _JOINED,
               "Europe/Paris went back", 36, tz="Europe/Paris"),
    refused("clocks", "offsets that no zone has", stamps("2024-01-01T00:00Z", "2024-01-01T02:00+01:00"),
            "offset from UTC changes", "--tz", 35),
    refused("clocks", "some offsets missing", stamps("2024-01-01T00:00Z", "2024-01-01T01:00", "2024-01-01T02:00"),
            "offset from UTC changes", "--tz", 35),
    refused("clocks", "a zone nobody has", TABLE, "unknown time zone", "", 36, code=2, tz="Europe/Nowhere"),
    understood("order", "newest first", "ds,y\n" + "".join(f"{day},{11 - row}\n" for row, day in enumerate(
        reversed(days(10)), 1)), said="not in the order of time and have been sorted", number=31),
    refused("duplicate", "one timestamp twice", TABLE + f"{days(4)[3]},9\n",
            "data.csv:12:1: 1 duplicate timestamp, the first is 2024-01-04 of series 'y': line 5 and 12",
            "--duplicates", 32),
    refused("duplicate", "seven of them", TABLE + "".join(f"{day},9\n" for day in days(7)),
            "line 5 and 15, line 6 and 16 and 2 more", "--duplicates", 32),
    understood("duplicate", "one, the last counts", TABLE + f"{days(4)[3]},9\n", (1, 2, 3, 9, 5, 6, 7, 8, 9, 10),
               "", 32, duplicates="last"),
    understood("gap", "one step", TABLE.replace(f"{days(4)[3]},4\n", ""), (1, 2, 3, NAN, 5, 6, 7, 8, 9, 10),
               "missing", 33),
    understood("gap", "one step, filled by request", TABLE.replace(f"{days(4)[3]},4\n", ""), number=33, fill="linear"),
    refused("gap", "longer than a fifth", stamps(*days(10), *days(10, start=20)),
            "the longest gap is 2024-01-11 to 2024-01-19", "--fill", 33),
    refused("irregular", "no frequency fits", stamps("2024-01-01", "2024-01-03", "2024-01-10", "2024-02-01",
            "2024-02-02", "2024-03-09"), "the timestamps follow no regular frequency",
            "--resample MS --aggregate mean", 34),
    understood("irregular", "made regular by request", stamps("2024-01-01 01:00", "2024-01-01 09:30",
               "2024-01-02 03:10",
               "2024-01-03 04:00"), (1.0, 2.5, 3.5), "", 34, resample="D"),
    refused("irregular", "one time between the steps", stamps(*(
        f"2024-01-{1 + h // 24:02d} {h % 24:02d}:{7 if h == 50 else 0:02d}" for h in range(96))),
        "data.csv:52:1:", "", 34),
    refused("frequency", "by a name nobody has", TABLE, "unknown frequency", "", code=2, resample="fortnight"),
    understood("ahead", "years to come", TABLE.replace("2024-", "2924-"), number=41),
)  # fmt: skip
