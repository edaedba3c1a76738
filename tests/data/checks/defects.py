"""Tables with one defect each, of every kind that the doctor knows."""

from __future__ import annotations

import numpy as np

from tests.data.checks.case import Defect, changed, panel, sales, stamps, table, text

_ONE = table(day=stamps(120), sales=sales())
_TWO = panel({"north": sales(), "south": sales(seed=2)})
_FEW = np.where(np.arange(210) % 7 == 3, 4, 0)
_RARE = np.where(np.arange(1400) % 20 == 3, 4, 0)
_SPRING = [one for one in stamps(240, "h", "2024-03-27") if one != "2024-03-31 02:00"]
_SPRING_US = [one for one in stamps(240, "h", "2024-03-07") if one != "2024-03-10 02:00"]
_AUTUMN = stamps(240, "h", "2024-10-24")
_AUTUMN.insert(_AUTUMN.index("2024-10-27 03:00"), "2024-10-27 02:00")
_COUNTS = np.random.default_rng(3).poisson(9, 120)
_MOVED = sales() + np.where(np.arange(120) >= 70, 60, 0)

DEFECTS: tuple[Defect, ...] = (
    Defect(what="one step absent", content=text(_ONE[:30] + _ONE[31:]), check="missing", severity="note",
           series="sales", line=30, found="1 step of 120 missing", flags="--fill linear"),
    Defect(what="one step absent in one of two series", content=text(_TWO[:199] + _TWO[200:]), check="missing",
           severity="note", series="south", line=199, found="from 2022-03-20", flags="--fill linear"),
    Defect(what="empty cells", content=text(changed(_ONE, dict.fromkeys(range(40, 52), ""))), check="missing",
           severity="warning", series="sales", line=40, found="at most 12 on end", flags="--fill linear"),
    Defect(what="a gap longer than a fifth", content=text(_ONE[:40] + _ONE[80:]), check="reading", severity="error",
           found="33% of series 'sales' is missing", flags="--fill linear"),
    Defect(what="a timestamp twice", content=text([*_ONE[:50], ["2022-01-09", "3.5"], *_ONE[50:]]), check="reading",
           severity="error", line=51, found="1 duplicate timestamp", flags="--duplicates first"),
    Defect(what="timestamps twice in one of two series", content=text([*_TWO, *_TWO[200:203]]), check="reading",
           severity="error", line=242, found="of series 'south'", flags="--duplicates first"),
    Defect(what="dates in another form", content=text(changed(_ONE, {9: "08.01.2022", 90: "30.03.2022"}, 0)),
           check="mixed formats", severity="error", series="sales", line=9,
           found="'08.01.2022' is written in another form than '2022-01-01' in column 'day'; the same in line 90"),
    Defect(what="a date in another form in one of two series", content=text(changed(_TWO, {200: "Mar 20, 2022"}, 1)),
           check="mixed formats", severity="error", series="south", line=200, found="'Mar 20, 2022' is written in"),
    Defect(what="a date in a form that leaves day and month open",
           content=text(changed(_ONE, {9: "08/01/2022"}, 0)), check="mixed formats", severity="error", line=9,
           series="sales", found="'08/01/2022' is written in another form"),
    Defect(what="a word for a date", content=text(changed(_ONE, {9: "soon"}, 0)), check="cells", severity="error",
           line=9, series="sales", found="'soon' is not a timestamp"),
    Defect(what="numbers in another form",
           content=text(changed(_ONE, {9: "1,234.50", 20: "1.234,50"})), check="mixed formats", severity="error",
           line=9, series="sales", found="marks that do not agree"),
    Defect(what="words for numbers", content=text(changed(_TWO, {200: "closed", 12: "closed"})), check="cells",
           severity="error", line=12, series="north", found="the same in line 200", flags="--na closed"),
    Defect(what="several words for numbers", content=text(changed(_TWO, {200: "closed", 12: "n.k.", 90: "n.k."})),
           check="cells", severity="error", line=12, series="north",
           found="'n.k.' is not a number in column 'sales'; likewise 'n.k.' in line 90, 'closed' in line 200",
           flags="--na n.k.,closed"),
    Defect(what="a word in a wide table",
           content=text(changed(table(day=stamps(60), s1=sales(60), s2=sales(60, 2)), {7: "shut"}, 1)),
           check="cells", severity="error", line=7, series="s1", found="'shut'", flags="--na shut"),
    Defect(what="an id left out", content=text(changed(_TWO, {77: ""}, 0)), check="cells", severity="error", line=77,
           found="the series id is missing", series=""),
    Defect(what="a time between the steps", content=text(changed(table(hour=stamps(120, "h"), y=sales()),
           {60: "2022-01-03 10:07"}, 0)), check="off the grid", severity="error", line=60, series="y",
           found="does not stand on the hourly grid"),
    Defect(what="a row with too few cells", content=text(_TWO[:70]) + "north,2022-03-11\n" + text(_TWO[71:]),
           check="reading", severity="error", line=71, found="2 fields", flags="--on-short-row skip"),
    Defect(what="an hour missing when clocks go forward in Europe", content=text(table(
           hour=_SPRING, load=sales(239))), check="clock change", severity="note", series="load", line=99,
           found="no 2024-03-31 02:00", flags="--tz Europe/Berlin"),
    Defect(what="an hour missing when clocks go forward in America", content=text(table(
           hour=_SPRING_US, load=sales(239))), check="clock change", severity="note", series="load", line=75,
           found="no 2024-03-10 02:00", flags="--tz America/New_York"),
    Defect(what="an hour twice when clocks go back", content=text(table(hour=_AUTUMN, load=sales(241))),
           check="reading", severity="error", line=77, found="2024-10-27 02:00", flags="--tz Europe/Berlin"),
    Defect(what="a series that never changes", content=text(panel({"a": sales(), "b": np.full(120, 3.5)})),
           check="constant", severity="warning", series="b", line=122, found="always 3.5"),
    Defect(what="a series that is 0 on most days", content=text(table(day=stamps(210), sales=_FEW)),
           check="intermittent", severity="note", series="sales", line=2, found="86% of its values are 0",
           flags="--resample W --aggregate sum"),
    Defect(what="a series that is 0 in most weeks", content=text(table(day=stamps(1400), sales=_RARE)),
           check="intermittent", severity="note", series="sales", line=2, found="95% of its values are 0",
           flags="--resample MS --aggregate sum"),
    Defect(what="a series shorter than a window", content=text(_ONE[:9]), check="reading", severity="error",
           found="one window of horizon 7", flags="--horizon 5", settings={"horizon": 7}, fixed=False),
    Defect(what="a series too short to be tested", content=text(panel({"a": sales(), "b": sales(15)})),
           check="short", severity="warning", series="b", line=122, found="15 values for a horizon of 7",
           flags="--horizon 5", settings={"horizon": 7}),
    Defect(what="a series too short to be tested, left out", content=text(panel({"a": sales(), "b": sales(15)})),
           check="short", severity="warning", series="b", line=122, found="15 values",
           flags="--drop-short --min-rows 21", settings={"horizon": 7}),
    Defect(what="a value far outside", content=text(changed(_TWO, {200: "900"})), check="outliers", severity="note",
           series="south", line=200, found="the farthest 900 at 2022-03-20", flags="--outliers clip"),
    Defect(what="a number that stands for none", content=text(changed(_ONE, dict.fromkeys((9, 40, 77), "-999"))),
           check="outliers", severity="note", series="sales", line=9, found="3 values outside", flags="--na -999"),
    Defect(what="two numbers that stand for none", content=text(changed(_ONE, {9: "9999", 10: "9999", 40: "99.9",
           77: "99.9"})), check="outliers", severity="note", series="sales", line=9, found="4 values outside",
           flags="--na 99.9,9999"),
    Defect(what="a number that stands for none among counts", content=text(changed(
           table(day=stamps(120), sold=_COUNTS), {9: "-999", 40: "-999"})), check="negative", severity="warning",
           series="sold", line=9, found="2 negative values", flags="--na -999"),
    Defect(what="a level that jumps", content=text(table(day=stamps(120), sales=_MOVED)), check="level shift",
           severity="note", series="sales", line=72, found="from 2022-03-12 on"),
    Defect(what="negative values among counts", content=text(changed(table(day=stamps(120), sold=_COUNTS), {33: "-4"})),
           check="negative", severity="warning", series="sold", line=33, found="1 negative value among counts"),
    Defect(what="a covariate known ahead that is the target", content=text(table(
           day=stamps(120), sales=sales(), plan=sales() * 2 + 1)), check="leak", severity="warning", series="sales",
           line=2, found="covariate 'plan' follows the target of the same step", flags="--past plan",
           settings={"future": ("plan",), "target": "sales"}),
    Defect(what="a covariate that is the target of tomorrow", content=text(table(
           day=stamps(119), sales=sales()[:-1], after=sales()[1:])), check="leak", severity="warning",
           series="sales", line=2, found="follows the target of 1 step later",
           settings={"past": ("after",), "target": "sales"}),
    Defect(what="a covariate by its name that is the target", content=text(table(
           day=stamps(120), sales=sales(), promo=sales())), check="leak", severity="warning", series="sales",
           line=2, found="covariate 'promo'", flags="--no-covariates --target sales"),
    Defect(what="a series that stopped", content=text(panel({"a": sales(), "b": sales(60), "c": sales()})),
           check="stopped", severity="warning", series="b", line=181, found="ends 2022-03-01, 60 steps before"),
    Defect(what="a series of the future", content=text(table(day=stamps(120, "D", "2890-01-01"), y=sales())),
           check="future", severity="warning", series="y", line=121, found="still to come"),
    Defect(what="a frequency in doubt", content=text(_ONE[:5]), check="frequency", severity="warning",
           found="daily (D), 86.7% sure: ", flags="--freq D", settings={"horizon": 1}),
)  # fmt: skip
