"""The command line: the only room that knows typer and rich.

Nothing heavy is imported here, so that ``--version`` and ``--help`` answer at once.
"""

from __future__ import annotations

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Sequence

INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    Args:
        arguments: Words after the program's name; those of the process if not given.
    """
    import sys

    try:
        from tsforecast.cli.launch import launch

        code = launch(sys.argv[1:] if arguments is None else list(arguments))
    except KeyboardInterrupt:  # Ctrl-C before the part that reports it is there, or once more while it does
        code = INTERRUPTED
    if arguments is None:
        _let_signals_end_it()
    if code == INTERRUPTED:
        # Python ends by the signal, not with this code, where Ctrl-C met any exec of text, as dataclasses run some.
        exec("")  # noqa: S102 - which makes it forget that
    return code


def _let_signals_end_it() -> None:
    """Leave what comes after the run, while torch unloads for instance, to the system: no traceback from there."""
    import signal

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and callable(signal.getsignal(number)):
            signal.signal(number, signal.SIG_DFL)
