"""The split by source: no source is in two parts, and the parts have the sizes asked for."""

import re
from itertools import pairwise
from random import Random

import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from project_echo.core.errors import EchoError
from project_echo.core.labels import NONE, PARTIAL
from project_echo.datasets.config import Split
from project_echo.datasets.groups import source_groups
from project_echo.datasets.split import (
    PARTS,
    UNUSED,
    assert_no_leak,
    check_labels,
    check_sources,
    describe,
    split_by_source,
)
from tests.conftest import at_most
from tests.tables import clips_of, numbered, with_background, with_partial

FOUR = {label: numbered(label, 13 + extra) for extra, label in enumerate("abcd")}
Sizes = tuple[float, float, float]


def split(table: pd.DataFrame, sizes: Sizes = (9, 2, 2), seed: int = 1) -> pd.DataFrame:
    train, validation, test = sizes
    return split_by_source(table, Split(train=train, validation=validation, test=test, seed=seed))


def sources_in(table: pd.DataFrame, part: str, kind: str | None = None) -> set[str]:
    rows = table[(table["part"] == part) & (table["kind"] == kind if kind else True)]
    return set(rows["source"])


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    """Two to four kinds, each with four to twelve sources, some of them shared; some kinds may be background."""
    pool = numbered("s", 20)
    kinds = draw(st.lists(st.sampled_from("abcdef"), min_size=2, max_size=4, unique=True))
    sources = {kind: draw(st.lists(st.sampled_from(pool), min_size=4, max_size=12, unique=True)) for kind in kinds}
    table = clips_of(sources, draw(st.integers(1, 2)), draw(st.integers(1, 2)))
    background = table["kind"].isin(draw(st.sets(st.sampled_from("cdef"))))
    return table.assign(label=table["label"].mask(background, NONE))


def split_if_possible(table: pd.DataFrame, sizes: Sizes, seed: int = 1) -> pd.DataFrame | None:
    """None where there are too few sources."""
    try:
        return split(table, sizes, seed)
    except EchoError:
        return None


@given(tables(), st.sampled_from([(1, 1, 1), (2, 1, 1), (0.5, 0.25, 0.25), (0.4, 0.2, 0.2)]), st.integers(0, 50))
@at_most(30)
def test_no_source_or_recording_is_in_two_parts(table: pd.DataFrame, sizes: Sizes, seed: int) -> None:
    assigned = split_if_possible(table, sizes, seed)
    assume(assigned is not None)
    assert assigned is not None
    assert (assigned.groupby("source")["part"].nunique() == 1).all()
    assert (assigned.groupby("recording")["part"].nunique() == 1).all()
    assert set(assigned["part"]) <= {*PARTS, UNUSED}
    pd.testing.assert_frame_equal(assigned[table.columns], table)
    for kind in table["kind"].unique():
        assert all(sources_in(assigned, part, kind) for part in PARTS)


@given(tables(), st.integers(0, 50))
@at_most(30)
def test_a_larger_training_set_contains_the_smaller_and_the_other_parts_do_not_change(
    table: pd.DataFrame, seed: int
) -> None:
    attempts = [split_if_possible(table, (train, 1, 1), seed) for train in (1, 2, 3)]
    splits = [assigned for assigned in attempts if assigned is not None]
    assume(len(splits) > 1)
    for smaller, larger in pairwise(splits):
        assert sources_in(smaller, "train") <= sources_in(larger, "train")
        for part in ("validation", "test"):
            assert sources_in(smaller, part) == sources_in(larger, part)


@given(tables(), st.randoms(use_true_random=False))
@at_most(30)
def test_the_order_of_rows_does_not_matter(table: pd.DataFrame, random: Random) -> None:
    assigned = split_if_possible(table, (2, 1, 1))
    assume(assigned is not None)
    order = list(table.index)
    random.shuffle(order)
    pd.testing.assert_frame_equal(split(table.loc[order], (2, 1, 1)).sort_index(), assigned)


