"""The sections `train` and `rejection` of params.yaml: how a classifier is trained, and its threshold chosen."""

from typing import Annotated, Literal

import pydantic
from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt

from project_echo.core.errors import EchoError
from project_echo.core.validation import Schema


class Recipe(Schema):
    """The section `train` of params.yaml."""

    trainable: Literal["none", "last_n", "all"]  # layers of the backbone that are trained
    last_n: PositiveInt  # how many, where trainable is last_n
    head: Literal["logistic", "dense"]
    C: PositiveFloat  # of the logistic head, as in scikit-learn: inverse of the regularization strength
    class_weight: Literal["balanced"] | None  # as in scikit-learn
    head_units: NonNegativeInt  # of the dense head, as all below; 0 for no hidden layer
    dropout: Annotated[float, Field(ge=0, lt=1)]
    weight_decay: NonNegativeFloat
    learning_rate: PositiveFloat
    batch_size: PositiveInt
    epochs: PositiveInt  # at most
    patience: PositiveInt  # epochs without a lower validation loss before training stops
    seed: NonNegativeInt

    @pydantic.model_validator(mode="after")
    def _check(self) -> "Recipe":
        if self.trainable != "none" and self.head == "logistic":
            raise ValueError(
                f"head: with trainable {self.trainable} the head is trained together with the backbone, set it to dense"
            )
        return self


def check_frozen(trainable: str, custom: bool) -> None:
    """Raise EchoError if a backbone is to be trained that cannot be: a custom network.

    Parameters
    ----------
    trainable : {"none", "last_n", "all"}
    custom : bool
        Whether the backbone is a custom network.
    """
    if custom and trainable != "none":
        raise EchoError(
            f"params.yaml: train.trainable is {trainable}, and a custom network (backbone.model) is not trained. "
            "Set train.trainable to none."
        )


def check_slices(head: str, slices: int) -> None:
    """Raise EchoError if a head cannot take the slices of a window: the dense head takes the whole window.

    Parameters
    ----------
    head : {"logistic", "dense"}
    slices : int
        Of a window.
    """
    if head == "dense" and slices > 1:
        raise EchoError(
            f"params.yaml: embed.slices is {slices}, and train.head dense takes a window as a whole. Set embed.slices "
            "to 1, or train.head to logistic."
        )


class Rejection(Schema):
    """The section `rejection` of params.yaml."""

    false_positive_rate: Annotated[float, Field(gt=0, lt=1)]  # of windows without a label; sets its threshold
