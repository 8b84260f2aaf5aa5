"""MobileNetV2 in 8-bit integers: the frozen backbone as one LiteRT file, made from its Keras weights.

Integers add up the same on every processor, floats do not. Nothing is calibrated: the ranges of activations are
constants, found once by ``python -m benchmarks.activation_ranges``.

References
----------
Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks", CVPR 2018: table 2 and figure 4.
Jacob et al., "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference", CVPR 2018:
section 3.2, for batch normalization folded into the convolution before it.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from project_echo.core.errors import EchoError
from project_echo.features.config import LOUDEST, Features
from project_echo.models.litert_file import Int8Graph

# SHA-256 over weights and biases, as integers, of the layers up to a block; they do not depend on the shape of images.
DIGESTS: dict[int | str, str] = {
    13: "4fe1f28b159d5cb31789e3fc8b3c2563f7d126a8b9d53267f3e33d0b4e2188fe",
    "last": "88d92dc499df14f8ecb317064f6656e89781912efe56065b1abde6b5b98248be",
}
RELU6 = (0.0, 6.0)

# Blocks of each group, and the stride of its first.
GROUPS = ((2, 2), (3, 2), (4, 2), (3, 1), (3, 2), (1, 1))

# Lowest and highest real value of activations that are not clipped by a ReLU6, over images of the demo corpus, rounded
# outwards. They were measured with other windows of the STFT; with today's a few activations lie beyond them, by a
# fifth at most, and are clipped.
RANGES: dict[str, tuple[float, float]] = {
    "expanded_conv_project": (-36, 38),
    "block_1_project": (-26, 30),
    "block_2_project": (-39, 48),
    "block_2_add": (-42, 43),
    "block_3_project": (-22, 21),
    "block_4_project": (-22, 23),
    "block_4_add": (-24, 30),
    "block_5_project": (-26, 22),
    "block_5_add": (-32, 33),
    "block_6_project": (-21, 18),
    "block_7_project": (-16, 27),
    "block_7_add": (-20, 27),
    "block_8_project": (-13, 19),
    "block_8_add": (-20, 28),
    "block_9_project": (-21, 21),
    "block_9_add": (-26, 27),
    "block_10_project": (-16, 15),
    "block_11_project": (-12, 11),
    "block_11_add": (-17, 18),
    "block_12_project": (-26, 22),
    "block_12_add": (-33, 23),
    "block_13_project": (-17, 15),
    "block_14_project": (-11, 10),
    "block_14_add": (-20, 17),
    "block_15_project": (-27, 25),
    "block_15_add": (-40, 37),
    "block_16_project": (-11, 16),
}


@dataclass(frozen=True)
class Layer:
    """A convolution with its batch normalization and activation, or the sum of a block's input and output.

    Attributes
    ----------
    name : str
        Keras' name of the convolution or sum.
    kind : {"convolution", "depthwise", "add"}
    stride : int
    relu6 : bool
    normalization : str
        Keras' name of the batch normalization; empty for a sum.
    """

    name: str
    kind: Literal["convolution", "depthwise", "add"]
    stride: int
    relu6: bool
    normalization: str

    @property
    def output(self) -> str:
        """Keras' name of the layer whose output this is."""
        if self.kind == "add":
            return self.name
        if not self.relu6:
            return self.normalization
        return {"Conv_1": "out_relu"}.get(self.name, f"{self.name}_relu")


def layers() -> Iterator[Layer]:
    """The layers of MobileNetV2 (width 1.0) without its classifier, in order."""
    yield Layer("Conv1", "convolution", 2, True, "bn_Conv1")
    yield Layer("expanded_conv_depthwise", "depthwise", 1, True, "expanded_conv_depthwise_BN")
    yield Layer("expanded_conv_project", "convolution", 1, False, "expanded_conv_project_BN")
    block = 0
    for n_blocks, stride in GROUPS:
        for number in range(n_blocks):
            block += 1
            name = f"block_{block}"
            yield Layer(f"{name}_expand", "convolution", 1, True, f"{name}_expand_BN")
            yield Layer(f"{name}_depthwise", "depthwise", 1 if number else stride, True, f"{name}_depthwise_BN")
            yield Layer(f"{name}_project", "convolution", 1, False, f"{name}_project_BN")
            if number:
                yield Layer(f"{name}_add", "add", 1, False, "")
    yield Layer("Conv_1", "convolution", 1, True, "Conv_1_bn")