@given(st.integers(3, 9), st.integers(0, 50))
@at_most(30)
def test_parts_have_the_same_groups_of_all_classes_with_as_many_sources(train: int, seed: int) -> None:
    """So most copies, which are mixed from the clips of a group, can be learned from."""
    table = with_background(clips_of({label: numbered(label, 13) for label in "abc"}), {"rain": numbered("rain", 13)})
    groups = source_groups(table)
    assigned = split(table, (train, 2, 2), seed)
    for part in PARTS:
        of_kinds = [{groups[source] for source in sources_in(assigned, part, kind)} for kind in "abc"]
        assert of_kinds[0] == of_kinds[1] == of_kinds[2]
        assert len(of_kinds[0]) == {"train": train, "validation": 2, "test": 2}[part]
    assert {groups[source] for source in sources_in(assigned, "test", "rain")} == of_kinds[0]


def test_groups_may_be_those_of_more_clips_and_of_uneven_classes_follow_the_order_of_groups() -> None:
    table = clips_of(FOUR)
    groups = source_groups(table)
    few = table[table["source"].map(groups) < 6]
    assigned = split_by_source(few, Split(train=4, validation=1, test=1, seed=1), groups)
    tested = {groups[source] for source in sources_in(assigned, "test")}
    assert len(tested) == 1
    assert [len(sources_in(assigned, part, "d")) for part in PARTS] == [4, 1, 1]


def test_sizes_are_sources_of_each_class_and_the_rest_is_unused() -> None:
    assigned = split(clips_of(FOUR))
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
def test_fractions_are_of_the_sources_of_each_kind(sizes: Sizes, n: int, expected: tuple[int, ...]) -> None:
    assigned = split(with_background(clips_of({"a": numbered("a", n)}), {"b": numbered("b", n)}), sizes)
    for kind in "ab":
        assert tuple(len(sources_in(assigned, part, kind)) for part in PARTS) == expected


def test_a_source_with_two_labels_counts_for_both() -> None:
    shared = ["v", "w", "x", "y", "z"]  # no more than are needed
    assigned = split(clips_of({"a": shared, "b": shared}), (3, 1, 1))
    for label in "ab":
        assert [len(sources_in(assigned, part, label)) for part in PARTS] == [3, 1, 1]


@pytest.mark.parametrize(
    ("n", "expected"), [(3, (1, 1, 1)), (7, (5, 1, 1)), (8, (4, 2, 2)), (13, (9, 2, 2)), (40, (36, 2, 2))]
)
def test_of_background_at_most_a_quarter_is_held_out_and_the_rest_is_trained_on(
    n: int, expected: tuple[int, ...]
) -> None:
    table = with_background(clips_of(FOUR), {"rain": numbered("rain", n), "owl": numbered("owl", 13)})
    smaller, larger = (split(table, (train, 2, 2)) for train in (7, 9))
    for assigned in (smaller, larger):
        assert tuple(len(sources_in(assigned, part, "rain")) for part in PARTS) == expected
        assert not sources_in(assigned, UNUSED, "rain")
    assert sources_in(smaller, "test") == sources_in(larger, "test")


def test_background_does_not_change_the_split_of_the_animals() -> None:
    animals = clips_of(FOUR)
    together = split(with_background(animals, {"rain": numbered("rain", 5), NONE: numbered("x", 30)}))
    pd.testing.assert_frame_equal(together[: len(animals)], split(animals))


def test_a_site_with_an_animal_and_background_is_in_one_part() -> None:
    shared = numbered("site", 13)
    assigned = split(with_background(clips_of(FOUR | {"newt": shared}), {"rain": shared}))
    assert (assigned.groupby("source")["part"].nunique() == 1).all()
    assert [len(sources_in(assigned, part, "rain")) for part in PARTS] == [9, 2, 2]


