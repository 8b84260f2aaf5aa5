"""ONNX files whose output is a tensor from inside."""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from project_echo.custom_networks.onnx_file import (
    GRAPH,
    INITIALIZERS,
    INPUTS,
    NODES,
    OUTPUTS,
    OnnxGraph,
    message,
    with_output,
)
from tests.project_echo.custom_networks.networks import (
    EMBEDDING,
    SCORES,
    node,
    number,
    onnx_file,
    tensor,
    value,
    write_onnx,
)

N = 8000


@pytest.fixture
def data(tmp_path: Path) -> bytes:
    return write_onnx(tmp_path / "tiny.onnx").read_bytes()


def run(data: bytes, samples: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    (output,) = session.get_outputs()
    (result,) = session.run([output.name], {"waveform": samples})
    return result


@pytest.mark.parametrize("name", ["magnitude", "parts", EMBEDDING, SCORES])
def test_every_computed_tensor_can_be_the_only_output(data: bytes, name: str) -> None:
    rewritten = with_output(data, name)
    assert OnnxGraph(rewritten).outputs == [name]
    values = run(rewritten, np.full((1, N), -0.5, np.float32))
    np.testing.assert_allclose(values, 8.0 if name == SCORES else 0.5)
    assert with_output(rewritten, name) == rewritten


def test_nodes_and_weights_that_it_does_not_need_are_left_out(data: bytes) -> None:
    before, after = OnnxGraph(data), OnnxGraph(with_output(data, EMBEDDING))
    assert before.computed[-1] == SCORES and after.computed == before.computed[: before.computed.index(EMBEDDING) + 1]
    assert set(before.constants) - set(after.constants) == {"weights"}


def test_what_only_a_branch_inside_a_node_reads_is_kept() -> None:
    def branch(kind: str) -> bytes:
        return (
            message(NODES, node(kind, ["magnitude"], kind))
            + message(2, b"branch")
            + message(OUTPUTS, value(kind, (1, N)))
        )

    branches = [
        message(1, key) + message(6, branch(kind)) + number(20, 5)
        for key, kind in ((b"then_branch", "Neg"), (b"else_branch", "Sqrt"))
    ]
    data = onnx_file(
        message(NODES, node("Abs", ["waveform"], "magnitude")),
        message(NODES, node("If", ["flag"], "chosen", *branches)),
        message(NODES, node("Exp", ["chosen"], "last")),
        message(INITIALIZERS, tensor("flag", np.array([True]), 9)),
        message(INPUTS, value("waveform", (1, N))),
        message(OUTPUTS, value("last", (1, N))),
    )
    rewritten = with_output(data, "chosen")
    assert OnnxGraph(rewritten).computed == ["magnitude", "chosen"]
    np.testing.assert_allclose(run(rewritten, np.full((1, N), -2, np.float32)), -2)


@pytest.mark.parametrize("damaged", [b"", b"\x00", b"no network", b"\x3a\xff", message(GRAPH, b"\x0a\x05ab")])
def test_what_is_no_onnx_file_is_an_error(damaged: bytes) -> None:
    with pytest.raises(ValueError, match="it "):
        OnnxGraph(damaged)
