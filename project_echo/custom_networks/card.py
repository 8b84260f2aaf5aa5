"""The card of a custom network: a YAML file beside it that says what it is, what it takes and what it gives.

Embeddings of such networks are floats, which are not the same to the last bit on every processor.
"""

from pathlib import Path
from typing import Annotated, Any, Literal

import pydantic
from pydantic import Field, NonNegativeInt, PositiveFloat

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.core.validation import Schema, validate

LITERT, ONNX = ".tflite", ".onnx"


def _name_or_index(value: Any) -> Any:
    is_index = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    if not is_index and not (isinstance(value, str) and value):
        raise ValueError("give a tensor of the network, by its name or its index")
    return value


TensorKey = Annotated[str | int, pydantic.BeforeValidator(_name_or_index)]
Text = Annotated[str, Field(min_length=1)]


class NetworkInput(Schema):
    """What a network takes."""

    tensor: TensorKey
    kind: Literal["waveform", "log_mel"]  # log_mel: the image of a whole window, as the spectrograms stage makes it
    scale: PositiveFloat = 1.0  # by which samples, or values of the image, which are from -1 to 1, are multiplied


class NetworkEmbedding(Schema):
    """What a network gives, and how it is stored in 8 bits."""

    tensor: TensorKey  # an output, or any other that the network computes
    time_axis: NonNegativeInt | None = None  # axis of the tensor that is time, if it has one
    highest: PositiveFloat  # magnitude of its values that becomes the last step of 8 bits


class NetworkCard(Schema):
    """The card of a custom network."""

    name: Text
    licence: Text  # its SPDX identifier where there is one
    source: Text | None = None  # where people get the file
    sample_rate_hz: Annotated[int, Field(ge=4000, le=384_000)]
    window_s: Annotated[float, Field(gt=0, le=60)]  # of the network's own input, s
    hop_s: Annotated[float, Field(gt=0, le=60)]  # step between the network's windows inside one of ours, s
    input: NetworkInput
    embedding: NetworkEmbedding
    equal_bytes: Literal[False] = False  # on every processor, which floats are not

    @property
    def window_samples(self) -> int:
        """Samples of the network's own input."""
        return round(self.window_s * self.sample_rate_hz)

    @property
    def hop_samples(self) -> int:
        """Step between the network's windows, samples."""
        return max(1, round(self.hop_s * self.sample_rate_hz))

    @pydantic.model_validator(mode="after")
    def _check(self) -> "NetworkCard":
        if self.hop_s > self.window_s:
            raise ValueError(
                f"hop_s ({self.hop_s:g} s) is longer than window_s ({self.window_s:g} s), and sound in between would "
                "not be heard: shorten hop_s"
            )
        if self.input.kind == "log_mel" and self.hop_s != self.window_s:
            raise ValueError("hop_s: a network of kind log_mel takes our window as a whole, set it to window_s")
        return self


def card_path(network: Path) -> Path:
    """The card of a network: NAME.yaml beside NAME.tflite or NAME.onnx."""
    return network.with_suffix(".yaml")


def read_network_card(network: Path) -> NetworkCard:
    """Read the card of a network.

    Parameters
    ----------
    network : Path
        The .tflite or .onnx file.

    Returns
    -------
    NetworkCard

    Raises
    ------
    EchoError
        If there is none, or a value is not valid; names the card and the key.
    """
    path = card_path(network)
    if not path.is_file():
        raise EchoError(
            f"{path} does not exist, and a network needs this card beside it. Write it: "
            f"project-echo backbone inspect {network}"
        )
    return validate(NetworkCard, files.read_yaml(path), path)
