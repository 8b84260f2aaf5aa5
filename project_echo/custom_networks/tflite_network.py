"""Custom networks in LiteRT files."""

import threading
from collections.abc import Mapping
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType

from project_echo.core.quiet import silenced_stderr
from project_echo.custom_networks.tensors import Role, TensorInfo
from project_echo.custom_networks.tflite_outputs import producers, with_output

_FAULTS = (RuntimeError, ValueError, TypeError)  # that the interpreter raises


class TfliteFile:
    """The contents of a LiteRT file.

    Parameters
    ----------
    data : bytes

    Attributes
    ----------
    tensors : list of TensorInfo
        Inputs, then what operations compute, in their order, then constants.

    Raises
    ------
    ValueError
        If it is not one; says why.
    """

    def __init__(self, data: bytes) -> None:
        try:
            with silenced_stderr():
                # Without XNNPACK, which would put its own operations in place of the file's.
                resolver = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
                interpreter = Interpreter(model_content=data, experimental_op_resolver_type=resolver)
                details = interpreter.get_tensor_details()
                inputs, outputs = interpreter.get_input_details(), interpreter.get_output_details()
        except _FAULTS as error:
            raise ValueError(error) from error
        self._data = data
        computed = producers(data)
        roles: dict[int, Role] = {int(tensor["index"]): "input" for tensor in inputs}
        roles |= dict.fromkeys(computed, "inside")
        roles |= {int(tensor["index"]): "output" for tensor in outputs if tensor["index"] in computed}
        order = [*roles, *(int(tensor["index"]) for tensor in details)]
        details.sort(key=lambda tensor: order.index(int(tensor["index"])))
        self.tensors = [_info(tensor, roles.get(int(tensor["index"]), "constant")) for tensor in details]

    def with_output(self, target: TensorInfo) -> bytes:
        """A file with this tensor as its only output."""
        is_only = [tensor for tensor in self.tensors if tensor.role == "output"] == [target]
        return self._data if is_only else with_output(self._data, target.index)

    def runtime(self, source: TensorInfo, shape: tuple[int, ...], target: TensorInfo) -> "TfliteRuntime":
        """The network, from an input of this shape to a tensor."""
        return TfliteRuntime(self.with_output(target), source.index, shape, target.index)


class TfliteRuntime:
    """A network in a LiteRT file, ready to run on one thread, with an interpreter of its own for each that calls it."""

    def __init__(self, data: bytes, source: int, shape: tuple[int, ...], target: int) -> None:
        self._data, self._source, self._shape, self._target = data, source, shape, target
        self._of_thread = threading.local()
        interpreter = self._interpreter()
        (self._input,) = interpreter.get_input_details()
        (self._output,) = interpreter.get_output_details()

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Run the network: see `Runtime`."""
        interpreter = self._interpreter()
        interpreter.set_tensor(self._source, _quantized(values, self._input).reshape(self._shape))
        interpreter.invoke()
        return _real(interpreter.get_tensor(self._target), self._output)

    def _interpreter(self) -> Interpreter:
        if not hasattr(self._of_thread, "interpreter"):
            with silenced_stderr():  # LiteRT prints the name of its delegate
                interpreter = Interpreter(model_content=self._data, num_threads=1)
                (details,) = interpreter.get_input_details()
                if tuple(details["shape"].tolist()) != self._shape:
                    interpreter.resize_tensor_input(self._source, self._shape)
                interpreter.allocate_tensors()
            self._of_thread.interpreter = interpreter
        return self._of_thread.interpreter


def _info(details: Mapping[str, Any], role: Role) -> TensorInfo:
    signature = details["shape_signature"].tolist() or details["shape"].tolist()
    shape = tuple(None if length < 0 else int(length) for length in signature)
    return TensorInfo(int(details["index"]), details["name"], shape, np.dtype(details["dtype"]).name, role)


def _quantized(values: np.ndarray, details: Mapping[str, Any]) -> np.ndarray:
    """Values as the input wants them: integers by its scale and zero point."""
    dtype = np.dtype(details["dtype"])
    if dtype.kind == "f":
        return values.astype(dtype)
    scale, zero_point = details["quantization"]
    bounds = np.iinfo(dtype)
    quantized: np.ndarray = np.clip(np.rint(values / (scale or 1) + zero_point), bounds.min, bounds.max).astype(dtype)
    return quantized


def _real(values: np.ndarray, details: Mapping[str, Any]) -> np.ndarray:
    """Real values of an output, float32."""
    if values.dtype.kind == "f":
        return values.astype(np.float32)
    scale, zero_point = details["quantization"]
    return (values.astype(np.float32) - np.float32(zero_point)) * np.float32(scale or 1)
