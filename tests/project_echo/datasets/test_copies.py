"""Groups of sources, and which recordings a copy is mixed from."""

from random import Random

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from project_echo.core.labels import NONE
from project_echo.datasets.copies import COLUMNS, plan_copies
from project_echo.datasets.groups import source_groups
from project_echo.features.augmentation import Augmentation
from tests.conftest import at_most
from tests.tables import clips_of, numbered, with_background, with_partial

ANIMALS = clips_of({"boar": numbered("boar", 5), "fox": numbered("fox", 9), "owl": numbered("owl", 6)})
CLIPS = with_background(ANIMALS, {"rain": numbered("rain", 7), "wind": numbered("wind", 3)})


def augmentation(copies: int = 4, second_call: float = 0.4, seed: int = 1) -> Augmentation:
    return Augmentation(
        copies=copies,
        snr_db=(0, 10),
        second_call=second_call,
        pitch_semitones=(0, 0),
        reverberation_s=(0, 0),
        gain_db=(0, 0),
        seed=seed,
    )


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    """One to four animals and up to two kinds of background with uneven numbers of sources, some of them shared."""
    pool = numbered("shared", 4)
    sources = {
        kind: numbered(kind, draw(st.integers(1, 9))) + draw(st.lists(st.sampled_from(pool), max_size=3, unique=True))
        for kind in "abcd"[: draw(st.integers(1, 4))]
    }
    background = {
        kind: numbered(kind, draw(st.integers(1, 9))) + draw(st.lists(st.sampled_from(pool), max_size=2, unique=True))
        for kind in ["rain", "wind"][: draw(st.integers(0, 2))]
    }
    return with_background(clips_of(sources, 1, 1), background).drop_duplicates("clip", ignore_index=True)


# Groups


def test_every_group_has_sources_of_every_label_and_of_background() -> None:
    groups = source_groups(CLIPS)
    assert set(groups) == set(CLIPS["source"])
    assert set(groups.values()) == set(range(5))
    for label, rows in CLIPS.groupby("label"):
        assert {groups[source] for source in rows["source"]} == set(range(5)), label


def test_groups_are_of_nearly_the_same_size_of_each_kind_and_of_background() -> None:
    groups = source_groups(CLIPS)
    one_each = CLIPS.drop_duplicates("source")
    for column in ("kind", "label"):
        counts = one_each.groupby([column, one_each["source"].map(groups)]).size().unstack(fill_value=0)
        assert (counts.max(axis=1) - counts.min(axis=1)).max() <= 1


@given(tables(), st.randoms(use_true_random=False))
@at_most(40)
def test_groups_depend_on_the_sources_alone(table: pd.DataFrame, random: Random) -> None:
    groups = source_groups(table)
    assert set(groups) == set(table["source"])
    order = list(table.index)
    random.shuffle(order)
    assert source_groups(table.loc[order]) == groups
    assert source_groups(table.drop_duplicates(["kind", "source"])) == groups


def test_without_animals_there_is_one_group() -> None:
    assert set(source_groups(CLIPS[CLIPS["label"] == NONE]).values()) == {0}


# Copies


@given(tables(), st.integers(0, 99))
@at_most(25)
def test_partners_are_of_the_same_group_and_a_second_call_is_of_another_label_and_source(
    table: pd.DataFrame, seed: int
) -> None:
    copies = plan_copies(table, augmentation(second_call=0.8, seed=seed))
    assert list(copies.columns) == COLUMNS
    assert copies[["clip", "view"]].to_numpy().tolist() == [
        [clip, view] for clip in sorted(table["clip"]) for view in range(1, 5)
    ]
    groups, of_clip = source_groups(table), table.set_index("clip")
    for row in copies.itertuples():
        clip = of_clip.loc[row.clip]
        if clip["label"] == NONE:
            assert (row.background, row.second, row.second_label) == ("", "", "")
        for partner, source in ((row.background, row.background_source), (row.second, row.second_source)):
            assert (partner == "") == (source == "")
            if partner:
                assert of_clip.loc[partner, "source"] == source
                assert groups[source] == groups[clip["source"]]
        if row.background:
            assert of_clip.loc[row.background, "label"] == NONE
        assert (row.second == "") == (row.second_label == "")
        if row.second:
            assert of_clip.loc[row.second, "label"] == row.second_label
            assert row.second_label not in (NONE, clip["label"])
            assert row.second_source != clip["source"]


def test_every_copy_of_a_call_has_background_where_each_group_has_some_and_kinds_are_equally_frequent() -> None:
    background = {"rain": numbered("rain", 10), "wind": numbered("wind", 30)}
    clips = with_background(ANIMALS, background)
    copies = plan_copies(clips, augmentation(copies=40))
    calls = copies[copies["clip"].isin(ANIMALS["clip"])]
    assert (calls["background"] != "").all()
    kinds = calls["background"].map(clips.set_index("clip")["kind"])
    assert (kinds == "rain").mean() == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
def test_the_share_of_copies_with_a_second_call_is_that_asked_for(share: float) -> None:
    copies = plan_copies(CLIPS, augmentation(copies=20, second_call=share))
    calls = copies[copies["clip"].isin(ANIMALS["clip"])]
    assert (calls["second"] != "").mean() == pytest.approx(share, abs=0.04)
    of_clip = calls["clip"].map(CLIPS.set_index("clip")["label"])
    if share:
        assert calls[of_clip == "boar"]["second_label"].value_counts(normalize=True)["fox"] == pytest.approx(
            share / 2, abs=0.06
        )


def test_without_background_copies_have_none_and_a_single_animal_has_no_second_call() -> None:
    assert (plan_copies(ANIMALS, augmentation())["background"] == "").all()
    single = CLIPS[CLIPS["label"].isin(["boar", NONE])]
    copies = plan_copies(single, augmentation(second_call=1))
    assert (copies["second"] == "").all()
    assert (copies["background"] != "").any()
    assert len(plan_copies(CLIPS, augmentation(copies=0))) == 0


def test_a_site_with_several_animals_is_no_second_call_of_itself() -> None:
    clips = clips_of({"boar": ["site", "x"], "fox": ["site", "y"]})
    copies = plan_copies(clips, augmentation(copies=20, second_call=1))
    of_site = copies[copies["clip"].str.startswith("site")]
    assert set(of_site["second_source"]) <= {"", "x", "y"}


@given(tables(), st.randoms(use_true_random=False))
@at_most(20)
def test_the_order_of_rows_does_not_matter(table: pd.DataFrame, random: Random) -> None:
    order = list(table.index)
    random.shuffle(order)
    pd.testing.assert_frame_equal(plan_copies(table.loc[order], augmentation()), plan_copies(table, augmentation()))


def test_the_seed_changes_partners_and_more_copies_leave_the_first_as_they_are() -> None:
    copies = plan_copies(CLIPS, augmentation())
    assert (plan_copies(CLIPS, augmentation(seed=2))["background"] != copies["background"]).any()
    more = plan_copies(CLIPS, augmentation(copies=6))
    pd.testing.assert_frame_equal(more[more["view"] <= 4].reset_index(drop=True), copies)


def test_partially_labelled_clips_have_no_copies_and_are_mixed_into_none() -> None:
    mixed = with_partial(CLIPS, ["pond", "boar0", "rain0"])
    pd.testing.assert_frame_equal(plan_copies(mixed, augmentation()), plan_copies(CLIPS, augmentation()))
    assert source_groups(mixed) == source_groups(CLIPS)
