"""The section `backbone` of params.yaml: where the weights of the backbone come from."""

from typing import Annotated

from pydantic import Field

from project_echo.core.validation import Schema


class Weights(Schema):
    """The section `backbone` of params.yaml."""

    weights: Annotated[str, Field(min_length=1)]  # imagenet, or a path to an HDF5 file of Keras weights
