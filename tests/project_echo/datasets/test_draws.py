"""Draws of sources: no source is in two parts, and what is compared is tested on the same clips."""

import pandas as pd
import pytest

from project_echo.core.errors import EchoError
from project_echo.core.labels import NONE, PARTIAL
from project_echo.datasets import draws
from project_echo.datasets.config import Split
from project_echo.datasets.draws import draw_sources, hold_out_background, reduce_training_sources
from project_echo.datasets.split import PARTS, UNUSED, assert_no_leak
from tests.tables import clips_of, numbered, with_background, with_partial

ANIMALS = clips_of({kind: numbered(kind, n) for kind, n in (("boar", 13), ("fox", 20), ("owl", 13))})
BACKGROUND = {"rain": numbered("rain", 8), "wind": numbered("wind", 13)}
CLIPS = with_background(ANIMALS, BACKGROUND)
# Sites with an animal and background, and with two kinds of background.
SHARED = with_background(
    ANIMALS, {"rain": numbered("rain", 8) + numbered("fox", 6), "wind": numbered("wind", 8) + numbered("rain", 4)}
)
SIZES = (9, 2, 2)
TABLES = pytest.mark.parametrize("clips", [CLIPS, SHARED], ids=["own sources", "shared sources"])
NUMBERS = pytest.mark.parametrize("number", range(5))


def draw(
    clips: pd.DataFrame = CLIPS, number: int = 0, sizes: tuple[int, int, int] = SIZES, seed: int = 1
) -> pd.DataFrame:
    train, validation, test = sizes
    return draw_sources(clips, Split(train=train, validation=validation, test=test, seed=99), seed, number)


def sources(table: pd.DataFrame, part: str, kind: str | None = None) -> set[str]:
    return set(table.loc[(table["part"] == part) & (table["kind"] == kind if kind else True), "source"])


@TABLES
@NUMBERS
def test_every_source_is_in_one_part_with_one_clip_of_each_kind(clips: pd.DataFrame, number: int) -> None:
    drawn = draw(clips, number)
    assert (drawn.groupby("source")["part"].nunique() == 1).all()
    assert not drawn.duplicated(["kind", "source"]).any()
    assert set(drawn["source"]) == set(clips["source"])
    assert set(drawn["clip"]) <= set(clips["clip"])
    pd.testing.assert_frame_equal(drawn[clips.columns], clips.loc[drawn.index])


@NUMBERS
def test_a_draw_has_the_sizes_of_the_split(number: int) -> None:
    for kind in ("boar", "fox", "owl", "wind"):
        assert [len(sources(draw(CLIPS, number), part, kind)) for part in PARTS] == list(SIZES)


def test_over_many_draws_every_source_is_tested_and_every_clip_is_used() -> None:
    drawn = pd.concat([draw(CLIPS, number) for number in range(80)])
    assert set(drawn.loc[drawn["part"] == "test", "source"]) == set(CLIPS["source"])
    assert set(drawn["clip"]) == set(CLIPS["clip"])


@TABLES
def test_a_draw_does_not_depend_on_the_order_of_rows_or_on_an_earlier_split(clips: pd.DataFrame) -> None:
    shuffled = clips.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(draw(shuffled), draw(clips))
    pd.testing.assert_frame_equal(draw(clips.assign(part="unused")), draw(clips))


def test_another_seed_or_number_gives_another_draw() -> None:
    tested = {frozenset(sources(draw(CLIPS, number, seed=seed), "test")) for number in range(3) for seed in range(3)}
    assert len(tested) == 9


@NUMBERS
def test_background_does_not_change_the_draw_of_the_animals(number: int) -> None:
    drawn = draw(CLIPS, number)
    pd.testing.assert_frame_equal(drawn[drawn["label"] != NONE], draw(ANIMALS, number))


@NUMBERS
def test_a_smaller_training_size_is_tested_on_the_same_clips(number: int) -> None:
    larger, smaller = draw(ANIMALS, number), draw(ANIMALS, number, sizes=(5, 2, 2))
    assert sources(smaller, "train") < sources(larger, "train")
    for part in ("validation", "test"):
        pd.testing.assert_frame_equal(smaller[smaller["part"] == part], larger[larger["part"] == part])


def test_a_recording_with_two_sources_is_an_error_if_they_are_in_different_parts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(draws, "ATTEMPTS", 2)
    leaky = clips_of({"boar": numbered("boar", 4), "fox": numbered("fox", 4)}, recordings=1, clips=2)
    leaky["source"] = leaky["clip"]  # as if every clip had a source of its own: the other clip may be tested
    n_errors = 0
    for number in range(20):
        try:
            drawn = draw(leaky, number, sizes=(5, 1, 1))
        except EchoError as error:
            n_errors += "recording" in str(error)
        else:
            assert (drawn.groupby("recording")["part"].nunique() == 1).all()
    assert n_errors


