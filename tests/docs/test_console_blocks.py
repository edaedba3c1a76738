"""The examples of README and docs print what they show."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.docs.blocks import masked, steps

if sys.platform == "win32":
    pytest.skip("examples are shown on a POSIX terminal", allow_module_level=True)

from tests.docs import console
from tests.docs.screen import Screen

PAGE = """Text.

```console
$ printf 'loss 0.25\\n'; test -t 1 && echo terminal
loss 0.31
terminal
$ python -c \\
    'print("caf\\u00e9")'
café
```

```python
print(1 + 1)
```

```text
2
```
"""


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """Write a page whose examples hold."""
    path = tmp_path / "page.md"
    path.write_text(PAGE, encoding="utf-8")
    return path


@pytest.mark.parametrize("path", console.PAGES, ids=lambda path: path.name)
def test_documented_examples_print_what_they_show(path: Path) -> None:
    """What a reader copies from the documentation does what the documentation says."""
    assert console.differences(path, console.outputs(path, console.FEW_STEPS)) == ""


def test_console_blocks_run_on_a_terminal_and_scores_are_masked(page: Path) -> None:
    """The comparison sees what a person sees, and a score may differ."""
    assert console.differences(page, console.outputs(page, None)) == ""


def test_console_blocks_report_every_other_difference(page: Path) -> None:
    """A word that changed is found and named with its line."""
    page.write_text(PAGE.replace("\nterminal", "\nprinter").replace("\n2\n", "\n3\n"), encoding="utf-8")

    report = console.differences(page, console.outputs(page, None))

    assert "page.md:4:" in report
    assert "-printer\n+terminal" in report
    assert "-3\n+2" in report


def test_rewriting_replaces_outputs_and_nothing_else(page: Path) -> None:
    """The text around the outputs stays as it was written."""
    page.write_text(PAGE.replace("\nterminal", "").replace("\n2\n", "\n"), encoding="utf-8")

    text = console.rewritten(page.read_text(encoding="utf-8"), console.outputs(page, None))

    assert text == PAGE.replace("0.31", "0.25")


def test_rewriting_refuses_a_failure_that_nobody_means_to_show(page: Path) -> None:
    """A traceback never gets into the documentation."""
    page.write_text(PAGE.replace("print(1 + 1)", "print(1 / 0)"), encoding="utf-8")

    with pytest.raises(ValueError, match="ZeroDivisionError"):
        console.rewritten(page.read_text(encoding="utf-8"), console.outputs(page, None))


def test_steps_know_the_line_of_their_command() -> None:
    """A report that names a wrong line sends the reader astray."""
    assert [step.line for step in steps(PAGE)] == [4, 7, 12]


@pytest.mark.parametrize(
    ("drawn", "seen"),
    [
        ("10 %\r100 %\r\n", "100 %"),
        ("working\n\x1b[1A\x1b[2K\rdone\n", "done"),
        ("\x1b[?25l\x1b[1;31merror:\x1b[0m no\x1b[?25h", "error: no"),
        ("abc\rX\x1b[K", "X"),
        ("one\ntwo\nthree\x1b[2A\r\x1b[Jend", "end"),
    ],
)
def test_screen_shows_what_remains(drawn: str, seen: str) -> None:
    """Progress that was erased and colours are not part of an example."""
    screen = Screen()
    screen.write(drawn)

    assert screen.text() == seen


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("mase   0.71  ", "mase 12.5"),
        ("2024-01-01,3.5,-1e-07", "2024-01-01,9.25,2.5e-09"),
        ("parity 4e-07 in 12 s", "parity 9.1e-08 in 3 s"),
        ("62 % last week", "7 % last week"),
        ("The network has 40 % of the forecast: it is worse.\nmodel: m.tsf", "model: m.tsf"),
        ("model  0.71  1205  -", "model 12 8.5e-05 -"),
        ("Horizon 24; 3 x 4000 steps in 51.0 s.", "Horizon 24; 1 x 30 steps in 0.9 s."),
        ('"horizon": 24, "steps": 30', '"horizon": 24, "steps": 4000'),
    ],
)
def test_masks_cover_scores_times_and_widths(one: str, other: str) -> None:
    """Two honest runs count as equal."""
    assert masked(one) == masked(other)


@pytest.mark.parametrize(
    ("one", "other"), [("24 steps", "48 steps"), ("2024-01-01", "2024-01-02"), ("q0.1", "p0.1")]
)
def test_masks_keep_everything_else(one: str, other: str) -> None:
    """A different horizon, date or column is a difference."""
    assert masked(one) != masked(other)
