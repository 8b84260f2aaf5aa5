"""The section `backbone` of params.yaml: which network it is, and where its weights come from."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from project_echo.core.validation import Schema

MOBILENET = "mobilenet_v2"


class Backbone(Schema):
    """The section `backbone` of params.yaml."""

    model: Annotated[str, Field(min_length=1)]  # mobilenet_v2, or a path to a network of one's own beside its card
    weights: Annotated[str, Field(min_length=1)]  # of MobileNetV2: imagenet, or a path to an HDF5 file of Keras weights


def own_network(model: str) -> Path | None:
    """The network of one's own that `backbone.model` names, or None if it is MobileNetV2."""
    return None if model == MOBILENET else Path(model)
