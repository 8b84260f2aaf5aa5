"""The trials of crossval: what is trained and tested in each, and that a leak would be noticed."""

from collections.abc import Iterable
from dataclasses import astuple, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.core.labels import NONE, PARTIAL, animal_labels, sorted_labels
from project_echo.core.tables import read_table, write_table
from project_echo.datasets.config import Split
from project_echo.datasets.draws import draw_sources
from project_echo.datasets.examples import Embeddings
from project_echo.datasets.split import UNUSED
from project_echo.datasets.views import Views
from project_echo.evaluation.config import Crossval
from project_echo.evaluation.crossval import score
from project_echo.evaluation.predictions import KEYS, pooled_predictions
from project_echo.evaluation.trainer import SCORED_COPIES, Trainer, prediction_rows, view_examples, views_of_trial
from project_echo.evaluation.trials import Trial, draw_all, run_head_trials, run_trials, trials_of_draw
from project_echo.models.head import window_scores
from project_echo.models.recipe import Recipe
from project_echo.pipeline.params import load_params
from tests.project_echo.evaluation.embedded import COPIES, SLICES, embed_kinds, views_of, write_embeddings, write_tables
from tests.tables import clips_of, numbered, with_background, with_partial

PARAMS = Path(__file__).parents[3] / "params.yaml"
RECIPE = load_params("train", Recipe, PARAMS).model_copy(update={"C": 1.0, "head": "logistic", "trainable": "none"})
DENSE = RECIPE.model_copy(update={"head": "dense", "head_units": 0, "epochs": 40, "learning_rate": 0.05})
ANIMALS = clips_of({"boar": numbered("boar", 8), "fox": numbered("fox", 8)}, recordings=1)
CLIPS = with_background(ANIMALS, {"rain": numbered("rain", 8), "wind": numbered("wind", 8)})
SIZES = Split(train=4, validation=1, test=1, seed=0)


def crossval(train_sizes: tuple[int, ...] = (1, 2, 9), draws: int = 2) -> Crossval:
    return load_params("crossval", Crossval, PARAMS).model_copy(
        update={"draws": draws, "train_sizes": train_sizes, "seed": 1}
    )


def trials_of(clips: pd.DataFrame, head: str = "logistic", train_sizes: tuple[int, ...] = (1, 2, 9)) -> list[Trial]:
    params = crossval(train_sizes)
    draws = [trials_of_draw(draw, params, head) for draw in draw_all(clips, SIZES, params)]
    assert [{keys["draw"] for keys, _ in trials} for trials in draws] == [{0}, {1}]
    return [trial for trials in draws for trial in trials]


# Which trials there are


def test_kinds_of_background_and_smaller_sizes_take_turns() -> None:
    trials = trials_of(CLIPS)
    tried = [(keys["train"], keys["held_out"]) for keys, _ in trials]
    assert tried == [(4, ""), (4, "rain"), (1, ""), (4, ""), (4, "wind"), (2, "")]
    assert all(UNUSED not in set(clips["part"]) for _, clips in trials)
    for keys, clips in trials:
        if kind := keys["held_out"]:
            assert set(clips.loc[clips["kind"] == kind, "part"]) == {"test"}
            assert set(clips["kind"]) == set(CLIPS["kind"])
        learned = clips[(clips["part"] == "train") & (clips["label"] != NONE)]
        assert (learned.groupby("kind")["source"].nunique() == keys["train"]).all()


def test_a_single_kind_of_background_is_not_held_out() -> None:
    trials = trials_of(CLIPS[CLIPS["kind"] != "wind"], train_sizes=())
    assert [keys["held_out"] for keys, _ in trials] == ["", ""]


def test_the_dense_head_holds_no_background_out() -> None:
    trials = trials_of(CLIPS, head="dense", train_sizes=())
    assert [keys["held_out"] for keys, _ in trials] == ["", ""]


