"""The section `split` of params.yaml: sizes of train, validation and test."""

from typing import Annotated

import pydantic
from pydantic import Field, NonNegativeInt, PositiveInt

from project_echo.core.validation import Schema

Size = PositiveInt | Annotated[float, Field(gt=0, lt=1)]  # sources per class, or a fraction of them


class Split(Schema):
    """The section `split` of params.yaml: sizes in sources per class, or all three as fractions of them."""

    train: Size
    validation: Size
    test: Size
    seed: NonNegativeInt

    @pydantic.model_validator(mode="after")
    def _check(self) -> "Split":
        sizes = [self.train, self.validation, self.test]
        if len({type(size) for size in sizes}) > 1:
            raise ValueError("train, validation and test: give sources per class (9) or fractions (0.7), not a mixture")
        if isinstance(self.train, float) and sum(sizes) > 1 + 1e-9:
            raise ValueError(f"train, validation and test add up to {sum(sizes):g}, more than 1")
        return self