def tap_name(block: int | str) -> str:
    """The layer whose activations are pooled for a block: its widest, after its expansion."""
    return "Conv_1" if block == "last" else f"block_{block}_expand"


def fold(network: Any) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Weights and biases with batch normalization folded in, in float64.

    Parameters
    ----------
    network : keras.Model
        MobileNetV2 as keras.applications builds it, without its classifier.

    Returns
    -------
    dict of str to tuple of np.ndarray
        By layer, as `Int8Graph.convolution` takes them.
    """
    folded = {}
    for layer in layers():
        if layer.kind == "add":
            continue
        (kernel,) = network.get_layer(layer.name).get_weights()
        normalization = network.get_layer(layer.normalization)
        gamma, beta, mean, variance = (values.astype(np.float64) for values in normalization.get_weights())
        factor = gamma / np.sqrt(variance + normalization.epsilon)
        kernel = kernel.astype(np.float64)
        if layer.kind == "depthwise":
            weights = (kernel[..., 0] * factor)[np.newaxis]
        else:
            weights = (kernel * factor).transpose(3, 0, 1, 2)
        folded[layer.name] = weights, beta - mean * factor
    return folded


def build(folded: dict[str, tuple[np.ndarray, np.ndarray]], features: Features, blocks: Sequence[int | str]) -> bytes:
    """The LiteRT file of the backbone, from an image to the activations of the blocks that are pooled.

    Parameters
    ----------
    folded : dict
        What `fold` returns.
    features : Features
        Of images, which are int8.
    blocks : sequence of int or "last"
        The outputs, int8, in this order. Layers after the last of them are left out.

    Returns
    -------
    bytes
    """
    graph = Int8Graph()
    taps = [tap_name(block) for block in blocks]
    spectrogram = graph.input("spectrogram", (1, *features.image_shape), 1 / LOUDEST)  # -1 to 1, as it was trained
    flow = residual = spectrogram
    outputs = {}
    for layer in layers():
        bounds = RELU6 if layer.relu6 else RANGES[layer.name]
        if layer.name.endswith("_expand"):
            residual = flow
        if layer.kind == "add":
            flow = graph.add(layer.name, residual, flow, bounds)
        else:
            weights, bias = folded[layer.name]
            depthwise = layer.kind == "depthwise"
            flow = graph.convolution(
                layer.name, flow, weights, bias, bounds, depthwise=depthwise, stride=layer.stride, relu6=layer.relu6
            )
        if layer.name in taps:
            outputs[layer.name] = flow
            if len(outputs) == len(set(taps)):
                break
    return graph.serialize(spectrogram, [outputs[name] for name in taps])


def digest(file: bytes) -> str:
    """SHA-256 over the quantized weights and biases of a LiteRT file, in order."""
    model = schema.Model.GetRootAs(file)
    total = hashlib.sha256()
    for number in range(model.BuffersLength()):
        if model.Buffers(number).DataLength():
            total.update(model.Buffers(number).DataAsNumpy().tobytes())
    return total.hexdigest()


def check(file: bytes, blocks: Sequence[int | str]) -> None:
    """Check the quantized tensors against DIGESTS; a network up to another block is not checked.

    Raises
    ------
    EchoError
        If they differ: embeddings would not be those of other machines.
    """
    expected = DIGESTS.get("last" if "last" in blocks else max(int(block) for block in blocks))
    if expected is not None and digest(file) != expected:
        raise EchoError(
            f"the integers of the backbone differ from the expected ones (digest {digest(file)[:12]}..., expected "
            f"{expected[:12]}...). Report it with the versions of NumPy and Python."
        )