@pytest.mark.parametrize("sizes", [(9, 2, 2), (0.7, 0.15, 0.15)])
@pytest.mark.parametrize(("n", "count"), [(1, "1 source "), (2, "2 sources ")])
def test_too_little_background_is_an_error_that_names_its_kind(n: int, count: str, sizes: Sizes) -> None:
    with pytest.raises(EchoError) as error:
        split(with_background(clips_of(FOUR), {"rain": numbered("r", n)}), sizes)
    message = str(error.value)
    assert f"rain has {count}" in message
    assert all(part in message for part in PARTS)
    assert "shares" not in message


def test_background_that_shares_too_many_sources_is_an_error_that_says_so() -> None:
    shared = {"rain": ["x", "y", "z"], "owl": ["x", "y", "u"]}
    with pytest.raises(EchoError) as error:
        for seed in range(20):
            split(with_background(clips_of({"a": ["x", "y", "z", "v", "w", "u"]}), shared), (1, 2, 2), seed)
    assert "background" in str(error.value)
    assert "has 3 sources, but shares some" in str(error.value)


def test_another_seed_gives_another_split() -> None:
    clips = clips_of(FOUR)
    assert len({frozenset(sources_in(split(clips, seed=seed), "test")) for seed in range(5)}) == 5


def test_a_class_does_not_change_the_split_of_another() -> None:
    alone = split(clips_of({"a": FOUR["a"], "b": FOUR["b"]}))
    together = split(clips_of(FOUR))
    assert sources_in(alone, "test", "a") == sources_in(together, "test", "a")


def test_too_few_sources_are_an_error_that_names_class_counts_and_parameters() -> None:
    with pytest.raises(EchoError) as error:
        split(clips_of(FOUR | {"newt": ["n1", "n2", "n3"]}))
    message = str(error.value)
    assert "class newt has 3 sources and needs 13" in message
    assert all(size in message for size in ("split.train 9", "split.validation 2", "split.test 2"))


def test_every_class_and_kind_with_too_few_sources_is_named_at_once() -> None:
    table = with_background(clips_of(FOUR | {"newt": numbered("n", 6), "eft": numbered("e", 4)}), {"owl": ["o1", "o2"]})
    with pytest.raises(EchoError) as error:
        split(table)
    message = str(error.value)
    assert "newt has 6 sources" in message and "eft has 4 sources" in message and "owl has 2 sources" in message
    assert "class a" not in message


@pytest.mark.parametrize(
    ("n", "sizes", "fitting"),
    [
        (6, (9, 2, 2), (4, 1, 1)),
        (12, (9, 2, 2), (8, 2, 2)),
        (3, (9, 2, 2), (1, 1, 1)),
        (7, (4, 1, 5), (4, 1, 1)),
        (9, (9, 1, 1), (7, 1, 1)),
        (4, (0.1, 0.45, 0.45), (2, 1, 1)),
    ],
)
def test_too_few_sources_are_an_error_with_sizes_that_fit(n: int, sizes: Sizes, fitting: tuple[int, int, int]) -> None:
    clips = with_background(clips_of(FOUR | {"newt": numbered("n", n)}), {"rain": numbered("r", 3)})
    train, validation, test = sizes
    with pytest.raises(EchoError) as error:
        check_sources(clips, Split(train=train, validation=validation, test=test, seed=1))
    settings_ = " ".join(f"-S split.{part}={size}" for part, size in zip(PARTS, fitting, strict=True))
    assert settings_ in str(error.value)
    train, validation, test = fitting
    check_sources(clips, Split(train=train, validation=validation, test=test, seed=1))


def test_sizes_fit_shared_sources_as_well() -> None:
    shared = {"a": ["x", "y", "z", "u", "v"], "b": ["x", "y", "z", "w", "t"]}
    with pytest.raises(EchoError) as error:
        check_sources(clips_of(shared), Split(train=4, validation=1, test=1, seed=1))
    train, validation, test = (int(text) for text in re.findall(r"-S split\.\w+=(\d+)", str(error.value)))
    assert len(split(clips_of(shared), (train, validation, test))) > 0


