"""The label vocabulary: `none`, the animals, their order, names that no label may have."""

from collections.abc import Sequence

import pandas as pd

NONE = "none"  # the label of background, which holds none of the animals

# Columns of the tables in which every label has a column of its own.
RESERVED = {
    *("clip", "truth", "prediction", "animal", "other", "recording", "start_s", "end_s"),
    *("draw", "train", "left_out", "part", "source", "label", "kind"),  # of crossval
}


def animal_labels(labels: Sequence[str]) -> list[str]:
    """The labels without `none`, in their order."""
    return [label for label in labels if label != NONE]


def sorted_labels(labels: Sequence[str]) -> list[str]:
    """Labels in the order of the probability columns: animals by name, then `none` if it is among them."""
    return sorted(animal_labels(labels)) + [NONE] * (NONE in labels)


def clips_for_head(clips: pd.DataFrame, head: str) -> pd.DataFrame:
    """The clips that a head learns from.

    Parameters
    ----------
    clips : pd.DataFrame
        A row per clip, with `label`.
    head : {"logistic", "dense"}
        The dense head, the study's own, has no label for background.

    Returns
    -------
    pd.DataFrame
        All rows, or those of animals for the dense head.
    """
    return clips[clips["label"] != NONE] if head == "dense" else clips


def display_name(label: str) -> str:
    """A label as people write it: `cane_toad` is "cane toad"."""
    return label.replace("_", " ")
