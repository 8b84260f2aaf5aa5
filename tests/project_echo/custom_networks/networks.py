"""Tiny custom networks: embeddings are mean magnitudes of parts of a waveform, then a layer that names sounds."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import flatbuffers
import numpy as np
import yaml
from ai_edge_litert import schema_py_generated as schema

from project_echo.custom_networks.card import card_path
from project_echo.custom_networks.onnx_file import GRAPH, INITIALIZERS, INPUTS, NODES, OUTPUTS, message, varint
from project_echo.models import litert_file

WIDTH, CLASSES, STEPS = 16, 3, 4
EMBEDDING, SCORES = "inner/embedding", "scores"
HIGHEST = 0.5
Write = Callable[..., Path]


def expected(samples: np.ndarray, steps: int = 1) -> np.ndarray:
    """The embedding of a window of the network, shape (steps, WIDTH)."""
    return np.abs(samples).reshape(steps, WIDTH, -1).mean(axis=2)


def write_tflite(
    path: Path,
    *,
    rate: int = 8000,
    window_s: float = 1.0,
    steps: int = 1,
    nan: bool = False,
    card: Mapping[str, Any] | None = None,
) -> Path:
    """Write a LiteRT file and its card, of which `card` replaces values."""
    n = round(rate * window_s)
    graph = Graph()
    samples = graph.tensor("waveform", (1, n))
    magnitude = graph.operation("LOG" if nan else "ABS", [samples], "magnitude", (1, n))
    shape = (1, WIDTH, n // WIDTH) if steps == 1 else (1, steps, WIDTH, n // WIDTH // steps)
    parts = graph.operation("RESHAPE", [magnitude, graph.constant("shape", np.array(shape, np.int32))], "parts", shape)
    axis = graph.constant("axis", np.array([len(shape) - 1], np.int32))
    embedding = graph.operation("MEAN", [parts, axis], EMBEDDING, shape[:-1], schema.ReducerOptionsT())
    weights = graph.constant("weights", np.ones((CLASSES, WIDTH * steps), np.float32))
    scores = graph.operation(
        "FULLY_CONNECTED", [embedding, weights], SCORES, (1, CLASSES), schema.FullyConnectedOptionsT()
    )
    path.write_bytes(graph.serialize(samples, scores))
    return write_card(path, rate, window_s, steps, card)


def write_onnx(
    path: Path,
    *,
    rate: int = 8000,
    window_s: float = 1.0,
    steps: int = 1,
    nan: bool = False,
    broken_end: bool = False,
    card: Mapping[str, Any] | None = None,
) -> Path:
    """Write an ONNX file and its card, of which `card` replaces values; with a broken end, its last layer fails."""
    n = round(rate * window_s)
    shape = (1, WIDTH, n // WIDTH) if steps == 1 else (1, steps, WIDTH, n // WIDTH // steps)
    axes = message(1, b"axes") + message(8, varint(len(shape) - 1)) + number(20, 7)
    flat = message(1, b"axis") + number(3, 1) + number(20, 2)
    drop = message(1, b"keepdims") + number(3, 0) + number(20, 2)
    layers = [
        node("Log" if nan else "Abs", ["waveform"], "magnitude"),
        node("Reshape", ["magnitude", "shape"], "parts"),
        node("ReduceMean", ["parts"], EMBEDDING, axes, drop),
        node("Flatten", [EMBEDDING], "flat", flat),
        node("Gather", ["flat", "shape"], SCORES) if broken_end else node("MatMul", ["flat", "weights"], SCORES),
    ]
    graph = [
        *(message(NODES, layer) for layer in layers),
        message(INITIALIZERS, tensor("shape", np.array(shape, np.int64), 7)),
        message(INITIALIZERS, tensor("weights", np.ones((WIDTH * steps, CLASSES), np.float32), 1)),
        message(INPUTS, value("waveform", (1, n))),
        message(OUTPUTS, message(1, SCORES.encode()) if broken_end else value(SCORES, (1, CLASSES))),
    ]
    path.write_bytes(onnx_file(*graph))
    return write_card(path, rate, window_s, steps, card)


def write_card(path: Path, rate: int, window_s: float, steps: int, changed: Mapping[str, Any] | None) -> Path:
    """Write the card of a network; returns the network."""
    values = {
        "name": "tiny",
        "licence": "CC0-1.0",
        "sample_rate_hz": rate,
        "window_s": window_s,
        "hop_s": window_s / 2,
        "input": {"tensor": "waveform", "kind": "waveform"},
        "embedding": {"tensor": EMBEDDING, "time_axis": None if steps == 1 else 1, "highest": HIGHEST},
    }
    card_path(path).write_text(yaml.safe_dump(values | dict(changed or {})), encoding="utf-8")
    return path


class Graph:
    """A LiteRT file of float32 tensors under construction."""

    def __init__(self) -> None:
        self.model, self.graph = schema.ModelT(), schema.SubGraphT()
        self.model.version, self.model.subgraphs = litert_file.VERSION, [self.graph]
        self.model.buffers, self.model.operatorCodes = [schema.BufferT()], []
        self.graph.tensors, self.graph.operators = [], []

    def tensor(self, name: str, shape: tuple[int, ...], kind: int = schema.TensorType.FLOAT32) -> int:
        tensor = schema.TensorT()
        tensor.name, tensor.shape, tensor.type, tensor.buffer = name, list(shape), kind, 0
        self.graph.tensors.append(tensor)
        return len(self.graph.tensors) - 1

    def constant(self, name: str, values: np.ndarray) -> int:
        kind = schema.TensorType.INT32 if values.dtype == np.int32 else schema.TensorType.FLOAT32
        index = self.tensor(name, values.shape, kind)
        buffer = schema.BufferT()
        buffer.data = np.frombuffer(values.tobytes(), np.uint8)
        self.model.buffers.append(buffer)
        self.graph.tensors[index].buffer = len(self.model.buffers) - 1
        return index

    def operation(self, code: str, inputs: list[int], name: str, shape: tuple[int, ...], options: object = None) -> int:
        entry, operation = schema.OperatorCodeT(), schema.OperatorT()
        entry.builtinCode = entry.deprecatedBuiltinCode = getattr(schema.BuiltinOperator, code)
        entry.version = 1
        output = self.tensor(name, shape)
        operation.opcodeIndex, operation.inputs, operation.outputs = len(self.model.operatorCodes), inputs, [output]
        if options is not None:
            kind = type(options).__name__.removesuffix("T")
            operation.builtinOptionsType, operation.builtinOptions = getattr(schema.BuiltinOptions, kind), options
        self.model.operatorCodes.append(entry)
        self.graph.operators.append(operation)
        return output

    def serialize(self, source: int, target: int) -> bytes:
        self.graph.inputs, self.graph.outputs = [source], [target]
        builder = flatbuffers.Builder(0)
        builder.Finish(self.model.Pack(builder), litert_file.IDENTIFIER)
        return bytes(builder.Output())


def onnx_file(*graph: bytes) -> bytes:
    """An ONNX file of the fields of its graph."""
    opset = message(8, number(2, 13))
    return number(1, 8) + opset + message(GRAPH, message(2, b"tiny") + b"".join(graph))


def number(field: int, value: int) -> bytes:
    """A field that is a whole number."""
    return varint(field << 3) + varint(value)


def node(kind: str, inputs: list[str], output: str, *attributes: bytes) -> bytes:
    """A node of a graph."""
    names = b"".join(message(1, name.encode()) for name in inputs)
    return names + message(2, output.encode()) + message(4, kind.encode()) + b"".join(message(5, a) for a in attributes)


def tensor(name: str, values: np.ndarray, kind: int) -> bytes:
    """A constant of a graph."""
    shape = b"".join(number(1, length) for length in values.shape)
    return shape + number(2, kind) + message(8, name.encode()) + message(9, values.tobytes())


def value(name: str, shape: tuple[int, ...]) -> bytes:
    """An input or output of a graph, of floats."""
    lengths = b"".join(message(1, number(1, length)) for length in shape)
    return message(1, name.encode()) + message(2, message(1, number(1, 1) + message(2, lengths)))
