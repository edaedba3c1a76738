"""Check: look a table over without training anything, and mend it by request."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tsforecast.config import CheckSettings
from tsforecast.errors import DataError, ForecastError, UsageError

if TYPE_CHECKING:
    from tsforecast.data.checks.finding import Finding
    from tsforecast.data.panel import Panel
    from tsforecast.data.reading import Placed


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """What was found in a table.

    Attributes:
        source: What messages call it.
        description: What it holds, in one line; empty where it cannot be understood.
        findings: The gravest first.
        fixed: The mended file, None where none was asked for.
        mended: Flags that give ``fit`` the table as it was mended.
        panel: The series as they were read, None where the table cannot be understood.
    """

    source: str
    description: str
    findings: tuple[Finding, ...]
    fixed: Path | None = None
    mended: tuple[str, ...] = ()
    panel: Panel | None = None

    @property
    def refused(self) -> bool:
        """Whether fit would refuse the table."""
        return any(one.severity == "error" for one in self.findings)

    def to_json(self) -> dict[str, Any]:
        """Plain values, in the order of the fields but for the series."""
        return {
            "source": self.source,
            "description": self.description,
            "refused": self.refused,
            "findings": [one.to_json() for one in self.findings],
            "fixed": None if self.fixed is None else str(self.fixed),
            "mended": list(self.mended),
        }


def check(data: Any, fix: str | Path | None = None, *, settings: CheckSettings) -> CheckResult:
    """Find what is wrong with a table, and write a mended one.

    Args:
        data: Path, list of paths, ``"-"`` for standard input, or a pandas DataFrame.
        fix: File for the mended table.
        settings: How the table is read and mended.

    Raises:
        AccessError: The table cannot be read, or the mended one not be written.
        DataError: A mended table was asked for, and what is wrong cannot be mended.
    """
    from tsforecast.data.checks.finding import SEVERITIES
    from tsforecast.data.databases import database_kind
    from tsforecast.data.paths import name_of, several_paths
    from tsforecast.data.sources import load_source
    from tsforecast.data.tables import check_source, is_data_frame

    if not is_data_frame(data):
        check_source(data)
    try:
        # A pipe can be read only once, so its bytes are kept; several files are read again.
        again = is_data_frame(data) or bool(several_paths(data)) or bool(database_kind(data))
        source = data if again else load_source(data[0] if isinstance(data, list | tuple) else data)
    except DataError as error:
        return _refusal(name_of(data), [_finding(error)], error if fix else None)
    name = "DataFrame" if is_data_frame(data) else name_of(data) if again else source.name
    findings, placed, mending = _read(source, settings)
    if placed is None:
        return _refusal(
            name, findings, DataError(findings[-1].found, hint=findings[-1].mend) if fix else None
        )
    panel = placed.panel()
    findings += _remarks(placed, panel, settings, as_given=mending is settings)
    findings.sort(key=lambda one: SEVERITIES.index(one.severity))
    if fix is not None:
        _write(panel, mending, Path(fix))
    return CheckResult(
        source=name,
        description=placed.describe(panel),
        findings=tuple(findings),
        fixed=None if fix is None else Path(fix),
        mended=() if fix is None else _mends(settings, mending),
        panel=panel,
    )


def _refusal(name: str, findings: list[Finding], error: DataError | None) -> CheckResult:
    if error is not None:
        raise error
    return CheckResult(source=name, description="", findings=tuple(findings))


def _read(source: Any, settings: CheckSettings) -> tuple[list[Finding], Placed | None, CheckSettings]:
    """Read a table as it is; where that is refused, say why, mend it and go on looking."""
    from tsforecast.data.reading import place_table

    findings: list[Finding] = []
    for mending in _attempts(settings):
        try:
            return findings, place_table(source, mending), mending
        except (DataError, UsageError) as error:
            finding = _finding(error)
            if finding not in findings:
                findings.append(finding)
    return findings, None, settings


def _attempts(settings: CheckSettings) -> list[CheckSettings]:
    """List the settings as given, then with what is needed to get past duplicates and gaps."""
    single = replace(settings, duplicates="first") if settings.duplicates == "error" else settings
    whole = (
        replace(single, fill="ffill" if settings.of_classes else "linear")
        if settings.fill == "none"
        else single
    )
    return [settings, single, whole]


def _finding(error: ForecastError) -> Finding:
    from tsforecast.data.checks.finding import Finding

    return Finding(
        check="reading",
        severity="error",
        line=getattr(error, "line", None),
        file=getattr(error, "file", ""),
        found=error.message,
        meaning="fit refuses the table",
        mend=error.hint,
    )


def _remarks(placed: Placed, panel: Panel, settings: CheckSettings, *, as_given: bool) -> list[Finding]:
    """Collect findings in a table that could be put on a grid, mended or as given."""
    from tsforecast.data.checks.finding import Examined, Finding
    from tsforecast.data.checks.registry import find
    from tsforecast.data.gridding import describe_problems
    from tsforecast.data.reading import enough_rows
    from tsforecast.training.geometry import check_length

    horizon = settings.horizon or panel.frequency.default_horizon
    found = []
    try:
        describe_problems(placed.grid)
        check_length(enough_rows(panel, settings)[0], horizon)
    except DataError as error:
        found.append(_finding(error))
    for note in placed.notes():
        if not as_given and note in placed.grid.seen.notes and not note.warning:
            continue  # tells of a mending that only this look needed
        found.append(
            Finding(
                check="reading",
                severity="warning" if note.warning else "note",
                found=note.text,
                meaning="this was decided while reading; see whether it is right",
            )
        )
    return found + find(Examined(placed=placed, panel=panel, horizon=horizon))


def _mends(settings: CheckSettings, mending: CheckSettings) -> tuple[str, ...]:
    """Name the flags beyond those given."""
    changed = [name for name in ("duplicates", "fill") if getattr(settings, name) != getattr(mending, name)]
    return tuple(f"--{name} {getattr(mending, name)}" for name in changed)


def _write(panel: Panel, settings: CheckSettings, path: Path) -> None:
    from tsforecast.data.files import write_atomically
    from tsforecast.data.reading import enough_rows
    from tsforecast.data.repair import repair_panel
    from tsforecast.data.tidy import to_csv

    mended, _, _ = repair_panel(panel, settings)
    write_atomically(path, to_csv(enough_rows(mended, settings)[0]))
