"""The section `backbone` of params.yaml: which network it is, and where its weights come from."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from project_echo.core.errors import EchoError
from project_echo.core.validation import Schema

MOBILENET = "mobilenet_v2"
SUFFIXES = (".tflite", ".onnx")


class Backbone(Schema):
    """The section `backbone` of params.yaml."""

    model: Annotated[str, Field(min_length=1)]  # mobilenet_v2, or a path to a custom network beside its card
    weights: Annotated[str, Field(min_length=1)]  # of MobileNetV2: imagenet, or a path to an HDF5 file of Keras weights


def custom_network(model: str, networks: Path) -> Path | None:
    """The custom network that `backbone.model` names, or None if it is MobileNetV2.

    Parameters
    ----------
    model : str
    networks : Path
        Folder of networks, on which the stages that read one depend.

    Returns
    -------
    Path or None

    Raises
    ------
    EchoError
        If there is no such file of a kind that can be read, or it is outside the folder.
    """
    if model == MOBILENET:
        return None
    path = Path(model)
    if path.suffix not in SUFFIXES or not path.is_file():
        reason = "does not exist" if path.suffix in SUFFIXES else f"is not a {' or '.join(SUFFIXES)} file"
        raise EchoError(f"backbone.model: {model} {reason}. Use {MOBILENET}, or the path of a network.")
    if networks not in path.parents or ".." in path.parts:
        raise EchoError(
            f"backbone.model: {model} is outside {networks}/. Move the network and its card there, as DVC notices "
            "changed files in that folder only."
        )
    return path
