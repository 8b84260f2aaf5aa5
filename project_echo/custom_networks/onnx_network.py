"""Custom networks in ONNX files. onnxruntime, which runs them, is imported for such a file only."""

from typing import TYPE_CHECKING, Any

import numpy as np

from project_echo.core.errors import EchoError
from project_echo.custom_networks.onnx_file import OnnxGraph, with_output, with_outputs
from project_echo.custom_networks.tensors import Role, TensorInfo

if TYPE_CHECKING:
    import onnxruntime

SILENT = 4  # errors are raised as well as printed
DTYPES = {"float": "float32", "double": "float64"}  # others are named as NumPy does


class OnnxFile:
    """The contents of an ONNX file.

    Parameters
    ----------
    data : bytes
    wanted : str or int, optional
        Name or index of a tensor. By default `tensors` has all; with it, of those inside the graph this one only, as
        what an output takes in memory adds up.

    Attributes
    ----------
    tensors : list of TensorInfo
        Inputs, then what operations compute, in their order; without constants.

    Raises
    ------
    ValueError
        If it is not one; says why.
    EchoError
        If onnxruntime is not installed.
    """

    def __init__(self, data: bytes, wanted: str | int | None = None) -> None:
        graph = OnnxGraph(data)
        self._data = data
        roles: dict[str, Role] = dict.fromkeys(graph.inputs, "input")
        roles |= dict.fromkeys(graph.computed, "inside")
        roles |= {name: "output" for name in graph.outputs if name in roles}
        numbered = list(enumerate(roles.items()))
        inside = [
            name for index, (name, role) in numbered if role == "inside" and (wanted is None or wanted in {index, name})
        ]
        session = _session(with_outputs(data, inside), optimized=False)  # which tells shapes of inputs and outputs
        details = {value.name: value for value in (*session.get_inputs(), *session.get_outputs())}
        self.tensors = [_info(index, details[name], role) for index, (name, role) in numbered if name in details]

    def with_output(self, target: TensorInfo) -> bytes:
        """A file with this tensor as its only output."""
        return with_output(self._data, target.name)

    def runtime(self, source: TensorInfo, shape: tuple[int, ...], target: TensorInfo) -> "OnnxRuntime":
        """The network, from an input of this shape to a tensor."""
        return OnnxRuntime(self.with_output(target), source, shape, target)


class OnnxRuntime:
    """A network in an ONNX file, ready to run on one thread; several may call it at once."""

    def __init__(self, data: bytes, source: TensorInfo, shape: tuple[int, ...], target: TensorInfo) -> None:
        self._source, self._shape, self._target = source, shape, target
        self._session = _session(data)

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Run the network: see `Runtime`."""
        dtype = np.dtype(self._source.dtype)
        if dtype.kind != "f":
            bounds = np.iinfo(dtype)
            values = np.clip(np.rint(values), bounds.min, bounds.max)
        values = values.astype(dtype).reshape(self._shape)
        try:
            (embedding,) = self._session.run([self._target.name], {self._source.name: values})
        except Exception as error:  # each fault has a class of its own, and they share no other
            raise ValueError(error) from error
        return np.asarray(embedding, np.float32)


def _session(data: bytes, optimized: bool = True) -> "onnxruntime.InferenceSession":
    runtime = _import()
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = SILENT
    if not optimized:
        options.graph_optimization_level = runtime.GraphOptimizationLevel.ORT_DISABLE_ALL
    try:
        # Without a second attempt, of which onnxruntime prints a message.
        return runtime.InferenceSession(data, options, providers=["CPUExecutionProvider"], enable_fallback=False)
    except Exception as error:  # as above
        raise ValueError(error) from error


def _import() -> Any:
    try:
        import onnxruntime  # noqa: PLC0415
    except ModuleNotFoundError:
        raise EchoError(
            "onnxruntime, which runs ONNX files, is not installed. Install it: pip install 'project-echo[onnx]'"
        ) from None
    return onnxruntime


def _info(index: int, details: Any, role: Role) -> TensorInfo:
    shape = tuple(length if isinstance(length, int) and length >= 0 else None for length in details.shape or ())
    dtype = details.type.removeprefix("tensor(").removesuffix(")")
    return TensorInfo(index, details.name, shape, DTYPES.get(dtype, dtype), role)