def test_nothing_is_offered_where_no_sizes_fit() -> None:
    for few in (clips_of(FOUR | {"newt": ["n1", "n2"]}), with_background(clips_of(FOUR), {"owl": ["o1", "o2"]})):
        with pytest.raises(EchoError) as error:
            check_sources(few, Split(train=9, validation=2, test=2, seed=1))
        assert "-S" not in str(error.value) and "params.yaml" not in str(error.value)


def test_too_few_sources_because_they_are_shared_are_an_error_that_says_so() -> None:
    shared = {"a": ["x", "y", "z"], "b": ["x", "y", "z", "u"], "c": ["x", "u", "v"]}
    with pytest.raises(EchoError, match="shares some"):
        for seed in range(20):
            split(clips_of(shared), (1, 1, 1), seed)


@pytest.mark.parametrize("column", ["source", "recording"])
def test_a_leak_is_an_error_that_names_the_source_or_recording(column: str) -> None:
    table = split(clips_of(FOUR))
    assert_no_leak(table)
    row = table[table["part"] == "train"].index[0]
    table.loc[row, "part"] = "test"
    if column == "recording":
        table.loc[row, "source"] = "a source of its own"
    with pytest.raises(EchoError) as error:
        assert_no_leak(table)
    assert f"{column} {table.loc[row, column]} " in str(error.value)


def test_a_split_is_described_in_one_line() -> None:
    assert describe(split(clips_of(FOUR))) == "4 classes, 58 sources: 36 train, 8 validation, 8 test, 6 unused"
    background = {"rain": numbered("rain", 4), "owl": numbered("owl", 13)}
    assert describe(split(with_background(clips_of(FOUR), background))) == (
        "4 classes, 75 sources (17 of background): 47 train, 11 validation, 11 test, 6 unused"
    )


# Partially labelled clips


def test_partially_labelled_clips_train_unless_their_source_is_on_another_side() -> None:
    table = clips_of(FOUR)
    plain = split(table)
    names = ["pond", *(sorted(sources_in(plain, part))[0] for part in (*PARTS, UNUSED))]
    mixed = split(with_partial(table, names))
    pd.testing.assert_frame_equal(mixed[mixed["label"] != PARTIAL], plain)
    partial = mixed[mixed["label"] == PARTIAL]
    expected = dict(zip(names, ["train", "train", UNUSED, UNUSED, UNUSED], strict=True))
    assert dict(zip(partial["source"], partial["part"], strict=True)) == expected
    assert len(partial) == 2 * len(names)


def test_a_partially_labelled_clip_that_trains_on_a_tested_source_is_a_leak() -> None:
    tested = sorted(sources_in(split(clips_of(FOUR)), "test"))[0]
    mixed = split(with_partial(clips_of(FOUR), [tested]))
    assert_no_leak(mixed)
    mixed.loc[mixed.index[-1], "part"] = "train"
    with pytest.raises(EchoError, match=f"source {tested} "):
        assert_no_leak(mixed)


def test_partially_labelled_clips_are_sources_of_nothing() -> None:
    few = clips_of({"a": numbered("a", 4), "b": numbered("b", 2)})
    with pytest.raises(EchoError, match="class b has 2 sources"):
        split(with_partial(few, numbered("pond", 9)), (1, 1, 1))
    with pytest.raises(EchoError, match="all clips are of a"):
        check_labels(with_partial(few[few["label"] == "a"], ["pond"]))
    plain = split(clips_of(FOUR))
    tested = sorted(sources_in(plain, "test"))[0]
    line = describe(split(with_partial(clips_of(FOUR), ["pond", tested], n=3)))
    assert line.startswith(describe(plain))
    assert "3 of 6" in line
