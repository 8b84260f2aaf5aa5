"""LiteRT files whose output is a tensor from inside."""

from pathlib import Path

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter

from project_echo.custom_networks.tflite_outputs import producers, with_output
from tests.project_echo.custom_networks.networks import EMBEDDING, SCORES, write_tflite


@pytest.fixture
def data(tmp_path: Path) -> bytes:
    return write_tflite(tmp_path / "tiny.tflite").read_bytes()


def graph(data: bytes) -> schema.SubGraph:
    return schema.Model.GetRootAs(data).Subgraphs(0)


def index(data: bytes, name: str) -> int:
    names = [graph(data).Tensors(number).Name().decode() for number in range(graph(data).TensorsLength())]
    return names.index(name)


def test_the_tensor_is_the_only_output_and_what_follows_it_is_not_run(data: bytes) -> None:
    target = index(data, EMBEDDING)
    rewritten = with_output(data, target)
    assert graph(rewritten).OutputsAsNumpy().tolist() == [target]
    assert graph(rewritten).OperatorsLength() == graph(data).OperatorsLength() - 1
    assert index(data, SCORES) not in producers(rewritten)
    assert len(rewritten) - len(data) < 32


def test_tensors_and_weights_stay_as_they_are(data: bytes) -> None:
    rewritten = with_output(data, index(data, "magnitude"))
    before, after = schema.ModelT.InitFromPackedBuf(data), schema.ModelT.InitFromPackedBuf(rewritten)
    assert [t.name for t in before.subgraphs[0].tensors] == [t.name for t in after.subgraphs[0].tensors]
    for first, second in zip(before.buffers, after.buffers, strict=True):
        np.testing.assert_array_equal(np.asarray(first.data), np.asarray(second.data))


@pytest.mark.parametrize("name", ["magnitude", "parts", EMBEDDING, SCORES])
def test_every_computed_tensor_can_be_the_output(data: bytes, name: str) -> None:
    target = index(data, name)
    interpreter = Interpreter(model_content=with_output(data, target))
    interpreter.allocate_tensors()
    (source,), (output,) = interpreter.get_input_details(), interpreter.get_output_details()
    interpreter.set_tensor(source["index"], np.full(source["shape"], -0.5, np.float32))
    interpreter.invoke()
    values = interpreter.get_tensor(output["index"])
    assert output["name"] == name
    np.testing.assert_allclose(values, 8.0 if name == SCORES else 0.5)
