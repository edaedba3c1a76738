"""What all tests share: a clean environment, no network, the sample data."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent

# A deadline would be an asserted time, and random examples would make two runs of one commit differ.
settings.register_profile("repository", deadline=None, derandomize=True)
settings.load_profile("repository")


def _refuse(*_: object) -> None:
    raise RuntimeError("tests must not use the network")


@pytest.fixture(scope="session", autouse=True)
def _isolated() -> Iterator[None]:
    """Keep the settings of the person who runs the tests out, and everything else in."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [*os.environ]:
            if name.startswith("TSFORECAST_") or name in {"NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES"}:
                patch.delenv(name)
        # Where a shell runs the tests in the background, their processes would pass Ctrl-C over as they do.
        if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        patch.setattr(socket.socket, "connect", _refuse)
        patch.setattr(socket.socket, "connect_ex", _refuse)
        yield


@pytest.fixture(scope="session")
def root() -> Path:
    """Folder of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def sample_data() -> Path:
    """Folder of the sample files."""
    return ROOT / "sample_data"
