"""How windows become embeddings: the section `embed` of params.yaml, and what is said beside embeddings."""

from pathlib import Path
from typing import Annotated, Literal

import pydantic
from pydantic import Field, PositiveInt

from project_echo.core import files
from project_echo.core.validation import Schema, validate


class Pooling(Schema):
    """The section `embed` of params.yaml.

    Blocks are numbered as in Keras (1 to 16), each tapped where it is widest, after its expansion; `last` is the last
    convolution, which ImageNet's own classifier reads.
    """

    blocks: Annotated[tuple[Annotated[int, Field(ge=1, le=16)] | Literal["last"], ...], Field(min_length=1)]
    bands: tuple[PositiveInt, ...]  # frequency bands of each block that are pooled separately
    slices: PositiveInt  # of a window in time, each half over the next; an embedding each. 1 for the whole window
    std: bool  # standard deviations beside the means
    sqrt: bool  # square roots of both

    @pydantic.model_validator(mode="after")
    def _check(self) -> "Pooling":
        if len(self.bands) != len(self.blocks):
            raise ValueError(f"bands: give one number for each of the {len(self.blocks)} blocks")
        return self


class Slices(Schema):
    """How embeddings of a custom network are made: their means over the slices of a window, which is all."""

    slices: PositiveInt


class Pooled(Pooling):
    """What embeddings.json, beside embeddings, says of them."""

    sizes: tuple[PositiveInt, ...]  # entries of each statistic of each block, in the order of an embedding

    @property
    def pooling(self) -> Pooling:
        """The section `embed` of params.yaml that they were made with."""
        return Pooling(**self.model_dump(exclude={"sizes"}))


class Averaged(Slices):
    """What embeddings.json says of those of a custom network."""

    sizes: tuple[PositiveInt]  # entries of an embedding

    @property
    def pooling(self) -> Slices:
        """How they were made."""
        return Slices(slices=self.slices)


def read_pooled(path: Path) -> Pooled | Averaged:
    """Read embeddings.json, as the embed stage writes it. Raises EchoError if it is of another version."""
    values = files.read_json(path)
    if "blocks" in values:
        return validate(Pooled, values, path)
    return validate(Averaged, values, path)
