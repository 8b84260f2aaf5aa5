"""Which pair of labels, and which clips of them, are shown."""

import pandas as pd
import pytest

from project_echo.explain import examples

LABELS = ["a", "a / b", "b", "none"]
TESTED = pd.DataFrame(
    [
        ("right", "a", "a", 0.9, 0.0, 0.1, 0.0),
        ("within", "a", "b", 0.3, 0.1, 0.5, 0.1),
        ("without", "b", "none", 0.1, 0.1, 0.2, 0.6),
        ("unsure", "b", "b", 0.2, 0.1, 0.4, 0.3),
        ("stranger", "none", "none", 0.0, 0.0, 0.0, 1.0),
    ],
    columns=["clip", "truth", "animal", *LABELS],
)


def test_the_pair_is_the_one_named_also_where_a_label_looks_like_a_pair() -> None:
    assert examples.pair("a / b", TESTED, LABELS) == ("a", "b")
    assert examples.pair("a / b / none", TESTED, LABELS) == ("a / b", "none")
    assert examples.pair("none / a", TESTED, LABELS) == ("none", "a")


def test_where_nothing_is_confused_the_pair_is_what_the_least_sure_clip_wavers_between() -> None:
    right = TESTED[TESTED["truth"] == TESTED["animal"]]
    assert examples.pair("none", right, LABELS) == ("b", "none")


def test_a_pair_of_other_labels_is_an_error() -> None:
    with pytest.raises(ValueError, match="a / c are not two of the labels a, a / b, b, none"):
        examples.pair("a / c", TESTED, LABELS)


def test_wrong_clips_of_the_pair_come_first_each_with_the_label_to_hold_against_its_answer() -> None:
    chosen = examples.clips(TESTED, ("a", "b"), 9)
    assert chosen[["clip", "other"]].to_numpy().tolist() == [
        ["without", "b"],
        ["within", "a"],
        ["unsure", "a"],
        ["right", "b"],
    ]
    assert examples.clips(TESTED, ("a", "b"), 2)["clip"].tolist() == ["without", "within"]