# Views of a trial


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the tables and random embeddings of CLIPS."""
    write_tables(CLIPS, tmp_path)
    write_random(tmp_path)
    return tmp_path


def write_random(folder: Path, seed: int = 1, width: int = 8) -> None:
    vectors = np.random.default_rng(seed).normal(0, 1, (len(CLIPS), 1 + COPIES, SLICES, width))
    write_embeddings(vectors, CLIPS, folder)


def test_training_views_hold_training_sources_and_validation_views_those_of_validation(folder: Path) -> None:
    views = views_of(CLIPS, folder)
    mixed = 0
    for _, clips in trials_of(CLIPS):
        sources = clips.groupby("part")["source"].agg(set)
        train, held_out, part = views_of_trial(views, clips)
        for name, indices in (("train", train), *((name, held_out[part == name]) for name in ("validation", "test"))):
            assert set(views.sources[indices].ravel()) <= sources[name]
            of_part = clips.loc[clips["part"] == name, "clip"]
            assert set(views.clip[indices[views.view[indices] == 0]]) == set(of_part)  # every clip itself
        assert not np.isin(held_out, train).any()
        assert (views.view[held_out[part == "test"]] == 0).all()
        assert views.view[held_out].max() <= SCORED_COPIES
        mixed += (views.sources[train, 0] != views.sources[train, 1]).sum()
    assert mixed > 0  # else nothing was tried


def test_views_that_are_mixed_from_other_sources_are_left_out(folder: Path) -> None:
    copies = read_table(folder / "copies.csv")
    (_, clips), *_ = trials_of(CLIPS)
    trained = clips.loc[(clips["part"] == "train") & (clips["label"] != NONE), "clip"].iloc[0]
    for part in ("validation", "test"):
        source = clips.loc[(clips["part"] == part) & (clips["label"] == NONE), "source"].iloc[0]
        of_clip = copies["clip"] == trained
        write_table(
            copies.assign(background_source=copies["background_source"].mask(of_clip, source)), folder / "copies.csv"
        )
        views = views_of(CLIPS, folder)
        train, _, _ = views_of_trial(views, clips)
        assert views.view[train[views.clip[train] == trained]].tolist() == [0]


def test_partially_labelled_clips_are_trained_on_alone_and_change_no_trial() -> None:
    mixed = with_partial(CLIPS, ["pond", *CLIPS["source"].unique()])
    for (keys, clips), (plain_keys, plain) in zip(trials_of(mixed), trials_of(CLIPS), strict=True):
        assert keys == plain_keys
        is_partial = clips["label"] == PARTIAL
        assert clips.loc[~is_partial, "clip"].tolist() == plain["clip"].tolist()
        assert clips.loc[~is_partial, "part"].tolist() == plain["part"].tolist()
        assert set(clips.loc[is_partial, "part"]) == {"train"}
        assert not set(clips.loc[is_partial, "source"]) & set(plain.loc[plain["part"] != "train", "source"])
        assert "pond" in set(clips.loc[is_partial, "source"])


def test_a_draw_that_trains_on_a_partially_labelled_clip_of_a_tested_source_is_an_error() -> None:
    (draw, *_) = draw_all(with_partial(CLIPS, ["pond"]), SIZES, crossval())
    tested = draw.clips.loc[draw.clips["part"] == "test", "source"].iloc[0]
    leaking = draw.clips.assign(source=draw.clips["source"].mask(draw.clips["label"] == PARTIAL, tested))
    with pytest.raises(EchoError, match=f"source {tested} "):
        trials_of_draw(replace(draw, clips=leaking), crossval(), "logistic")


class CarelessViews(Views):
    """Views that are chosen by their clips alone."""

    def of_clips(self, clips: Iterable[str], sources: Iterable[str], left_out: str = "") -> np.ndarray:
        return np.flatnonzero(np.isin(self.clip, list(clips)))


def test_a_planted_leak_is_an_error(folder: Path) -> None:
    views = views_of(CLIPS, folder)
    (_, clips), *_ = trials_of(CLIPS)
    tested = clips.loc[clips["part"] == "test", "source"].iloc[0]
    trained = clips.loc[clips["part"] == "train", "clip"].iloc[0]
    sources = views.sources.astype(object)
    sources[(views.clip == trained) & (views.view == 1), 2] = tested
    careless = CarelessViews(**{**vars(views), "sources": sources.astype(str)})
    with pytest.raises(EchoError, match=f"{trained}, copy 1, holds a recording of source "):
        views_of_trial(careless, clips)


def test_examples_of_the_dense_head_are_single_calls_of_animals(folder: Path) -> None:
    views = views_of(CLIPS, folder)
    chosen = view_examples(views, ["boar", "fox"])
    single = (views.second_label == "") & (views.label != NONE)
    assert len(chosen) == single.sum() < len(views)
    assert np.array(["boar", "fox"])[chosen.targets].tolist() == views.label[single].tolist()
    one = view_examples(views, ["boar"])  # of a single animal, background is the other output
    assert set(one.targets) == {0, 1}
    assert set(views.label[np.isin(views.clip, one.clips[one.targets == 1])]) == {NONE}


# Predictions


def test_rows_have_the_keys_of_their_views_and_a_column_for_each_animal(folder: Path) -> None:
    views = views_of(CLIPS, folder)
    for keys, clips in trials_of(CLIPS):
        _, held_out, part = views_of_trial(views, clips)
        scores = np.random.default_rng(1).normal(0, 1, (len(held_out), 2))
        table = prediction_rows(keys, clips, views[held_out], part, scores, ["boar", "fox", NONE])
        assert list(table.columns) == [*KEYS, "boar", "fox"]
        kept: np.ndarray = np.ones(len(held_out), bool)
        if keys["held_out"]:
            kind = dict(zip(clips["clip"], clips["kind"], strict=True))
            kept = np.array([kind[clip] in {"boar", "fox", keys["held_out"]} for clip in views.clip[held_out]])
        np.testing.assert_array_equal(table[["boar", "fox"]], scores[kept])
        assert table["clip"].tolist() == views.clip[held_out][kept].tolist()
        mixed = views.second_label[held_out][kept]
        assert [set(text.split("/")) for text in table["truth"]] == [
            {"" if label == NONE else label, *([second] if second else [])}
            for label, second in zip(table["label"], mixed, strict=True)
        ]
        assert table["label"].tolist() == views.label[held_out][kept].tolist()
        assert table["source"].tolist() == views.sources[held_out, 0][kept].tolist()


def trainer_of(folder: Path, recipe: Recipe = RECIPE, clips: pd.DataFrame = CLIPS) -> Trainer:
    labels = animal_labels(sorted_labels(clips["label"].unique()))
    return Trainer(folder, views_of(clips, folder), labels, recipe)


def predictions_of(folder: Path, trials: list[Trial], recipe: Recipe = RECIPE) -> pd.DataFrame:
    trainer = trainer_of(folder, recipe)
    return run_head_trials(trainer, trials, ["boar", "fox", NONE]).reset_index(drop=True)


def accuracy_by_chance(folder: Path, clips: pd.DataFrame, train: int) -> dict[str, float]:
    """Accuracy where embeddings tell recordings (by the clip's name) apart, and say nothing about the label."""
    labels = sorted(clips["label"].unique())
    sizes = Split(train=train, validation=2, test=2, seed=0)
    trials = [({"draw": n, "train": train, "held_out": ""}, draw_sources(clips, sizes, 1, n)) for n in range(20)]
    trials = [(keys, drawn[drawn["part"] != UNUSED]) for keys, drawn in trials]
    codes, recordings = pd.factorize(clips["clip"].str.rsplit("-", n=1).str[0])
    draw = np.random.default_rng(1)
    points = draw.normal(0, 1, (len(recordings), 8))[codes]
    vectors = points[:, np.newaxis, np.newaxis] + draw.normal(0, 0.05, (len(clips), 2, SLICES, 8))
    write_tables(clips, folder, copies=1)
    write_embeddings(vectors, clips, folder)
    predictions = run_head_trials(trainer_of(folder, clips=clips), trials, labels)
    return score(pooled_predictions(predictions, labels), labels, 1)["accuracy"]


def test_labels_that_cannot_be_told_apart_are_guessed_and_a_leak_would_raise_the_accuracy(tmp_path: Path) -> None:
    clips = clips_of({kind: numbered(kind, 12) for kind in ("boar", "fox", "owl")}, recordings=1, clips=3)
    accuracy = accuracy_by_chance(tmp_path, clips, train=8)
    assert accuracy["low"] < 1 / 3 < accuracy["high"]
    leaky = clips.assign(source=clips["clip"])
    with pytest.raises(EchoError, match="recording"):
        accuracy_by_chance(tmp_path, leaky, train=32)
    # If the tables do not say which clips are of one recording, most are tested on what was trained on.
    assert accuracy_by_chance(tmp_path, leaky.assign(recording=clips["clip"]), train=32)["low"] > 1 / 3


@pytest.mark.parametrize(
    ("recipe", "labels"),
    [
        (RECIPE, ["boar", "fox", NONE]),
        (RECIPE, ["boar", "fox"]),
        (RECIPE, ["boar", NONE]),
        pytest.param(DENSE, ["boar", "fox"], marks=pytest.mark.slow),
        pytest.param(DENSE, ["boar", NONE], marks=pytest.mark.slow),
    ],
)
def test_kinds_that_embeddings_tell_apart_are_recognized(tmp_path: Path, recipe: Recipe, labels: list[str]) -> None:
    """With and without background, of several animals and of one."""
    clips = CLIPS[CLIPS["label"].isin(labels)]
    write_tables(clips, tmp_path)
    embed_kinds(clips, tmp_path, slices=1 if recipe.head == "dense" else SLICES)
    params = crossval((), draws=2)
    table = run_trials(draw_all(clips, SIZES, params), params, labels, recipe, tmp_path, tmp_path, tmp_path)
    animals = animal_labels(labels)
    assert list(table.columns) == [*KEYS, *animals]
    originals = table[(table["view"] == 0) & (table["held_out"] == "")]
    for animal in animals:
        assert (originals.loc[originals["label"] == animal, animal] > 0).all()
        assert (originals.loc[originals["label"] != animal, animal] < 0).all()


# What is shared between trials


def test_predictions_do_not_depend_on_the_trials_that_inner_products_are_shared_with(folder: Path) -> None:
    trials = trials_of(CLIPS)
    together = predictions_of(folder, trials)
    alone = pd.concat([predictions_of(folder, [trial]) for trial in trials], ignore_index=True)
    pd.testing.assert_frame_equal(together, alone, check_exact=True)


def test_what_is_shared_gives_the_head_that_train_would_fit(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shared = predictions_of(folder, trials_of(CLIPS))
    monkeypatch.setattr("project_echo.evaluation.trainer.SHARED_ROWS", 0)
    pd.testing.assert_frame_equal(predictions_of(folder, trials_of(CLIPS)), shared, atol=1e-3, rtol=0)


@pytest.mark.parametrize("shared_rows", [6000, 0])
def test_a_head_that_is_kept_predicts_what_the_trial_does(
    folder: Path, monkeypatch: pytest.MonkeyPatch, shared_rows: int
) -> None:
    monkeypatch.setattr("project_echo.evaluation.trainer.SHARED_ROWS", shared_rows)
    trainer = trainer_of(folder)
    (_, clips), *_ = trials_of(CLIPS)
    train, held_out, part = views_of_trial(trainer.views, clips)
    head = trainer.fit(train)
    scores = window_scores(head.slice_scores(Embeddings(folder, trainer.views)[held_out]))
    expected = trainer.predict(train, held_out, held_out[part == "validation"])
    np.testing.assert_allclose(scores, expected, atol=1e-3)


@pytest.mark.parametrize("shared_rows", [6000, 0])
def test_nothing_of_the_tested_clips_enters_a_head(
    folder: Path, monkeypatch: pytest.MonkeyPatch, shared_rows: int
) -> None:
    monkeypatch.setattr("project_echo.evaluation.trainer.SHARED_ROWS", shared_rows)
    (keys, drawn), *_ = trials_of(CLIPS)
    before = predictions_of(folder, [(keys, drawn)])
    for clip in drawn.loc[drawn["part"] == "test", "clip"]:
        path = folder / f"{clip}.npy"
        files.write_array(255 - files.read_array(path), path)
    after = predictions_of(folder, [(keys, drawn)])
    tested = before["part"] == "test"
    pd.testing.assert_frame_equal(after[~tested], before[~tested], check_exact=True)
    assert (after.loc[tested, ["boar", "fox"]] != before.loc[tested, ["boar", "fox"]]).any(axis=1).all()


def test_the_truth_of_second_calls_is_learned(folder: Path) -> None:
    """Views are read in their order: those of a trial have the truth of their own clips."""
    views = views_of(CLIPS, folder)
    some = np.array([5, 3, 8])
    for all_of, its_own in zip(astuple(views), astuple(views[some]), strict=True):
        np.testing.assert_array_equal(its_own, all_of[some])
    both = (views.truth == 1).all(axis=(1, 2))
    assert both.any()
    assert set(views.second_label[both]) <= {"boar", "fox"}
    assert (views.second_label[~both] == "").all()
