"""The section `crossval` of params.yaml: how often the classifier is trained and tested."""

from typing import Annotated

from pydantic import Field, NonNegativeInt, PositiveInt

from project_echo.core.validation import Schema


class Crossval(Schema):
    """The section `crossval` of params.yaml."""

    draws: Annotated[int, Field(ge=2)]  # draws of sources
    train_sizes: tuple[PositiveInt, ...]  # training sources per class of the learning curve
    seed: NonNegativeInt
