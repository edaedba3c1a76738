"""What an exported file says of itself: enough to feed it and to read its output without this program."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from tsforecast.artifacts import Artifact
from tsforecast.data.values.written_numbers import form_of
from tsforecast.exporters.plain_table import table_of, times_of
from tsforecast.models.spec import NetworkSpec
from tsforecast.runtime.exported import FORMAT
from tsforecast.workflows.rereading import describe_reading, reading_of


def describe_export(artifact: Artifact, spec: NetworkSpec, **more: Any) -> dict[str, Any]:
    """Describe the forecaster of a model folder.

    Args:
        artifact: The folder.
        spec: Shape of its network.
        more: What only the export knows: parity, precision, form.
    """
    data = artifact.read(lambda: artifact.description["data"])
    return artifact.read(
        lambda: {
            "schema": FORMAT,
            "version": artifact.description["version"],
            # As this release writes them: a model of an earlier one may know less.
            "columns": artifact.schema.to_json(),
            "frequency": artifact.frequency.alias,
            "grid": data["frequency"],
            "season_lengths": list(spec.season_lengths),
            "context_length": spec.context_length,
            "horizon": spec.horizon,
            "quantile_levels": list(spec.levels),
            "calendar": list(spec.calendar),
            "holidays": {"country": spec.holidays, "years": list(spec.holiday_years)},
            "cutoff": data["cutoff"],
            "data_sha256": data["sha256"],
            "weights_sha256": artifact.description["parts"]["weights"]["sha256"],
            "network": artifact.description["network"],
            "data": _without_place(data),
            "reading": describe_reading(artifact),
            "table": table_of(artifact.schema),
            "times": times_of(artifact.schema.time_format, artifact.frequency),
            "numbers": form_of(artifact.schema, reading_of(artifact)[0].na),
            "scores": artifact.description["scores"],
            "blend": artifact.description.get("blend", {}),
            "verdict": artifact.description["verdict"],
            **{key: value for key, value in artifact.description.items() if key == "mixed"},
            "provenance": artifact.description["provenance"],
            **more,
        }
    )


def _without_place(data: dict[str, Any]) -> dict[str, Any]:
    """Say what the data were; in which folder they lay is nobody's business."""
    source = PurePath(data["source"]).name
    description = data["description"].replace(data["source"], source)
    return {
        "source": source,
        "rows": data["rows"],
        "series": data["series"],
        "description": description,
        "repairs": data.get("repairs", {}).get("counts", {}),
    }
