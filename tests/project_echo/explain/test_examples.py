"""Choice of the pair of labels and of the clips that are shown."""

import pandas as pd
import pytest

from project_echo.explain import examples

LABELS = ["a", "a / b", "b", "none"]
TESTED = pd.DataFrame(
    [
        ("correct", "a", "a", 0.9, 0.0, 0.1, 0.0),
        ("confused", "a", "b", 0.3, 0.1, 0.5, 0.1),
        ("rejected", "b", "none", 0.1, 0.1, 0.2, 0.6),
        ("uncertain", "b", "b", 0.2, 0.1, 0.4, 0.3),
        ("background", "none", "none", 0.0, 0.0, 0.0, 1.0),
    ],
    columns=["clip", "truth", "animal", *LABELS],
)


@pytest.mark.parametrize("pair", [("a", "b"), ("b", "a"), ("a / b", "none")])
def test_a_pair_of_two_labels_is_taken_as_it_is(pair: tuple[str, str]) -> None:
    assert examples.confused_pair(list(pair), TESTED, LABELS) == pair


def test_without_a_pair_it_is_the_truth_of_the_least_certain_clip_and_its_most_probable_other_label() -> None:
    correct = TESTED[TESTED["truth"] == TESTED["animal"]]
    assert examples.confused_pair(None, correct, LABELS) == ("b", "none")


@pytest.mark.parametrize("pair", [["a", "c"], ["a", "a"], ["a"], ["a", "b", "none"], "a / b"])
def test_other_labels_are_an_error_that_names_them(pair: list[str]) -> None:
    with pytest.raises(ValueError, match="labels") as error:
        examples.confused_pair(pair, TESTED, LABELS)
    assert all(name in str(error.value) for name in [*pair, *LABELS])


def test_clips_of_the_pair_are_wrong_ones_first_and_then_by_the_probability_of_their_truth() -> None:
    chosen = examples.confused_clips(TESTED, ("a", "b"), 9)
    assert chosen["clip"].tolist() == ["rejected", "confused", "uncertain", "correct"]
    assert examples.confused_clips(TESTED, ("a", "b"), 2)["clip"].tolist() == ["rejected", "confused"]
    pd.testing.assert_frame_equal(chosen.sort_index(), TESTED[:4])


def test_none_is_as_probable_as_the_most_probable_label_is_not() -> None:
    table = examples.with_none(
        predicted(("a", "fox", "fox", 0.75, 0.5), ("b", "none", "none", 0.0, 0.25)), ["fox", "toad"]
    )
    assert table["none"].tolist() == [0.25, 0.75]
    assert examples.with_none(predicted(), ["fox", "toad"]).columns[-1] == "none"


def predicted(*rows: tuple[str, str, str, float, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["clip", "truth", "prediction", "fox", "toad"])


def test_the_most_confident_clip_is_a_correct_one() -> None:
    table = predicted(("a", "fox", "fox", 0.7, 0.3), ("b", "toad", "toad", 0.1, 0.9), ("c", "fox", "toad", 0.01, 0.99))
    assert examples.most_confident(table) == {
        "clip": "b",
        "truth": "toad",
        "prediction": "toad",
        "fox": 0.1,
        "toad": 0.9,
    }


def test_if_no_clip_is_correct_it_is_the_one_with_the_highest_probability_of_its_truth() -> None:
    table = predicted(("a", "fox", "toad", 0.4, 0.6), ("b", "fox", "toad", 0.1, 0.9))
    assert examples.most_confident(table)["clip"] == "a"


def test_no_clip_is_an_error() -> None:
    with pytest.raises(ValueError, match="empty"):
        examples.most_confident(predicted())
