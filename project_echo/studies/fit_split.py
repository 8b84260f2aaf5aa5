"""A split of the sources that fits the label with the fewest of them."""

from dataclasses import dataclass

import pandas as pd

from project_echo.core.errors import EchoError
from project_echo.core.labels import NO_ANIMAL, PARTIAL, display_name
from project_echo.datasets.config import Split
from project_echo.datasets.draws import draw_sources
from project_echo.datasets.split import PARTS, fitting_sizes, split_by_source

# Of a label's sources, held out for validation and as many for the test: 2 of 10 or 13, 1 of 3 to 9. Draws are many, so
# all sources are tested in the end, and where there are many of them, a smaller share is enough.
HELD_OUT, HELD_OUT_OF_MANY, MANY = 0.15, 0.1, 20
FEW_SIZES = (1, 3, 5, 7, 9)  # of the learning curve, as in params.yaml
CURVE = (1 / 8, 1 / 4, 1 / 2, 3 / 4)  # of the training sources, where they are more
DRAWS = 3  # that are tried: of sources that labels share, some draws may be impossible


@dataclass(frozen=True)
class FittedSplit:
    """Sizes of train, validation and test.

    Attributes
    ----------
    changes : dict of str to object
        Parameters by name: those of `split`, and `crossval.train_sizes`.
    sizes : dict of str to tuple of int
        Sources of each label that are in train, validation and test.
    """

    changes: dict[str, object]
    sizes: dict[str, tuple[int, ...]]

    @property
    def text(self) -> str:
        """The split in a line."""
        fewest, most = (chosen(self.sizes, key=lambda label: self.sizes[label]) for chosen in (min, max))
        if self.sizes[fewest] == self.sizes[most]:
            return f"Split: of the sources of each label, {_in_words(self.sizes[fewest])}"
        train, validation, test = self.sizes[most]
        return (
            f"Split: of the sources of {display_name(fewest)}, {_in_words(self.sizes[fewest])}; of those of "
            f"{display_name(most)}, {train}, {validation} and {test}"
        )


def fit_split(recordings: pd.DataFrame, split: Split, *, keep: bool = False) -> FittedSplit:
    """Choose sizes of train, validation and test that the sources of every label allow.

    They are shares, so that every label uses all of its sources, and that the split still fits when a recording turns
    out to be unusable or some are added. Where labels share sources, so that shares cannot be had, they are numbers of
    sources.

    Parameters
    ----------
    recordings : pd.DataFrame
        recording, label, kind, source, unseen.
    split : Split
        Sizes as they are now, and the seed.
    keep : bool
        Whether these sizes are what a person wants, so that no others are tried.

    Returns
    -------
    FittedSplit

    Raises
    ------
    EchoError
        If no sizes fit, with the reason.
    """
    known = recordings[~recordings["unseen"]]
    clips = known.assign(clip=known["recording"])
    if keep:
        return _fitted(clips, split)
    animals = clips[~clips["label"].isin(NO_ANIMAL)]
    fewest = int(animals.groupby("label")["source"].nunique().min())
    held_out = HELD_OUT if fewest < MANY else HELD_OUT_OF_MANY
    shares = Split(train=1 - 2 * held_out, validation=held_out, test=held_out, seed=split.seed)
    try:
        return _fitted(clips, shares)
    except EchoError as error:
        problem = str(error)
    if sizes := fitting_sizes(clips, split):
        return _fitted(clips, Split(seed=split.seed, **sizes))
    raise EchoError(f"no split fits these sources: {problem}")


def learning_curve_sizes(training_sources: int) -> list[int]:
    """Sizes of the learning curve below the number of training sources, of the label with most of them."""
    if training_sources <= FEW_SIZES[-1] + 2:
        return list(FEW_SIZES)
    return sorted({1, *(round(share * training_sources) for share in CURVE)})


def _fitted(clips: pd.DataFrame, split: Split) -> FittedSplit:
    """The split, if it can be made and drawn. Raises EchoError otherwise."""
    table = split_by_source(clips, split)
    if clips.groupby("source")["kind"].nunique().max() > 1:
        for number in range(DRAWS):
            draw_sources(clips[clips["label"] != PARTIAL], split, 0, number)
    animals = table[~table["label"].isin(NO_ANIMAL)]
    sizes = {
        str(label): tuple(rows.loc[rows["part"] == part, "source"].nunique() for part in PARTS)
        for label, rows in animals.groupby("label")
    }
    changes: dict[str, object] = {f"split.{part}": getattr(split, part) for part in PARTS}
    changes["crossval.train_sizes"] = learning_curve_sizes(max(size[0] for size in sizes.values()))
    return FittedSplit(changes, sizes)


def _in_words(sizes: tuple[int, ...]) -> str:
    train, validation, test = sizes
    return f"{train} to learn from, {validation} to choose on and {test} to be tested on"
