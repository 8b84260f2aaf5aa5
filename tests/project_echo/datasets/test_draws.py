"""Draws of sources: no one is heard twice, and what is compared is drawn alike."""

import pandas as pd
import pytest

from project_echo.core.errors import EchoError
from project_echo.core.labels import NONE
from project_echo.datasets import draws
from project_echo.datasets.split import PARTS, assert_no_leak
from tests.tables import clips_of, numbered, with_background

ANIMALS = clips_of({kind: numbered(kind, n) for kind, n in (("boar", 13), ("fox", 20), ("owl", 13))})
BACKGROUND = {"rain": numbered("rain", 8), "wind": numbered("wind", 13)}
CLIPS = with_background(ANIMALS, BACKGROUND)
# Places with an animal and background, and with two kinds of background.
SHARED = with_background(
    ANIMALS, {"rain": numbered("rain", 8) + numbered("fox", 6), "wind": numbered("wind", 8) + numbered("rain", 4)}
)
SIZES = (9, 2, 2)
TABLES = pytest.mark.parametrize("clips", [CLIPS, SHARED], ids=["apart", "shared"])
NUMBERS = pytest.mark.parametrize("number", range(5))


def draw(clips: pd.DataFrame = CLIPS, number: int = 0, train: int = 9, seed: int = 1) -> pd.DataFrame:
    return draws.draw(clips, train, *SIZES[1:], seed, number)


def sources(table: pd.DataFrame, part: str, kind: str | None = None) -> set[str]:
    return set(table.loc[(table["part"] == part) & (table["kind"] == kind if kind else True), "source"])


@TABLES
@NUMBERS
def test_no_source_stands_in_two_parts_and_each_gives_one_clip(clips: pd.DataFrame, number: int) -> None:
    found = draw(clips, number)
    assert (found.groupby("source")["part"].nunique() == 1).all()
    assert not found.duplicated(["kind", "source"]).any()
    assert set(found["source"]) == set(clips["source"])
    assert set(found["clip"]) <= set(clips["clip"])
    pd.testing.assert_frame_equal(found[clips.columns], clips.loc[found.index])


@NUMBERS
def test_sizes_are_those_of_a_split(number: int) -> None:
    for kind in ("boar", "fox", "owl", "wind"):
        assert [len(sources(draw(CLIPS, number), part, kind)) for part in PARTS] == list(SIZES)


def test_every_source_and_every_clip_has_its_turn() -> None:
    draws = pd.concat([draw(CLIPS, number) for number in range(80)])
    tested = draws[draws["part"] == "test"]
    assert set(tested["source"]) == set(CLIPS["source"])
    assert set(draws["clip"]) == set(CLIPS["clip"])


@TABLES
def test_the_same_seed_and_number_are_the_same_draw_whatever_the_order_of_the_rows(clips: pd.DataFrame) -> None:
    shuffled = clips.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(draw(shuffled), draw(clips))
    pd.testing.assert_frame_equal(draw(clips.assign(part="unused")), draw(clips))  # as another split left it


def test_another_seed_or_number_is_another_draw() -> None:
    draws = {frozenset(sources(draw(CLIPS, number, seed=seed), "test")) for number in range(3) for seed in range(3)}
    assert len(draws) == 9


@NUMBERS
def test_background_does_not_change_the_draw_of_the_animals(number: int) -> None:
    found = draw(CLIPS, number)
    pd.testing.assert_frame_equal(found[found["label"] != NONE], draw(ANIMALS, number))


@NUMBERS
def test_fewer_training_sources_are_tested_on_the_same_clips(number: int) -> None:
    many, few = draw(ANIMALS, number), draw(ANIMALS, number, train=5)
    assert sources(few, "train") < sources(many, "train")
    for part in ("validation", "test"):
        pd.testing.assert_frame_equal(few[few["part"] == part], many[many["part"] == part])


def test_a_recording_whose_clips_bear_two_sources_is_caught_when_it_stands_on_two_sides() -> None:
    leaky = clips_of({"boar": numbered("boar", 4), "fox": numbered("fox", 4)}, recordings=1, clips=2)
    leaky["source"] = leaky["clip"]  # a clip's own name: its twin may be tested on what it was trained on
    caught = 0
    for number in range(20):
        try:
            found = draws.draw(leaky, 5, 1, 1, 1, number)
        except EchoError as error:
            caught += "recording" in str(error)
        else:
            assert (found.groupby("recording")["part"].nunique() == 1).all()
    assert caught


def test_a_source_put_on_a_second_side_of_a_draw_is_caught() -> None:
    found = draw()
    train, test = (found.index[found["part"] == part][0] for part in ("train", "test"))
    assert_no_leak(found)
    found.loc[test, "source"] = found.loc[train, "source"]
    with pytest.raises(EchoError, match=f"source {found.loc[train, 'source']} stands on two sides"):
        assert_no_leak(found)


@NUMBERS
def test_fewer_is_part_of_more_and_leaves_what_is_tested_alone(number: int) -> None:
    whole = draw(CLIPS, number)
    smaller = [draws.fewer(whole, train, 1, number) for train in (1, 3, 5)]
    for train, table in zip((1, 3, 5), smaller, strict=True):
        assert [len(sources(table, "train", kind)) for kind in ("boar", "fox", "owl")] == [train] * 3
        assert NONE not in set(table["label"])
        for part in ("validation", "test"):
            expected = whole[(whole["part"] == part) & (whole["label"] != NONE)]
            pd.testing.assert_frame_equal(table[table["part"] == part], expected)
    assert sources(smaller[0], "train") < sources(smaller[1], "train") < sources(smaller[2], "train")
    assert sources(smaller[2], "train") < sources(whole, "train")


@TABLES
@NUMBERS
@pytest.mark.parametrize("kind", BACKGROUND)
def test_a_kind_left_out_is_only_tested_and_no_source_of_it_is_learned_from(
    clips: pd.DataFrame, number: int, kind: str
) -> None:
    whole = draw(clips, number)
    found = draws.without(whole, kind)
    unheard = found[found["kind"] == kind]
    assert set(unheard["part"]) == {"test"}
    others = found[found["kind"] != kind].reset_index(drop=True)
    pd.testing.assert_frame_equal(others, whole[whole["kind"] != kind].reset_index(drop=True))
    learned = set(others.loc[others["part"] != "test", "source"])
    expected = whole[(whole["kind"] == kind) & ~whole["source"].isin(learned)]
    assert set(unheard["clip"]) == set(expected["clip"])
    assert_no_leak(found)


def test_a_draw_that_cannot_be_made_is_made_anew_and_at_last_refused() -> None:
    shared = clips_of({"boar": numbered("boar", 13), "fox": numbered("fox", 10) + numbered("boar", 3)})
    for number in range(20):  # nearly half of the first attempts leave a class a source too few
        assert set(draws.draw(shared, 9, 2, 2, 1, number)["part"]) >= {"train", "validation", "test"}
    with pytest.raises(EchoError, match="no draw of sources can be made in 100 attempts: class boar has 13"):
        draws.draw(shared, 20, 2, 2, 1, 0)
