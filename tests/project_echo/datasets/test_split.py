"""No one is heard twice, and sizes are as asked."""

from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from project_echo.core.errors import EchoError
from project_echo.core.labels import NONE
from project_echo.datasets.split import PARTS, UNUSED, assert_no_leak, by_source, describe
from tests.tables import clips_of, numbered, with_background

FOUR = {label: numbered(label, 13 + extra) for extra, label in enumerate("abcd")}


def sources_in(table: pd.DataFrame, part: str, kind: str | None = None) -> set[str]:
    rows = table[(table["part"] == part) & (table["kind"] == kind if kind else True)]
    return set(rows["source"])


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    """Two to four kinds over sources of which some carry several, each with four to twelve; some may be background."""
    pool = numbered("s", 20)
    kinds = draw(st.lists(st.sampled_from("abcdef"), min_size=2, max_size=4, unique=True))
    sources = {kind: draw(st.lists(st.sampled_from(pool), min_size=4, max_size=12, unique=True)) for kind in kinds}
    table = clips_of(sources, draw(st.integers(1, 2)), draw(st.integers(1, 2)))
    background = table["kind"].isin(draw(st.sets(st.sampled_from("cdef"))))
    return table.assign(label=table["label"].mask(background, NONE))


def split(table: pd.DataFrame, *sizes: float, seed: int = 1) -> pd.DataFrame | None:
    """None where the sources do not suffice."""
    try:
        return by_source(table, *sizes, seed)
    except EchoError:
        return None


@given(tables(), st.sampled_from([(1, 1, 1), (2, 1, 1), (0.5, 0.25, 0.25), (0.4, 0.2, 0.2)]), st.integers(0, 50))
@settings(max_examples=30, deadline=None)
def test_no_source_or_recording_stands_on_two_sides(table: pd.DataFrame, sizes: tuple[float, ...], seed: int) -> None:
    assigned = split(table, *sizes, seed=seed)
    if assigned is None:
        return
    assert (assigned.groupby("source")["part"].nunique() == 1).all()
    assert (assigned.groupby("recording")["part"].nunique() == 1).all()
    assert set(assigned["part"]) <= {*PARTS, UNUSED}
    pd.testing.assert_frame_equal(assigned[table.columns], table)
    for kind in table["kind"].unique():
        assert all(sources_in(assigned, part, kind) for part in PARTS)


@given(tables(), st.integers(0, 50))
@settings(max_examples=30, deadline=None)
def test_a_larger_training_set_holds_the_smaller_and_the_scored_stay(table: pd.DataFrame, seed: int) -> None:
    splits = [found for train in (1, 2, 3) if (found := split(table, train, 1, 1, seed=seed)) is not None]
    for smaller, larger in pairwise(splits):
        assert sources_in(smaller, "train") <= sources_in(larger, "train")
        for part in ("validation", "test"):
            assert sources_in(smaller, part) == sources_in(larger, part)


@given(tables(), st.randoms(use_true_random=False))
@settings(max_examples=30, deadline=None)
def test_the_order_of_the_rows_does_not_matter(table: pd.DataFrame, random: st.randoms) -> None:
    order = list(table.index)
    random.shuffle(order)
    assigned, shuffled = split(table, 2, 1, 1), split(table.loc[order], 2, 1, 1)
    assert (assigned is None) == (shuffled is None)
    if assigned is not None and shuffled is not None:
        pd.testing.assert_frame_equal(shuffled.sort_index(), assigned)


def test_sizes_are_sources_of_each_class_and_the_rest_is_unused() -> None:
    assigned = by_source(clips_of(FOUR), 9, 2, 2, 1)
    counts = assigned.groupby(["label", "part"])["source"].nunique().unstack(fill_value=0)
    assert (counts[["train", "validation", "test"]] == [9, 2, 2]).all(axis=None)
    assert counts[UNUSED].tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("sizes", "n", "expected"),
    [
        ((0.7, 0.15, 0.15), 13, (9, 2, 2)),
        ((0.7, 0.15, 0.15), 3, (1, 1, 1)),
        ((0.5, 0.25, 0.25), 10, (6, 2, 2)),
        ((0.5, 0.2, 0.2), 10, (5, 2, 2)),
        ((0.35, 0.35, 0.29), 10, (3, 4, 3)),  # rounded, they would be eleven
    ],
)
def test_fractions_are_of_the_sources_of_a_class_or_kind(
    sizes: tuple[float, ...], n: int, expected: tuple[int, ...]
) -> None:
    assigned = by_source(with_background(clips_of({"a": numbered("a", n)}), {"b": numbered("b", n)}), *sizes, 1)
    for kind in "ab":
        assert tuple(len(sources_in(assigned, part, kind)) for part in PARTS) == expected


def test_a_source_with_two_labels_counts_for_both() -> None:
    shared = ["v", "w", "x", "y", "z"]  # no more than are needed
    assigned = by_source(clips_of({"a": shared, "b": shared}), 3, 1, 1, 1)
    for label in "ab":
        assert [len(sources_in(assigned, part, label)) for part in PARTS] == [3, 1, 1]


