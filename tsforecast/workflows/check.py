"""Check: look a table over without training anything, and mend it by request."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tsforecast.config import CheckSettings
from tsforecast.errors import DataError

if TYPE_CHECKING:
    from tsforecast.data.checks.finding import Finding
    from tsforecast.data.checks.reading_on import Look
    from tsforecast.data.panel import Panel, Schema
    from tsforecast.data.times.timeline import Inference


_OF_CLOCKS = "seasons follow the clocks on walls, which show this hour twice; it is learned from as one step"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """What was found in a table.

    Attributes:
        source: What messages call it.
        description: What it holds, in one line; empty where it cannot be understood.
        findings: The gravest first.
        fixed: The mended file, None where none was asked for.
        mended: Flags that give ``fit`` the table as it was mended.
        done: What else was mended for that file, in words; no flag of ``fit`` does it.
        repairs: Rows, values or series that were mended for it, by the name of the repair.
        repaired: The same in words.
        left: What ``check`` finds in that file.
        panel: The series as they were read, None where the table cannot be understood.
        guess: Their frequency, how sure it is and why.
    """

    source: str
    description: str
    findings: tuple[Finding, ...]
    fixed: Path | None = None
    mended: tuple[str, ...] = ()
    done: tuple[str, ...] = ()
    repairs: dict[str, int] = field(default_factory=dict)
    repaired: tuple[str, ...] = ()
    left: tuple[Finding, ...] = ()
    panel: Panel | None = None
    guess: Inference | None = None

    @property
    def refused(self) -> bool:
        """Whether fit would refuse the table."""
        return any(one.severity == "error" for one in self.findings)

    def to_json(self) -> dict[str, Any]:
        """Plain values, in the order of the fields but for the series."""
        guess = self.guess
        return {
            "source": self.source,
            "description": self.description,
            "frequency": guess and guess.frequency.alias,
            "frequency_confidence": guess and guess.confidence,
            "frequency_reason": guess and guess.reason,
            "refused": self.refused,
            "findings": [one.to_json() for one in self.findings],
            "fixed": None if self.fixed is None else str(self.fixed),
            "mended": list(self.mended),
            "done": list(self.done),
            "repairs": self.repairs,
            "left": [one.to_json() for one in self.left],
        }


def check(
    data: Any, fix: str | Path | None = None, *, settings: CheckSettings, given: Collection[str] = ()
) -> CheckResult:
    """Find what is wrong with a table, and write a mended one.

    Args:
        data: Path, list of paths, ``"-"`` for standard input, or a pandas DataFrame.
        fix: File for the mended table.
        settings: How the table is read and mended.
        given: Names of those that the user has chosen: no table is mended against them.

    Raises:
        AccessError: The table cannot be read, or the mended one not be written.
        UsageError: The settings contradict each other.
        DataError: A mended table was asked for, and what is wrong cannot be mended.
    """
    from tsforecast.data.checks.finding import SEVERITIES
    from tsforecast.data.checks.reading_on import as_finding, look_at
    from tsforecast.data.rows.merging import check_resampling
    from tsforecast.data.sources.databases import database_kind
    from tsforecast.data.sources.frames import check_source, is_data_frame
    from tsforecast.data.sources.paths import STDIN, name_of, several_paths
    from tsforecast.data.sources.streams import hold

    check_resampling(settings)
    if not is_data_frame(data):
        check_source(data)
    try:
        several = not is_data_frame(data) and bool(several_paths(data))
        if isinstance(data, list | tuple) and not several:
            data = data[0]
        # A pipe can be read only once, so it is held; several files are read again.
        again = is_data_frame(data) or several or bool(database_kind(data))
        source = data if again else hold(data)
    except DataError as error:
        name = "stdin" if str(data) == STDIN else name_of(data)
        return _refusal(name, [as_finding(error)], error if fix else None)
    name = "DataFrame" if is_data_frame(data) else name_of(data) if again else source.name
    look = look_at(source, settings)
    if look.placed is None:
        last = look.findings[-1]
        told = DataError(last.found, hint=last.mend, file=last.file, line=last.line)
        return _refusal(name, look.findings, told if fix else None)
    panel = look.placed.panel()
    findings = look.findings + _remarks(look, panel, settings)
    findings.sort(key=lambda one: SEVERITIES.index(one.severity))
    result = CheckResult(
        source=name,
        description=look.placed.describe(panel),
        findings=tuple(findings),
        panel=panel,
        guess=look.placed.guess,
    )
    if fix is None:
        return result
    _refuse_against(given, settings, look)
    return _fixed(result, look, settings, Path(fix))


def _refusal(name: str, findings: list[Finding], error: DataError | None) -> CheckResult:
    if error is not None:
        raise error
    return CheckResult(source=name, description="", findings=tuple(findings))


def _remarks(look: Look, panel: Panel, settings: CheckSettings) -> list[Finding]:
    """Collect findings in a table that could be put on a grid, with the repairs that were asked for."""
    from tsforecast.data.checks.finding import Examined, Finding
    from tsforecast.data.checks.reading_on import as_finding
    from tsforecast.data.checks.registry import find, with_lines
    from tsforecast.data.rows.gridding import describe_problems, late_starts, open_ends
    from tsforecast.data.rows.repair import enough_rows, repair_panel
    from tsforecast.training.geometry import check_length

    placed = look.placed
    assert placed is not None
    horizon = settings.horizon or panel.frequency.default_horizon
    found: list[Finding] = []
    mended, _, repaired = repair_panel(panel, settings)
    try:
        describe_problems(placed.grid)
        mended, dropped = enough_rows(mended, settings)
        check_length(mended, horizon)
        repaired += dropped
    except DataError as error:
        found.append(as_finding(error))
    for note in (*placed.notes(), *late_starts(placed.grid), *open_ends(placed.grid), *repaired):
        own = note.check == "reading"
        if look.settings is not settings and note in placed.grid.seen.notes and not note.warning and own:
            continue  # tells of a mending that only this look needed
        found.append(
            Finding(
                check=note.check,
                severity="warning" if note.warning else "note",
                row=note.row,
                found=note.text,
                meaning="this was decided while reading; see whether it is right" if own else _OF_CLOCKS,
                mend="" if own or not panel.schema.time_format.has_offset else "--tz UTC keeps every row",
            )
        )
    return with_lines(found, placed.table) + find(Examined(placed=placed, panel=mended, horizon=horizon))


def _fixed(result: CheckResult, look: Look, settings: CheckSettings, path: Path) -> CheckResult:
    """Write the mended table, unless fit would refuse that one, too.

    Raises:
        DataError: It would.
    """
    from tsforecast.data.checks.finding import Finding
    from tsforecast.data.files import write_atomically
    from tsforecast.data.output.tidy import to_csv
    from tsforecast.data.rows.repair import mend_panel, repairs_in_words
    from tsforecast.data.sources.source import RawSource

    assert result.panel is not None
    assert look.placed is not None
    mended, repairs, _ = mend_panel(result.panel, look.settings)
    counts = {**look.placed.table.repairs, **look.placed.grid.seen.repairs, **repairs.counts}
    if mended.schema.time_format.has_offset:
        counts.pop("clock_joined", None)  # the file keeps these rows
    content = to_csv(mended, look.placed.grid)
    roles = _roles(mended.schema, settings)
    again = _checked(RawSource(str(path), content, content), roles)
    left = tuple(one for one in again if isinstance(one, Finding))
    refused = next((one for one in left if one.severity == "error"), None)
    if refused is not None:
        raise DataError(f"what is wrong cannot be mended: {refused.found}", hint=refused.mend)
    write_atomically(path, content)
    return replace(
        result,
        fixed=path,
        mended=tuple(f"{_flag(name)} {getattr(look.settings, name)}" for name in _changed(look)),
        done=tuple(look.done),
        repairs=counts,
        repaired=repairs_in_words(counts, asdict(look.settings)),
        left=left,
    )


def _checked(source: Any, settings: CheckSettings) -> list[Finding]:
    from tsforecast.data.checks.reading_on import look_at

    look = look_at(source, settings)
    return look.findings + (_remarks(look, look.placed.panel(), settings) if look.placed else [])


def _roles(schema: Schema, settings: CheckSettings) -> CheckSettings:
    """Give settings that read the mended table: what its columns mean, and nothing of how the old one was written."""
    from tsforecast.data.series_ids import in_quotes

    return CheckSettings(
        time=schema.time,
        id=schema.id,
        target=in_quotes(schema.targets) if schema.is_paired else schema.target,
        target_type=settings.target_type,
        event=settings.event,
        layout=schema.layout,
        past=schema.past,
        future=schema.future,
        static=schema.static,
        no_covariates=True,
        horizon=settings.horizon,
        freq=settings.freq,
        tz=settings.tz,
        day_first=schema.time_format.day_first is True,
        month_first=schema.time_format.day_first is False,
    )


def _refuse_against(given: Collection[str], settings: CheckSettings, look: Look) -> None:
    """Refuse to mend what the user has said is an error.

    Raises:
        DataError: It would have to be mended.
    """
    for name in (one for one in _changed(look) if one in given):
        flag, why = _flag(name), look.needed[name]
        raise DataError(
            f"{why.found}; {flag} {getattr(settings, name)} says not to mend it",
            hint=f"leave {flag} out, or choose what it makes of them",
            file=why.file,
            line=why.line,
        )


def _changed(look: Look) -> list[str]:
    """Names of settings that had to be others than given."""
    changed: list[str] = [name for name in ("on_short_row", "duplicates", "fill") if name in look.needed]
    repairs = look.placed.grid.seen.repairs if look.placed is not None else {}
    if "merged" not in repairs and "duplicates" in changed:
        changed.remove("duplicates")  # tried on the way to what was needed
    return changed


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"
