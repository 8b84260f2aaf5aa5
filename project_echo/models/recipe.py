"""How to train a classifier."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """The section train of params.yaml, which says what each value means."""

    trainable: str
    last_n: int
    head: str
    C: float
    class_weights: bool
    head_units: int
    dropout: float
    weight_decay: float
    learning_rate: float
    batch_size: int
    epochs: int  # at most
    patience: int  # epochs without a better validation loss
    seed: int