@NUMBERS
def test_fewer_training_sources_are_part_of_more_and_do_not_change_what_is_tested(number: int) -> None:
    whole = draw(CLIPS, number)
    reduced = [reduce_training_sources(whole, n_sources, 1, number) for n_sources in (1, 3, 5)]
    for n_sources, table in zip((1, 3, 5), reduced, strict=True):
        assert [len(sources(table, "train", kind)) for kind in ("boar", "fox", "owl")] == [n_sources] * 3
        for part in ("validation", "test"):
            pd.testing.assert_frame_equal(table[table["part"] == part], whole[whole["part"] == part])
        pd.testing.assert_frame_equal(table[table["label"] == NONE], whole[whole["label"] == NONE])
    assert sources(reduced[0], "train") < sources(reduced[1], "train") < sources(reduced[2], "train")
    assert sources(reduced[2], "train") < sources(whole, "train")


@NUMBERS
def test_with_a_single_animal_fewer_of_its_training_sources_leave_background_as_it_is(number: int) -> None:
    whole = draw(CLIPS[CLIPS["label"].isin(["boar", NONE])], number)
    reduced = reduce_training_sources(whole, 3, 1, number)
    assert len(sources(reduced, "train", "boar")) == 3
    for rows in (whole["label"] == NONE, whole["part"] != "train"):
        pd.testing.assert_frame_equal(reduced[rows.loc[reduced.index]], whole[rows])


@TABLES
@NUMBERS
@pytest.mark.parametrize("kind", BACKGROUND)
def test_held_out_background_is_only_tested_and_none_of_its_sources_is_learned_from(
    clips: pd.DataFrame, number: int, kind: str
) -> None:
    whole = draw(clips, number)
    table = hold_out_background(whole, kind)
    held_out = table[table["kind"] == kind]
    assert set(held_out["part"]) == {"test"}
    others = table[table["kind"] != kind].reset_index(drop=True)
    pd.testing.assert_frame_equal(others, whole[whole["kind"] != kind].reset_index(drop=True))
    learned = set(others.loc[others["part"] != "test", "source"])
    expected = whole[(whole["kind"] == kind) & ~whole["source"].isin(learned)]
    assert set(held_out["clip"]) == set(expected["clip"])
    assert_no_leak(table)


def test_a_draw_with_too_few_sources_is_repeated_and_an_error_if_none_is_possible() -> None:
    shared = clips_of({"boar": numbered("boar", 13), "fox": numbered("fox", 10) + numbered("boar", 3)})
    for number in range(20):  # nearly half of the first attempts leave a class a source too few
        assert set(draw(shared, number)["part"]) >= set(PARTS)
    with pytest.raises(EchoError) as error:
        draw(shared, sizes=(20, 2, 2))
    assert f"{draws.ATTEMPTS} attempts" in str(error.value)
    assert "class boar has 13 sources" in str(error.value)


@TABLES
@NUMBERS
def test_partially_labelled_clips_change_no_draw_and_train_where_no_other_side_has_their_source(
    clips: pd.DataFrame, number: int
) -> None:
    mixed = with_partial(clips, ["pond", *clips["source"].unique()])
    plain = draw(clips, number)
    drawn = draw(mixed, number)
    partial = drawn["label"] == PARTIAL
    pd.testing.assert_frame_equal(drawn[~partial], plain)
    assert not drawn[partial]["source"].duplicated().any()
    assert set(drawn.loc[partial, "source"]) == set(mixed["source"])
    assert set(drawn.loc[partial & (drawn["part"] == "train"), "source"]) == {"pond", *sources(plain, "train")}
    assert set(drawn.loc[partial, "part"]) <= {"train", UNUSED}

    fewer, plain_fewer = (reduce_training_sources(table, 3, 1, number) for table in (drawn, plain))
    pd.testing.assert_frame_equal(fewer[fewer["label"] != PARTIAL], plain_fewer)
    assert set(fewer.loc[fewer["label"] == PARTIAL, "source"]) == set(mixed["source"])

    held, plain_held = (hold_out_background(table, "wind") for table in (drawn, plain))
    pd.testing.assert_frame_equal(held[held["label"] != PARTIAL].reset_index(drop=True), plain_held)
    learned = set(held.loc[(held["label"] == PARTIAL) & (held["part"] == "train"), "source"])
    assert "pond" in learned
    assert not learned & set(plain_held.loc[plain_held["part"] != "train", "source"])
    assert_no_leak(held)
