from __future__ import annotations

from pathlib import Path

import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import helper, numpy_helper

from tests.models.building import SCHEMA, arrays_of, rough_network, small_spec
from tsforecast.data.times.timeline import parse_frequency
from tsforecast.errors import ArtifactError
from tsforecast.exporters import ort
from tsforecast.runtime.exported import load_exported

ABOUT = {
    "schema": "tsforecast.onnx/1",
    "version": "9.9",
    "columns": SCHEMA.to_json(),
    "grid": parse_frequency("h").to_json(),
    "quantile_levels": [0.1, 0.5],
    "network": {"floor": None},
}


@pytest.fixture(scope="module")
def content() -> bytes:
    """Give an exported file."""
    network = rough_network(small_spec())
    return ort.export(network.spec, arrays_of(network), ABOUT, 17)


def written(place: Path, content: bytes) -> Path:
    """Write a file with this content."""
    (place / "m.onnx").write_bytes(content)
    return place / "m.onnx"


def test_exported_tells_columns_grid_and_levels(content: bytes, tmp_path: Path) -> None:
    """The file needs no folder beside it to be fed and read."""
    exported = load_exported(written(tmp_path, content))

    assert exported.schema == SCHEMA
    assert (exported.frequency.alias, exported.levels, exported.floor) == ("h", (0.1, 0.5), None)


@given(share=st.floats(0, 0.999))
def test_a_file_that_is_cut_off_is_refused(
    content: bytes, tmp_path_factory: pytest.TempPathFactory, share: float
) -> None:
    """Wherever a download stopped, nothing of it is run."""
    file = written(tmp_path_factory.mktemp("cut"), content[: int(share * len(content))])

    with pytest.raises(ArtifactError):
        load_exported(file)


@given(place=st.floats(0, 0.999), change=st.integers(1, 255))
def test_a_file_with_another_byte_is_refused(
    content: bytes, tmp_path_factory: pytest.TempPathFactory, place: float, change: int
) -> None:
    """One wrong byte in the graph is found by its digest."""
    graph = content.rindex(b"tsforecast\x12")  # where the description starts
    damaged = bytearray(content)
    damaged[int(place * (graph - 8))] ^= change

    with pytest.raises(ArtifactError):
        load_exported(written(tmp_path_factory.mktemp("bent"), bytes(damaged)))


@given(place=st.floats(0, 0.999), change=st.integers(1, 255))
def test_a_file_with_another_description_is_refused(
    content: bytes, tmp_path_factory: pytest.TempPathFactory, place: float, change: int
) -> None:
    """A quantile level or a frequency that was changed would make right numbers mean something else."""
    text = content.rindex(b"tsforecast\x12")
    damaged = bytearray(content)
    damaged[text + int(place * (len(content) - text))] ^= change

    try:
        found = load_exported(written(tmp_path_factory.mktemp("said"), bytes(damaged)))
    except ArtifactError:
        return
    assert found.about == load_exported(written(tmp_path_factory.mktemp("whole"), content)).about


def test_a_file_of_another_program_is_refused(tmp_path: Path) -> None:
    """A graph without description may mean anything."""
    value = helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [1])
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "other", [value], [value])

    with pytest.raises(ArtifactError, match="not written by tsforecast"):
        load_exported(written(tmp_path, helper.make_model(graph).SerializeToString()))


def test_an_empty_file_is_damaged(tmp_path: Path) -> None:
    """A copy that was never finished is no file of another program."""
    with pytest.raises(ArtifactError, match="it is empty"):
        load_exported(written(tmp_path, b""))


def test_a_file_of_a_newer_release_is_refused(tmp_path: Path) -> None:
    """The release that can read it is named."""
    network = rough_network(small_spec())
    newer = {**ABOUT, "schema": "tsforecast.onnx/2"}

    with pytest.raises(ArtifactError, match=r"tsforecast 9\.9, format 2"):
        load_exported(written(tmp_path, ort.export(network.spec, arrays_of(network), newer, 17)))


@pytest.mark.parametrize("place", ["initialiser", "attribute"])
def test_weights_in_other_files_are_refused(content: bytes, tmp_path: Path, place: str) -> None:
    """A file may not make the program read other files."""
    model = onnx.load_model_from_string(content)
    if place == "attribute":
        tensor = numpy_helper.from_array(numpy_helper.to_array(model.graph.initializer[0]))
        model.graph.node.append(helper.make_node("Constant", [], ["secret"], value=tensor))
        tensor = model.graph.node[-1].attribute[0].t
    else:
        tensor = model.graph.initializer[-1]
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../secret")

    with pytest.raises(ArtifactError, match="in other files"):
        load_exported(written(tmp_path, model.SerializeToString()))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """The message names what was looked for."""
    with pytest.raises(ArtifactError, match=r"no model .*gone\.onnx"):
        load_exported(tmp_path / "gone.onnx")
