"""ONNX files, as far as a tensor from inside their graph is made an output: names of tensors, and a longer file.

An ONNX file is a message of Protocol Buffers. Where a message holds a part of the same number twice, readers merge the
two, so an output is added by appending it to the file.

References
----------
ONNX, onnx.proto. Protocol Buffers, "Encoding".
"""

from collections.abc import Iterator

GRAPH = 7  # fields of the model
NODES, INITIALIZERS, INPUTS, OUTPUTS = 1, 5, 11, 12  # of the graph
NODE_OUTPUTS = 2
VALUE_NAME, INITIALIZER_NAME = 1, 8
DATA_LOCATION, EXTERNAL = 14, 1  # of an initializer: in a file of its own
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5  # how a field is encoded


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
            for number, graph in fields(memoryview(data)):
                if number == GRAPH:
                    self._read(graph)
        except (IndexError, TypeError, UnicodeDecodeError) as error:
            raise ValueError("it is damaged, or of another format") from error
        if not self.computed:
            raise ValueError("it has no graph")
        self.inputs = [name for name in self.inputs if name not in set(self.constants)]  # older files list weights too

    def _read(self, graph: memoryview | int) -> None:
        for number, part in fields(graph):
            if number == NODES:
                self.computed += [name for name in _texts(part, NODE_OUTPUTS) if name]  # an optional one has no name
            elif number == INPUTS:
                self.inputs += _texts(part, VALUE_NAME)
            elif number == OUTPUTS:
                self.outputs += _texts(part, VALUE_NAME)
            elif number == INITIALIZERS:
                self.constants += _texts(part, INITIALIZER_NAME)
                if (DATA_LOCATION, EXTERNAL) in fields(part):
                    raise ValueError(
                        "its weights are in another file. Put them into one: "
                        "onnx.save(onnx.load('network.onnx'), 'single.onnx')"
                    )


def with_outputs(data: bytes, names: list[str]) -> bytes:
    """An ONNX file with further outputs.

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


def fields(data: memoryview | int) -> Iterator[tuple[int, memoryview | int]]:
    """Number and value of each field of a message. Raises IndexError if it is cut off, TypeError if it is none."""
    if isinstance(data, int):
        raise TypeError(data)
    position = 0
    while position < len(data):
        key, position = _varint(data, position)
        number, encoding = key >> 3, key & 7
        if encoding == VARINT:
            value, position = _varint(data, position)
            yield number, value
            continue
        if encoding == BYTES:
            size, position = _varint(data, position)
        elif encoding in {FIXED32, FIXED64}:
            size = 4 if encoding == FIXED32 else 8
        else:
            raise TypeError(encoding)
        if position + size > len(data):
            raise IndexError(position)
        yield number, data[position : position + size]
        position += size


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
    return [bytes(value).decode() for number, value in fields(part) if number == wanted and not isinstance(value, int)]
