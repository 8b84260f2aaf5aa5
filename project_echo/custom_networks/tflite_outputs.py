"""LiteRT files whose output is a tensor from inside their graph, such as an embedding.

The file is edited where it says what its outputs and its operations are, and all else that it holds stays as it is.
Operations that the tensor does not need are not run.
"""

import numpy as np
from ai_edge_litert import schema_py_generated as schema

_OUTPUTS, _OPERATORS = 8, 10  # where a table says at which distance they are, of a graph
_SIGNATURES = 18  # of the model


def producers(data: bytes) -> dict[int, int]:
    """The operation that computes each tensor of the main graph, by index; constants and inputs have none."""
    graph = _graph(data)
    return {
        int(tensor): number
        for number in range(graph.OperatorsLength())
        for tensor in _indices(graph.Operators(number).OutputsAsNumpy())
    }


def with_output(data: bytes, tensor: int) -> bytes:
    """A LiteRT file whose only output is a tensor of its graph.

    Parameters
    ----------
    data : bytes
        A valid file.
    tensor : int
        Index of a tensor that an operation of the main graph computes.

    Returns
    -------
    bytes
        A few bytes more. Indices and names of tensors are the same. Operations that change variables are kept.
    """
    file = bytearray(data)
    graph = _graph(file)
    needed = _needed(graph, tensor)
    table = graph._tab
    operators = table.Vector(table.Offset(_OPERATORS))
    targets = [table.Indirect(operators + 4 * number) for number in needed]
    _put(file, operators - 4, len(targets))
    for number, target in enumerate(targets):  # each states how far away it is
        _put(file, operators + 4 * number, target - (operators + 4 * number))
    _replace(file, table.Pos + table.Offset(_OUTPUTS), [tensor])
    model = schema.Model.GetRootAs(file)._tab
    if field := model.Offset(_SIGNATURES):  # which name outputs that are no more
        _replace(file, model.Pos + field, [])
    return bytes(file)


def _needed(graph: schema.SubGraph, tensor: int) -> list[int]:
    """The operations that a tensor depends on, in their order, and those that are run for what they change."""
    wanted, needed = {tensor}, []
    for number in reversed(range(graph.OperatorsLength())):
        operator = graph.Operators(number)
        outputs = set(_indices(operator.OutputsAsNumpy()))
        if not outputs or wanted & outputs:
            needed.append(number)
            wanted.update(_indices(operator.InputsAsNumpy()))
    return needed[::-1]


def _replace(file: bytearray, field: int, values: list[int]) -> None:
    """Let a field of a table refer to a new list, at the end of the file."""
    file.extend(bytes(-len(file) % 4))
    _put(file, field, len(file) - field)
    for value in (len(values), *values):
        file.extend(value.to_bytes(4, "little"))


def _graph(data: bytes | bytearray) -> schema.SubGraph:
    return schema.Model.GetRootAs(data).Subgraphs(0)


def _indices(values: np.ndarray | int) -> list[int]:
    """Indices of tensors. An empty list is 0 to flatbuffers, and an optional tensor that is left out -1."""
    return [int(value) for value in values if value >= 0] if isinstance(values, np.ndarray) else []


def _put(file: bytearray, position: int, value: int) -> None:
    file[position : position + 4] = value.to_bytes(4, "little")
