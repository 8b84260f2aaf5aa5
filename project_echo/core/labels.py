"""Labels: `none` for background, the animals, their order, reserved names, and the folder of unseen recordings."""

from collections.abc import Sequence

NONE = "none"  # label of background, which contains none of the animals
UNSEEN = "unseen"  # folder of a corpus, beside those of the labels, with recordings to screen

# Columns of the tables that also have a column per label.
RESERVED = {
    *("clip", "truth", "prediction", "animal", "recording", "start_s", "end_s"),
    *("draw", "train", "held_out", "part", "source", "label", "kind"),  # of crossval
}


def animal_labels(labels: Sequence[str]) -> list[str]:
    """Labels without `none`, in the same order."""
    return [label for label in labels if label != NONE]


def sorted_labels(labels: Sequence[str]) -> list[str]:
    """Sort labels in the order of the probability columns: animals by name, then `none`."""
    return sorted(animal_labels(labels)) + [NONE] * (NONE in labels)


def unseen_name(recording: str) -> str:
    """Name of an unseen recording within its folder: `unseen/pond/x.mp4` is "pond/x.mp4"."""
    return recording.removeprefix(f"{UNSEEN}/")


def display_name(label: str) -> str:
    """A label as readers see it: `cane_toad` is "cane toad"."""
    return label.replace("_", " ")
