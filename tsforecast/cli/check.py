"""``tsforecast check``: the doctor for tables."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tsforecast.cli.command import Argument, Command, Request
from tsforecast.cli.help import wrap
from tsforecast.cli.paths import STANDARD, check_csv, refuse_overwriting
from tsforecast.cli.pictures import check_picture, save_picture
from tsforecast.cli.registry import PURPOSES
from tsforecast.cli.streams import open_stdout, printable, to_json, write_stderr, write_stdout
from tsforecast.cli.switches import CheckSwitches
from tsforecast.cli.voice import INDENT, broken, columns
from tsforecast.config import CheckSettings
from tsforecast.data.words import quoted
from tsforecast.errors import DataError

if TYPE_CHECKING:
    from tsforecast.data.checks.finding import Finding
    from tsforecast.data.panel import Panel
    from tsforecast.workflows.check import CheckResult

WIDTH = 100


def run(request: Request[CheckSettings, CheckSwitches]) -> None:
    """Check a table; the findings go to stdout.

    Raises:
        DataError: Fit would refuse the table.
    """
    from tsforecast.workflows.check import check

    data, fix, plot = request.table("data"), request.switches.fix, request.switches.plot
    request.record.data = request.told("data")
    refuse_overwriting(fix, request.arguments["data"], "--fix")
    check_csv(fix, "--fix")
    check_picture(plot, "--plot")
    refuse_overwriting(plot, request.arguments["data"], "--plot")
    refuse_overwriting(plot, [fix], "--plot")
    open_stdout()
    result = check(data, fix, settings=request.settings, given=request.given)
    if request.switches.json:
        write_stdout(to_json({"schema": "tsforecast.check/1", **result.to_json()}))
    else:
        write_stdout(report(result))
    if plot is not None and result.panel is not None:
        _draw(result, result.panel, plot)
    if result.fixed is not None:
        said = f" with {' '.join(result.mended)}" if result.mended else ""
        request.voice.say(f"mended{said}: {result.fixed}")
        for step in (*result.repaired, *result.done):
            request.voice.insist(f"mended: {step}")
        checks = dict.fromkeys(f"{one.check} ({one.severity})" for one in result.left)
        if checks:
            request.voice.say(f"left in {result.fixed}: {', '.join(checks)}")
    elif result.refused:
        number = sum(one.severity == "error" for one in result.findings)
        what = "one finding" if number == 1 else f"{number} findings"
        raise DataError(
            f"fit would refuse {result.source}: {what} of severity error",
            hint="the findings name the flags; --fix OUT.csv writes a mended table where that is possible",
        )


def _draw(result: CheckResult, panel: Panel, place: str) -> None:
    """Draw to a file, or on the terminal; there the findings have standard output for themselves."""
    from tsforecast.workflows.table_plot import table_in_terminal, table_page, table_svg

    if place == STANDARD:
        write_stderr(table_in_terminal(panel))
        return
    save_picture(place, table_svg(panel), table_page(panel, result.description))


def report(result: CheckResult) -> str:
    """Write the findings for people: where, what, what it means, what mends it."""
    lines = [broken(printable(result.description), sys.stdout)] if result.description else []
    if result.guess is not None:
        lines.append(broken(printable(f"frequency: {result.guess.words}"), sys.stdout))
    for finding in result.findings:
        found = printable(_place(result, finding) + finding.found)
        lines += ["", broken(f"{finding.severity}: {found}", sys.stdout)]
        lines += [INDENT + line for line in _meaning(printable(f"means: {finding.meaning}"))]
        if finding.mend:
            # A line break within a command would be pasted with it, so that only the terminal may wrap this.
            lines.append(INDENT + printable(f"mend: {finding.mend}"))
    if not result.findings:
        lines += ["", "nothing to complain about"]
    return "\n".join(lines).lstrip("\n") + "\n"


def _meaning(text: str) -> list[str]:
    """Break a sentence for a terminal; a file or a program gets it on one line."""
    terminal = columns(sys.stdout)
    return [text] if terminal is None else wrap(text, min(WIDTH, terminal - len(INDENT)))


def _place(result: CheckResult, finding: Finding) -> str:
    line = f"{finding.file or result.source}:{finding.line}: " if finding.line is not None else ""
    series = f"series {quoted(finding.series)}: " if finding.series is not None else ""
    return line + series


COMMAND = Command(
    name="check",
    purpose=PURPOSES["check"],
    arguments=(
        Argument(
            "data",
            "Table to look over: CSV or JSON lines (also compressed), Parquet or Arrow; "
            "several files, or a quoted pattern, are one table; - is standard input.",
            many=True,
        ),
    ),
    settings=CheckSettings,
    switches=CheckSwitches,
    examples=(
        "tsforecast check sales.csv",
        "tsforecast check sales.csv --horizon 14 --json",
        "tsforecast check sales.csv --plot sales.html",
        "tsforecast check sales.csv --duplicates sum --fill seasonal --fix mended.csv",
    ),
    run=run,
)
