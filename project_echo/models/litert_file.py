"""Writing LiteRT files (.tflite) of networks in 8-bit integers, operation by operation.

References
----------
Jacob et al., "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference", CVPR 2018.
LiteRT, "LiteRT 8-bit quantization specification", for the ranges and scales that its operations ask for.
"""

from dataclasses import dataclass

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

IDENTIFIER = b"TFL3"  # of the file format
VERSION = 3  # of the schema
LARGEST_BIAS = 2**30  # in steps, half of what an int32 holds: the products of weights and activations are added to it
SMALLEST_SCALE = 1e-8  # of weights; that of a channel whose weights and bias are all zero


@dataclass(frozen=True)
class Tensor:
    """A tensor of activations: its index in the file, shape, and real value of one step."""

    index: int
    shape: tuple[int, ...]
    scale: float


class Int8Graph:
    """A network of int8 tensors under construction. Weights have a scale for each output channel."""

    def __init__(self) -> None:
        self._model, self._graph = schema.ModelT(), schema.SubGraphT()
        self._model.version = VERSION
        self._model.subgraphs = [self._graph]
        self._model.buffers = [schema.BufferT()]  # the first is empty, that of activations
        self._model.operatorCodes = []
        self._graph.tensors, self._graph.operators = [], []
        self._codes: dict[int, int] = {}

    def input(self, name: str, shape: tuple[int, ...], scale: float) -> Tensor:
        """Add the input: an int8 tensor whose real value is its integer times `scale`."""
        return self._activation(name, shape, scale, 0)

    def convolution(
        self,
        name: str,
        inputs: Tensor,
        weights: np.ndarray,
        bias: np.ndarray,
        bounds: tuple[float, float],
        *,
        depthwise: bool,
        stride: int,
        relu6: bool,
    ) -> Tensor:
        """Add a convolution with "same" padding.

        Parameters
        ----------
        name : str
        inputs : Tensor
            Of shape (1, height, width, channels).
        weights : np.ndarray, float64
            Shape (output channels, height, width, input channels), or depthwise (1, height, width, channels).
        bias : np.ndarray of shape (output channels,), float64
        bounds : tuple of float
            Lowest and highest real value of the output; others are clipped.
        depthwise : bool
            Whether each channel has a filter of its own.
        stride : int
        relu6 : bool
            Whether the output is clipped to 0 to 6.

        Returns
        -------
        Tensor
            The output.
        """
        axis = 3 if depthwise else 0
        others = tuple(number for number in range(4) if number != axis)
        # A channel with weights near zero, as some of MobileNetV2's, has a scale that its bias fits in.
        largest = np.maximum(np.abs(weights).max(axis=others) / 127, np.abs(bias) / inputs.scale / LARGEST_BIAS)
        scales = np.maximum(largest, SMALLEST_SCALE).astype(np.float32)
        steps = np.expand_dims(scales.astype(np.float64), others)
        integers = np.clip(np.rint(weights / steps), -127, 127).astype(np.int8)
        bias_scales = (scales.astype(np.float64) * inputs.scale).astype(np.float32)
        bias_integers = np.rint(bias / bias_scales.astype(np.float64)).astype(np.int32)
        operands = [
            inputs.index,
            self._constant(f"{name}/weights", integers, scales, axis),
            self._constant(f"{name}/bias", bias_integers, bias_scales, 0),
        ]
        _, height, width, _ = inputs.shape
        channels = weights.shape[axis]
        output = self._output(name, (1, -(-height // stride), -(-width // stride), channels), bounds)
        options = schema.DepthwiseConv2DOptionsT() if depthwise else schema.Conv2DOptionsT()
        options.padding = schema.Padding.SAME
        options.strideW = options.strideH = stride
        options.dilationWFactor = options.dilationHFactor = 1
        activations = schema.ActivationFunctionType
        options.fusedActivationFunction = activations.RELU6 if relu6 else activations.NONE
        if depthwise:
            options.depthMultiplier = 1
            self._operation(
                schema.BuiltinOperator.DEPTHWISE_CONV_2D,
                3,
                operands,
                output,
                schema.BuiltinOptions.DepthwiseConv2DOptions,
                options,
            )
        else:
            self._operation(
                schema.BuiltinOperator.CONV_2D, 3, operands, output, schema.BuiltinOptions.Conv2DOptions, options
            )
        return output

    def add(self, name: str, first: Tensor, second: Tensor, bounds: tuple[float, float]) -> Tensor:
        """Add the sum of two tensors of the same shape, with real values within `bounds`."""
        output = self._output(name, first.shape, bounds)
        self._operation(
            schema.BuiltinOperator.ADD,
            2,
            [first.index, second.index],
            output,
            schema.BuiltinOptions.AddOptions,
            schema.AddOptionsT(),
        )
        return output

    def serialize(self, inputs: Tensor, outputs: list[Tensor]) -> bytes:
        """The file, with its inputs and outputs."""
        self._graph.inputs, self._graph.outputs = [inputs.index], [tensor.index for tensor in outputs]
        builder = flatbuffers.Builder(0)
        builder.Finish(self._model.Pack(builder), IDENTIFIER)
        return bytes(builder.Output())

    def _output(self, name: str, shape: tuple[int, ...], bounds: tuple[float, float]) -> Tensor:
        low, high = bounds
        scale = float(np.float32((high - low) / 255))
        return self._activation(name, shape, scale, round(-128 - low / scale))

    def _activation(self, name: str, shape: tuple[int, ...], scale: float, zero_point: int) -> Tensor:
        scale = float(np.float32(scale))
        index = self._tensor(name, shape, schema.TensorType.INT8, [scale], [zero_point], 0)
        return Tensor(index, shape, scale)

    def _constant(self, name: str, values: np.ndarray, scales: np.ndarray, axis: int) -> int:
        kind = schema.TensorType.INT8 if values.dtype == np.int8 else schema.TensorType.INT32
        buffer = schema.BufferT()
        buffer.data = np.frombuffer(values.tobytes(), np.uint8)
        self._model.buffers.append(buffer)
        index = self._tensor(name, values.shape, kind, scales.tolist(), [0] * len(scales), axis)
        self._graph.tensors[index].buffer = len(self._model.buffers) - 1
        return index

    def _tensor(
        self, name: str, shape: tuple[int, ...], kind: int, scales: list[float], zero_points: list[int], axis: int
    ) -> int:
        quantization = schema.QuantizationParametersT()
        quantization.scale, quantization.zeroPoint, quantization.quantizedDimension = scales, zero_points, axis
        tensor = schema.TensorT()
        tensor.name, tensor.shape, tensor.type, tensor.buffer = name, list(shape), kind, 0
        tensor.quantization = quantization
        self._graph.tensors.append(tensor)
        return len(self._graph.tensors) - 1

    def _operation(
        self, code: int, version: int, inputs: list[int], output: Tensor, kind: int, options: object
    ) -> None:
        if code not in self._codes:
            entry = schema.OperatorCodeT()
            entry.builtinCode = entry.deprecatedBuiltinCode = code
            entry.version = version
            self._codes[code] = len(self._model.operatorCodes)
            self._model.operatorCodes.append(entry)
        operation = schema.OperatorT()
        operation.opcodeIndex, operation.inputs, operation.outputs = self._codes[code], inputs, [output.index]
        operation.builtinOptionsType, operation.builtinOptions = kind, options
        self._graph.operators.append(operation)
