"""The card of a bundle says what the model is, and its code runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import tsforecast
from tests.workflows.test_bundle import covariates
from tsforecast.artifacts import load_artifact
from tsforecast.config import ExportSettings
from tsforecast.exporters.model_card import write_card
from tsforecast.exporters.snippets import SNIPPETS
from tsforecast.runtime.exported import load_exported
from tsforecast.workflows.bundle import Bundle, bundle


def test_card_tells_scores_and_shows_code(model: Path, bundled: Bundle) -> None:
    """The verdict, every method, every language, and nothing of the folder where the data lay."""
    card = (bundled.folder / "README.md").read_text()
    description = load_artifact(model).description

    assert description["verdict"] in card
    assert all(f"| {method} |" in card for method in description["scores"]["methods"])
    assert all(f"```{language}\n" in card for language in SNIPPETS)
    assert "$" not in card
    assert str(Path(description["data"]["source"]).parent) not in card


def test_card_tells_the_unit_of_differences(bundled: Bundle) -> None:
    """A model of logarithms is compared in units of these: whoever checks a runtime must know."""
    about = {**load_exported(next(bundled.folder.glob("*.onnx"))).about, "tripwire": 1.0}
    of_logarithms = {**about, "network": {**about["network"], "normalisation": "log"}}

    usual, other = (write_card("m.onnx", one, {}) for one in (about, of_logarithms))

    assert "(in standard deviations of a window)" in usual
    assert "or of its logarithms" in other
    assert "logarithms" not in usual


def test_card_lets_no_name_command_the_terminal(bundled: Bundle) -> None:
    """Names of columns, classes and files come from the data: shown escaped, in marks that they cannot end."""
    evil = "a\x1b[2J`b\nc\x9b"
    about = {
        **load_exported(next(bundled.folder.glob("*.onnx"))).about,
        "tripwire": 1.0,
        "verdict": "\x1b[1m",
    }
    about["columns"] = {**about["columns"], "target": evil, "id": evil, "past": [evil], "classes": [evil]}

    card = write_card("m\x1b.onnx", about, {})

    assert all(char.isprintable() or char == "\n" for char in card)
    assert card.count("`a\\x1b[2J'b\\nc\\x9b`") == 5


@pytest.mark.parametrize("form", ["lstm", "step"])
def test_card_shows_code_that_runs(model: Path, form: str, tmp_path: Path) -> None:
    """The Python of the card runs as it stands; the other languages run in tests.runtimes."""
    place = bundle(model, tmp_path / "b", settings=ExportSettings(form=form, no_check=True)).folder

    done = run_card(place)

    assert done.returncode == 0, done.stderr


def run_card(place: Path) -> subprocess.CompletedProcess[bytes]:
    """Run the Python of a card."""
    script = (place / "README.md").read_text().partition("```python\n")[2].partition("```")[0]
    return subprocess.run(
        [sys.executable, "-c", script], cwd=place, capture_output=True, check=False, timeout=60
    )


def test_card_feeds_every_input(sample_data: Path, tmp_path: Path) -> None:
    """Code for a model with covariates runs as it stands; no language is shown that leaves inputs out."""
    data, _, settings = covariates(sample_data, tmp_path)
    tsforecast.fit(data, tmp_path / "m.tsf", steps=2, members=1, **settings)
    for form in ("lstm", "step"):
        place = bundle(
            tmp_path / "m.tsf", tmp_path / form, settings=ExportSettings(form=form, no_check=True)
        ).folder

        done = run_card(place)

        assert done.returncode == 0, done.stderr
        card = (place / "README.md").read_text()
        for name in ("past_covariates", "future_covariates", "timestamps"):
            assert f'fed["{name}"]' in card
        assert not any(f"```{language}\n" in card for language in SNIPPETS if language != "python")


def test_card_says_what_the_runner_takes(bundled: Bundle) -> None:
    """Decimal points of a mended table would be misread beside a model of decimal commas: it is not advised there."""
    about = {**load_exported(next(bundled.folder.glob("*.onnx"))).about, "tripwire": 1.0}
    of_commas = {**about, "columns": {**about["columns"], "decimal": ",", "thousands": "."}}

    usual, other = (" ".join(write_card("m.onnx", one, {}).split()) for one in (about, of_commas))

    assert f"written like `{about['cutoff']}`" in usual
    assert "with a decimal point; one row" in usual
    assert "writes such a file" in usual
    assert "with a decimal comma and thousands parted as in the table of the model" in other
    assert "fit a model on such a file" in other
    assert "writes such a file" not in other
