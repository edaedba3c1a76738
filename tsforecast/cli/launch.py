"""From the words of the process to its exit code. Whatever happens inside, nobody sees a traceback."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

from tsforecast.cli.errors_out import Reporter, Terminated
from tsforecast.cli.streams import (
    drop_stdout,
    flush_stdout,
    prepare_streams,
    write_stderr,
    write_stdout,
)
from tsforecast.errors import AccessError

VERSIONED = ("numpy", "onnxruntime", "torch")


def launch(arguments: list[str]) -> int:
    """Run the command line and return its exit code."""
    reporter = Reporter(as_json=_asks_for_json(_before_dashes(arguments)))
    try:
        prepare_streams()
        _listen_for_termination(reporter)
        code = _dispatch(arguments, reporter)
        flush_stdout()
    except BaseException as error:
        code = reporter.report(error)
        _give_up_output()
    return _log(reporter, code)


def _asks_for_json(words: list[str]) -> bool:
    """Whether an error before the settings are known is to be an object: by a flag, or by the variable."""
    if "--json" in words or "--no-json" in words:
        return "--no-json" not in words
    said = os.environ.get("TSFORECAST_JSON")
    if not said:
        return False
    from tsforecast.cli.options import TRUE

    return said.lower() in TRUE


def _log(reporter: Reporter, code: int) -> int:
    """Add the run to the log; a log that cannot be written makes a good run a failed one."""
    try:
        reporter.record.write(code)
    except AccessError as error:
        told = reporter.report(error)
        return code or told
    return code


def _dispatch(arguments: list[str], reporter: Reporter) -> int:
    options = _before_dashes(arguments)
    first = arguments[0] if arguments else ""
    if first in ("--version", "-V"):
        write_stdout(versions())
        return 0
    if {"-h", "--help"} & set(options):
        _help(options)
        return 0
    if not arguments:
        _short_help()
        return 2
    _run(first, arguments[1:], reporter)
    return 0


def _short_help() -> None:
    from tsforecast.cli.help import plain, program_page

    write_stderr(plain(program_page()))


def _run(name: str, words: list[str], reporter: Reporter) -> None:
    from tsforecast.cli.registry import PURPOSES

    if name not in PURPOSES:
        from tsforecast.cli.errors_out import unknown

        raise unknown(
            "option" if name.startswith("-") else "command", name, [*PURPOSES, "--help", "--version"]
        )
    from tsforecast.cli.running import run_command

    _hush_warnings()
    run_command(name, words, reporter)


def _help(options: list[str]) -> None:
    from tsforecast.cli.help import show_help
    from tsforecast.cli.registry import PURPOSES

    show_help(next((word for word in options if word in PURPOSES), None))


def versions() -> str:
    """Name the versions of tsforecast, Python and the libraries that make the numbers, importing none."""
    from importlib.metadata import PackageNotFoundError, version

    from tsforecast import __version__

    lines = [f"tsforecast {__version__}", f"python {sys.version.split()[0]}"]
    for name in VERSIONED:
        try:
            lines.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            lines.append(f"{name} is not installed")
    return "\n".join(lines) + "\n"


def _before_dashes(arguments: list[str]) -> list[str]:
    """Words that may be options: those before ``--``."""
    return arguments[: arguments.index("--")] if "--" in arguments else arguments


def _hush_warnings() -> None:
    """Keep warnings of libraries out of cron mails, unless Python was told to show them."""
    if not sys.warnoptions:
        import warnings

        warnings.simplefilter("ignore")


def _listen_for_termination(reporter: Reporter) -> None:
    """Let SIGTERM and SIGHUP unwind like Ctrl-C, so that temporary files go; who had them ignored is obeyed."""
    import signal

    def stop(number: int, _: object) -> None:
        reporter.terminated = 128 + number
        raise Terminated

    with suppress(ValueError):  # not the main thread: the host of this call handles its own signals
        for name in ("SIGTERM", "SIGHUP"):  # Windows has no SIGHUP
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, stop)


def _give_up_output() -> None:
    """Flush what is left, quietly: the run has failed already and has said why."""
    try:
        flush_stdout()
    except (OSError, ValueError):
        drop_stdout()
