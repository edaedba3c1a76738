"""What is run: three networks, each in every form, with the vectors of a bundle as inputs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx

import tsforecast
from tests.benchmarks.commands import ROOT
from tsforecast.config import ExportSettings
from tsforecast.data.arrays import Floats
from tsforecast.errors import UsageError
from tsforecast.exporters.ort import difference
from tsforecast.workflows.bundle import bundle
from tsforecast.workflows.export import AWKWARD

SAMPLES = ROOT / "sample_data"
MODELS: dict[str, tuple[str, dict[str, Any]]] = {
    "mixture": ("monthly_visitors.csv", {"members": 2}),
    "covariates": (
        "daily_sales.csv",
        {"target": "sales", "horizon": 14, "members": 2, "past": ("temperature",),
         "future": ("price", "promotion", "holiday"), "calendar": ("auto",)},
    ),
    "recurrent": ("monthly_visitors.csv", {"network": "recurrent", "hidden": (32,)}),
}  # fmt: skip
"""Sample data and settings of fit by name; all with ReLU, so that a runtime that ignores it shows."""

STEPS = 60
FORMS = ("lstm", "unrolled", "step")
BATCHES = {"many": "dynamic", "one": "1"}
"""All windows in one call, or one by one in a file that takes one only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A file with its inputs and what should come out.

    Attributes:
        name: Model, form and batch.
        model: The file.
        fed: Inputs by name.
        case: What the worker must know.
        wanted: Quantiles of onnxruntime (W, H, Q).
        tripwire: By how much a runtime that misreads the LSTM operator is wrong, at most.
    """

    name: tuple[str, str, str]
    model: Path
    fed: dict[str, Any]
    case: dict[str, Any]
    wanted: Floats
    tripwire: float

    def lay_out(self, folder: Path) -> None:
        """Write what the worker reads."""
        folder.mkdir(parents=True)
        (folder / "model.onnx").write_bytes(self.model.read_bytes())
        (folder / "case.json").write_text(json.dumps(self.case))
        np.savez(folder / "inputs.npz", **self.fed)

    def compare(self, found: Floats) -> dict[str, float | None]:
        """Largest difference on ordinary windows, and on all: None where NaN stands in the wrong places."""
        rows = {"ordinary": slice(0, len(self.wanted) - AWKWARD), "all": slice(None)}
        if found.shape != self.wanted.shape:
            return dict.fromkeys(rows)
        worst = {
            name: difference(found[one], self.wanted[one], self.fed["context"][one])
            for name, one in rows.items()
        }
        return {name: float(one) if np.isfinite(one) else None for name, one in worst.items()}


def make_cases(folder: Path) -> list[Case]:
    """Fit the models and write every form of each as a bundle."""
    cases = []
    folder.mkdir()
    for name, (data, settings) in MODELS.items():
        model = folder / f"{name}.tsf"
        tsforecast.fit(SAMPLES / data, model, steps=STEPS, **settings)
        for form in FORMS:
            for batch, word in BATCHES.items():
                place = folder / f"{name}-{form}-{batch}"
                try:
                    file = bundle(model, place, settings=ExportSettings(form=form, batch=word)).exported.path
                except UsageError:
                    continue  # the network has no such form
                cases.append(_case((name, form, batch), file))
    return cases


def _case(name: tuple[str, str, str], file: Path) -> Case:
    graph = onnx.load(file)
    about = json.loads({one.key: one.value for one in graph.metadata_props}["tsforecast"])
    vectors = dict(np.load(file.with_name("vectors.npz")))
    count = len(vectors["quantiles"])
    own = {
        "step": np.zeros(1, np.int64),
        "state": np.zeros((count, about.get("state_size", 0)), np.float32),
    }
    return Case(
        name=name,
        model=file,
        fed={one.name: (own | vectors)[one.name] for one in graph.graph.input},
        case={
            "outputs": [one.name for one in graph.graph.output],
            "batch": 1 if name[2] == "one" else count,
            "calls": about.get("calls", 1),
        },
        wanted=vectors["quantiles"],
        tripwire=float(vectors["tripwire"].max()),
    )
