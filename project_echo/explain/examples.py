"""Which clips show best what the classifier takes for what."""

from itertools import permutations

import pandas as pd

from project_echo.evaluation.metrics import NOTHING


def pair(most_confused: str, tested: pd.DataFrame, labels: list[str]) -> tuple[str, str]:
    """The two labels of `most_confused`, as scores.most_confused writes them: cane_toad / tree_frog.

    Where nothing was confused, the truth of the least sure test clip and the likeliest other label. `tested` has
    `truth`, one of `labels`, and their probabilities, a column for each. Raises ValueError if they are not two of the
    labels.
    """
    if most_confused == NOTHING:
        clip = tested.loc[sureness(tested).idxmin()]
        truth = str(clip["truth"])
        return truth, max((label for label in labels if label != truth), key=lambda label: clip[label])
    for first, second in permutations(labels, 2):
        if most_confused == f"{first} / {second}":
            return first, second
    raise ValueError(f"{most_confused} are not two of the labels {', '.join(labels)}")


def clips(tested: pd.DataFrame, pair: tuple[str, str], n: int) -> pd.DataFrame:
    """At most `n` test clips of two labels, wrong ones first, then the least sure.

    `other` is the label to hold against `animal`, what a clip was taken for: the truth where that is wrong, else the
    other one of the pair.
    """
    first, second = pair
    chosen = tested[tested["truth"].isin(pair)]
    wrong = chosen["truth"] != chosen["animal"]
    other = chosen["truth"].where(wrong, chosen["truth"].map({first: second, second: first}))
    order = pd.DataFrame({"right": ~wrong, "sureness": sureness(chosen)}).sort_values(["right", "sureness"]).index
    return chosen.assign(other=other).loc[order].head(n)


def sureness(tested: pd.DataFrame) -> pd.Series:
    """The probability of each clip's truth."""
    values = [row[row["truth"]] for row in tested.to_dict("records")]
    return pd.Series(values, index=tested.index, dtype=float)
