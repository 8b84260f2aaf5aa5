"""Labels: `none` for background, the animals, their order, reserved names, and folders with a meaning of their own."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

NONE = "none"  # label of background, which contains none of the animals
UNSEEN = "unseen"  # folder of a corpus, beside those of the labels, with recordings to screen
# Folder of recordings of which nothing is known but what labels.csv states, and their label in tables.
PARTIAL = "partially_labelled"
NO_ANIMAL = (NONE, PARTIAL)

# Columns of the tables that also have a column per label.
RESERVED = {
    *("clip", "truth", "prediction", "animal", "recording", "start_s", "end_s"),
    *("draw", "train", "held_out", "part", "view", "source", "label", "second", "kind"),  # of crossval
    *("background_source", "second_source"),
}


def animal_labels(labels: Sequence[str]) -> list[str]:
    """Labels without `none` and PARTIAL, in the same order."""
    return [label for label in labels if label not in NO_ANIMAL]


def sorted_labels(labels: Sequence[str]) -> list[str]:
    """Sort labels in the order of the probability columns: animals by name, then `none`; without PARTIAL."""
    return sorted(animal_labels(labels)) + [NONE] * (NONE in labels)


def scored_labels(labels: Sequence[str]) -> list[str]:
    """Labels that accuracy and confusions are of: the animals, or a single animal and `none`, in the same order.

    Several animals are told apart whatever the thresholds; a single one can only be told from background.
    """
    animals = animal_labels(labels)
    return animals if len(animals) > 1 else [label for label in labels if label != PARTIAL]


def label_key(name: str) -> str:
    """What names have in common that people take for the same: "Tree  Frog", "tree_frog" and "tree frog ".

    Case, white space and underscores are no difference, nor is the Unicode form of accented letters (macOS may store
    "é" as two characters).
    """
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
    return re.sub(r"[\s_]+", "_", folded).strip("_")


def same_names(names: Iterable[str]) -> str:
    """The names that people take for the same although they differ, as a list in words; empty if there are none."""
    groups: dict[str, set[str]] = {}
    for name in names:
        groups.setdefault(label_key(name), set()).add(name)
    return "; ".join(
        " and ".join(_quoted(name, group) for name in sorted(group)) for group in groups.values() if len(group) > 1
    )


def _quoted(name: str, group: set[str]) -> str:
    """A name in quotes; letter by letter if another one looks exactly like it."""
    alike = [other for other in group if unicodedata.normalize("NFC", other) == unicodedata.normalize("NFC", name)]
    return repr(name) if len(alike) == 1 else f"{name!r} ({name!a})"


def unseen_name(recording: str) -> str:
    """Name of an unseen recording within its folder: `unseen/pond/x.mp4` is "pond/x.mp4"."""
    folder, _, name = recording.partition("/")
    return name if name and label_key(folder) == UNSEEN else recording


def display_name(label: str) -> str:
    """A label as readers see it: `cane_toad` is "cane toad"."""
    return label.replace("_", " ")
