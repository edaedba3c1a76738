"""Options that only the command line has: where output goes, how much is said, which config file counts."""

from __future__ import annotations

from dataclasses import dataclass

from tsforecast.config.setting import Settings, setting

FORMATS = ("csv", "json", "jsonl", "parquet")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigSwitches(Settings):
    """Where settings come from."""

    config: str | None = setting(
        None, about="Read this config file instead of the nearest tsforecast.toml.", kind="path"
    )
    no_config: bool = setting(False, about="Read no config file.")
    print_config: bool = setting(
        False, about="Print the merged settings and where each comes from, then stop."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Switches(ConfigSwitches):
    """What every command can be told."""

    json: bool = setting(False, about="Print one machine-readable JSON object.")
    verbose: bool = setting(False, about="Say what happens, also where stderr is not a terminal.")
    quiet: bool = setting(False, about="Say nothing but errors.")
    log: str | None = setting(
        None,
        about="Add one line of JSON about this run to a file: times, exit code, rows, warnings.",
        kind="path",
    )
    timeout: float | None = setting(
        None,
        about="Stop after this time with exit code 124; nothing is written then.",
        low=0.01,
        kind="duration",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FitSwitches(Switches):
    """Where the model goes."""

    output: str | None = setting(
        None, about="Model folder; DATA's name with .tsf in the current folder if not given.", kind="path"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSwitches(Switches):
    """Where the mended table and the picture go."""

    fix: str | None = setting(None, about="Write the mended table to this CSV file.", kind="path")
    plot: str | None = setting(
        None,
        about="Also draw what was read: an .svg, .png or .html file, or - for the terminal.",
        kind="path",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictSwitches(Switches):
    """Where the forecast table goes."""

    output: str | None = setting(None, about="Write to this file; standard output if not given.", kind="path")
    append: str | None = setting(
        None,
        about="Add to this CSV or JSON lines file the rows it does not hold yet, by series, timestamp and cutoff.",
        kind="path",
    )
    plot: str | None = setting(
        None, about="Also draw the forecast: a .png, .svg or .html file, or - for the terminal.", kind="path"
    )
    spreadsheet_safe: bool = setting(
        False, about="In CSV, put an apostrophe before names that a spreadsheet would run as formulas."
    )
    format: str | None = setting(
        None, about="Form of the table; by the name of the output file, else csv.", choices=FORMATS
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluateSwitches(Switches):
    """Where the forecasts of the backtest go."""

    forecasts: str | None = setting(
        None, about="Also write every forecast of the backtest to this file.", kind="path"
    )
    spreadsheet_safe: bool = setting(
        False, about="In CSV, put an apostrophe before names that a spreadsheet would run as formulas."
    )
    report: str | None = setting(
        None, about="Also write a page with pictures and scores to this HTML file.", kind="path"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportSwitches(Switches):
    """Where the ONNX file goes."""

    output: str | None = setting(
        None, about="ONNX file to write, its name ending in .onnx; this or --bundle.", kind="path"
    )
    bundle: str | None = setting(
        None,
        about="Folder to write instead: the file, a runner in Python, test vectors, a model card, checksums.",
        kind="path",
    )
