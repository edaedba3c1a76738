"""The command line: the only room that knows typer and rich.

Nothing heavy is imported here, so that ``--version`` and ``--help`` answer at once.
"""

from __future__ import annotations

from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    Args:
        arguments: Words after the program's name; those of the process if not given.
    """
    import sys

    try:
        from tsforecast.cli.launch import launch
    except KeyboardInterrupt:  # Ctrl-C before the part that reports it is there
        return 130

    return launch(sys.argv[1:] if arguments is None else list(arguments))