@pytest.mark.parametrize(
    ("n", "expected"), [(3, (1, 1, 1)), (7, (5, 1, 1)), (8, (4, 2, 2)), (13, (9, 2, 2)), (40, (36, 2, 2))]
)
def test_background_gives_a_quarter_at_most_and_trains_on_the_rest(n: int, expected: tuple[int, ...]) -> None:
    table = with_background(clips_of(FOUR), {"rain": numbered("rain", n), "owl": numbered("owl", 13)})
    smaller, larger = (by_source(table, train, 2, 2, 1) for train in (7, 9))
    for assigned in (smaller, larger):
        assert tuple(len(sources_in(assigned, part, "rain")) for part in PARTS) == expected
        assert not sources_in(assigned, UNUSED, "rain")
    assert sources_in(smaller, "test") == sources_in(larger, "test")


def test_background_does_not_change_the_split_of_the_animals() -> None:
    animals = clips_of(FOUR)
    together = by_source(with_background(animals, {"rain": numbered("rain", 5), NONE: numbered("x", 30)}), 9, 2, 2, 1)
    pd.testing.assert_frame_equal(together[: len(animals)], by_source(animals, 9, 2, 2, 1))


def test_a_place_with_an_animal_and_background_stands_on_one_side() -> None:
    shared = numbered("site", 13)
    assigned = by_source(with_background(clips_of(FOUR | {"newt": shared}), {"rain": shared}), 9, 2, 2, 1)
    assert (assigned.groupby("source")["part"].nunique() == 1).all()
    assert [len(sources_in(assigned, part, "rain")) for part in PARTS] == [9, 2, 2]


@pytest.mark.parametrize("sizes", [(9, 2, 2), (0.7, 0.15, 0.15)])
@pytest.mark.parametrize("n", [1, 2])
def test_too_little_background_is_an_error_that_names_its_kind(n: int, sizes: tuple[float, ...]) -> None:
    with pytest.raises(EchoError) as told:
        by_source(with_background(clips_of(FOUR), {"rain": numbered("r", n)}), *sizes, 1)
    assert str(told.value) == (
        f"background rain has {n} source{'s' * (n > 1)} and needs one for each of train, validation, test. "
        "Add recordings of other sources, or move them into the folder of another kind."
    )


def test_background_that_shares_too_much_is_told_as_such() -> None:
    shared = {"rain": ["x", "y", "z"], "owl": ["x", "y", "u"]}
    with pytest.raises(
        EchoError, match=r"background \w+ has 3 sources, but shares some with other kinds and needs one"
    ):
        for seed in range(20):
            by_source(with_background(clips_of({"a": ["x", "y", "z", "v", "w", "u"]}), shared), 1, 2, 2, seed)


def test_another_seed_is_another_split() -> None:
    clips = clips_of(FOUR)
    tests = {frozenset(sources_in(by_source(clips, 9, 2, 2, seed), "test")) for seed in range(5)}
    assert len(tests) == 5


def test_a_class_does_not_change_the_split_of_another() -> None:
    alone = by_source(clips_of({"a": FOUR["a"], "b": FOUR["b"]}), 9, 2, 2, 1)
    together = by_source(clips_of(FOUR), 9, 2, 2, 1)
    assert sources_in(alone, "test", "a") == sources_in(together, "test", "a")


def test_too_few_sources_are_an_error_that_says_what_there_is_and_what_is_needed() -> None:
    with pytest.raises(EchoError) as told:
        by_source(clips_of(FOUR | {"newt": ["n1", "n2", "n3"]}), 9, 2, 2, 1)
    assert str(told.value).startswith(
        "class newt has 3 sources and needs 13 (split.train 9, split.validation 2, split.test 2)."
    )


def test_too_few_sources_of_its_own_are_told_as_such() -> None:
    shared = {"a": ["x", "y", "z"], "b": ["x", "y", "z", "u"], "c": ["x", "u", "v"]}
    with pytest.raises(EchoError, match="shares some with other classes"):
        for seed in range(20):
            by_source(clips_of(shared), 1, 1, 1, seed)


@pytest.mark.parametrize("column", ["source", "recording"])
def test_a_planted_leak_is_caught(column: str) -> None:
    table = by_source(clips_of(FOUR), 9, 2, 2, 1)
    assert_no_leak(table)
    row = table[table["part"] == "train"].index[0]
    table.loc[row, "part"] = "test"
    if column == "recording":
        table.loc[row, "source"] = "a source of its own"
    with pytest.raises(EchoError, match=f"^{column} {table.loc[row, column]} stands on two sides"):
        assert_no_leak(table)


def test_a_split_is_described_in_one_line() -> None:
    assert describe(by_source(clips_of(FOUR), 9, 2, 2, 1)) == (
        "4 classes, 58 sources: 36 train, 8 validation, 8 test, 6 unused"
    )
    background = {"rain": numbered("rain", 4), "owl": numbered("owl", 13)}
    assert describe(by_source(with_background(clips_of(FOUR), background), 9, 2, 2, 1)) == (
        "4 classes, 75 sources (17 of background): 47 train, 11 validation, 11 test, 6 unused"
    )
