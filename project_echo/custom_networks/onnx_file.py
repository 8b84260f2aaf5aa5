"""ONNX files, as far as a tensor from inside their graph is made an output: names of tensors, and a file with less.

An ONNX file is a message of Protocol Buffers, which is a list of fields: its nodes, outputs and weights are left out or
added one by one, and all else stays as it is.

References
----------
ONNX, onnx.proto. Protocol Buffers, "Encoding".
"""

from collections.abc import Iterator
from typing import NamedTuple

GRAPH = 7  # fields of the model
NODES, INITIALIZERS, INPUTS, OUTPUTS = 1, 5, 11, 12  # of the graph
NODE_INPUTS, NODE_OUTPUTS, ATTRIBUTES = 1, 2, 5  # of a node
SUBGRAPHS = 6, 11  # of an attribute: one, or several
VALUE_NAME, INITIALIZER_NAME = 1, 8
DATA_LOCATION, EXTERNAL = 14, 1  # of an initializer: in a file of its own
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5  # how a field is encoded


class Field(NamedTuple):
    """A field of a message: its number, its value, and how it is encoded, number included."""

    number: int
    value: memoryview | int
    encoded: memoryview


class OnnxGraph:
    """Names of the tensors of an ONNX file.

    Parameters
    ----------
    data : bytes

    Raises
    ------
    ValueError
        If it is not an ONNX file, or lacks its weights.

    Attributes
    ----------
    inputs, computed, outputs, constants : list of str
    """

    def __init__(self, data: bytes) -> None:
        self.inputs: list[str] = []
        self.computed: list[str] = []
        self.outputs: list[str] = []
        self.constants: list[str] = []
        try:
            for field in fields(memoryview(data)):
                if field.number == GRAPH:
                    self._read(field.value)
        except (IndexError, TypeError, UnicodeDecodeError) as error:
            raise ValueError("it is damaged, or of another format") from error
        if not self.computed:
            raise ValueError("it has no graph")
        self.inputs = [name for name in self.inputs if name not in set(self.constants)]  # older files list weights too

    def _read(self, graph: memoryview | int) -> None:
        for number, part, _ in fields(graph):
            if number == NODES:
                self.computed += [name for name in _texts(part, NODE_OUTPUTS) if name]  # an optional one has no name
            elif number == INPUTS:
                self.inputs += _texts(part, VALUE_NAME)
            elif number == OUTPUTS:
                self.outputs += _texts(part, VALUE_NAME)
            elif number == INITIALIZERS:
                self.constants += _texts(part, INITIALIZER_NAME)
                if any(field[:2] == (DATA_LOCATION, EXTERNAL) for field in fields(part)):
                    raise ValueError(
                        "its weights are in another file. Put them into one: "
                        "onnx.save(onnx.load('network.onnx'), 'single.onnx')"
                    )


def with_output(data: bytes, name: str) -> bytes:
    """An ONNX file whose only output is a tensor of its graph, without nodes and weights that it does not need.

    Parameters
    ----------
    data : bytes
        A valid file.
    name : str
        Of a tensor that a node computes.

    Returns
    -------
    bytes
    """
    model = list(fields(memoryview(data)))
    graph = [part for field in model if field.number == GRAPH for part in fields(field.value)]
    nodes = [part for part in graph if part.number == NODES]
    wanted, needed = {name}, set()
    for number in reversed(range(len(nodes))):  # each comes after those that it needs
        if wanted.intersection(_texts(nodes[number].value, NODE_OUTPUTS)):
            needed.add(id(nodes[number]))
            wanted.update(_node_inputs(nodes[number].value))
    kept: list[bytes | memoryview] = []
    output: bytes | memoryview = message(OUTPUTS, message(VALUE_NAME, name.encode()))
    for part in graph:
        if part.number == OUTPUTS:
            if name in _texts(part.value, VALUE_NAME):
                output = part.encoded
        elif part.number == NODES:
            if id(part) in needed:
                kept.append(part.encoded)
        elif part.number != INITIALIZERS or wanted.intersection(_texts(part.value, INITIALIZER_NAME)):
            kept.append(part.encoded)
    others = [field.encoded for field in model if field.number != GRAPH]
    return b"".join(others) + message(GRAPH, b"".join([*kept, output]))


def _node_inputs(node: memoryview | int) -> Iterator[str]:
    """Names that a node reads, also those in the graphs that it holds, as of a loop."""
    yield from _texts(node, NODE_INPUTS)
    for attribute in fields(node):
        if attribute.number == ATTRIBUTES:
            for graph in fields(attribute.value):
                if graph.number in SUBGRAPHS:
                    for part in fields(graph.value):
                        if part.number == NODES:
                            yield from _node_inputs(part.value)
                        elif part.number == OUTPUTS:
                            yield from _texts(part.value, VALUE_NAME)


def with_outputs(data: bytes, names: list[str]) -> bytes:
    """An ONNX file with further outputs: readers merge a second graph, which has nothing but these, into the first.

    Parameters
    ----------
    data : bytes
    names : list of str
        Tensors of its graph that are not outputs yet.

    Returns
    -------
    bytes
    """
    outputs = b"".join(message(OUTPUTS, message(VALUE_NAME, name.encode())) for name in names)
    return data + message(GRAPH, outputs) if outputs else data


def fields(data: memoryview | int) -> Iterator[Field]:
    """The fields of a message. Raises IndexError if it is cut off, TypeError if it is none."""
    if isinstance(data, int):
        raise TypeError(data)
    position = 0
    while position < len(data):
        start = position
        key, position = _varint(data, position)
        number, encoding = key >> 3, key & 7
        if encoding == VARINT:
            value, position = _varint(data, position)
            yield Field(number, value, data[start:position])
            continue
        if encoding == BYTES:
            size, position = _varint(data, position)
        elif encoding in {FIXED32, FIXED64}:
            size = 4 if encoding == FIXED32 else 8
        else:
            raise TypeError(encoding)
        end = position + size
        if end > len(data):
            raise IndexError(end)
        yield Field(number, data[position:end], data[start:end])
        position = end


def message(number: int, content: bytes) -> bytes:
    """A field that holds bytes, text or a message."""
    return varint(number << 3 | BYTES) + varint(len(content)) + content


def varint(value: int) -> bytes:
    """A whole number of 0 or more, 7 bits a byte, the lowest first."""
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*encoded, value])


def _varint(data: memoryview, position: int) -> tuple[int, int]:
    """A number, and the position after it."""
    value = shift = 0
    while True:
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7


def _texts(part: memoryview | int, wanted: int) -> list[str]:
    """Values of the fields of this number, which are texts."""
    return [
        bytes(field.value).decode()
        for field in fields(part)
        if field.number == wanted and not isinstance(field.value, int)
    ]
