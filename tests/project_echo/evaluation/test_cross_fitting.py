"""A classifier of some sources: no other source has a part in it, and none in what sets its own thresholds."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from project_echo.core import files
from project_echo.core.labels import NONE, PARTIAL
from project_echo.core.tables import read_table, write_table
from project_echo.datasets.examples import clips_for_head
from project_echo.datasets.views import CALL_COLUMNS
from project_echo.evaluation.cross_fitting import PARTS, can_fit, cross_fitted, fit_classifier, source_folds
from project_echo.evaluation.predictions import KEYS
from project_echo.evaluation.trainer import SCORED_COPIES, Trainer, view_examples
from project_echo.models.classifier import Classifier, load_classifier
from project_echo.models.head import Dense
from project_echo.models.recipe import Recipe
from project_echo.pipeline.params import load_params
from tests.project_echo.evaluation.embedded import COPIES, embed_kinds, views_of, write_tables
from tests.sounds import FEATURES
from tests.tables import clips_of, numbered, with_background, with_partial

PARAMS = Path(__file__).parents[3] / "params.yaml"
RECIPE = load_params("train", Recipe, PARAMS).model_copy(update={"C": 1.0, "head": "logistic", "trainable": "none"})
DENSE = RECIPE.model_copy(update={"head": "dense", "head_units": 0, "epochs": 1})
ANIMALS = ["boar", "fox"]
LABELS = [*ANIMALS, NONE]
CLIPS = with_background(
    clips_of({animal: numbered(animal, 8) for animal in ANIMALS}, recordings=1),
    {kind: numbered(kind, 4) for kind in ("rain", "wind")},
)


class Recorder(Trainer):
    """Records which views a head learned from, and which it predicted."""

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]
        self.learned: list[np.ndarray] = []
        self.predicted: list[np.ndarray] = []

    def predict(self, train: np.ndarray, held_out: np.ndarray, validation: np.ndarray) -> np.ndarray:
        self.learned.append(train)
        self.predicted.append(held_out)
        return super().predict(train, held_out, validation)


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tables of copies, and embeddings that tell the kinds of clips apart."""
    folder = tmp_path_factory.mktemp("inputs")
    write_tables(CLIPS, folder)
    embed_kinds(CLIPS, folder / "embeddings")
    return folder


def trainer_of(inputs: Path, recipe: Recipe = RECIPE, embeddings: str = "embeddings") -> Recorder:
    return Recorder(inputs / embeddings, views_of(CLIPS, inputs), ANIMALS, recipe)


def fit(trainer: Trainer, clips: pd.DataFrame, backbone: Path, recipe: Recipe = RECIPE) -> Classifier:
    toy = load_classifier(backbone)
    return fit_classifier(trainer, clips, ANIMALS, recipe, 0.05, toy.embedder)


def of_fold(fold: int, n: int = 4) -> pd.Series:
    return CLIPS["source"].map(source_folds(CLIPS, n)) == fold


# Folds of sources


@pytest.mark.parametrize("n", [2, 3, 5])
def test_each_fold_has_sources_of_every_animal_and_of_background(n: int) -> None:
    folds = source_folds(CLIPS, n)
    assert set(folds) == set(CLIPS["source"])
    assert set(folds.values()) == set(range(n))
    for _, rows in CLIPS.groupby(CLIPS["source"].map(folds)):
        assert set(rows["label"]) == set(LABELS)


def test_the_order_of_clips_does_not_change_folds() -> None:
    assert source_folds(CLIPS.sample(frac=1, random_state=1), 3) == source_folds(CLIPS, 3)


def test_there_are_as_many_folds_as_the_rarest_animal_has_sources() -> None:
    few = CLIPS[~CLIPS["source"].isin(numbered("fox", 5))]
    assert set(source_folds(few, 5).values()) == {0, 1, 2}


# Predictions by heads that have not met the sources


def assert_unmet(trainer: Recorder, clips: pd.DataFrame) -> None:
    assert len(trainer.learned) == PARTS
    for learned, predicted in zip(trainer.learned, trainer.predicted, strict=True):
        met = set(trainer.views.sources[learned].ravel())
        assert met <= set(clips["source"])
        assert not met & set(trainer.views.sources[predicted].ravel())
        assert set(trainer.views.label[learned]) == set(LABELS)
        assert trainer.views.view[learned].max() == COPIES  # copies, too, are learned from


def test_no_head_predicts_a_source_that_it_learned_from(inputs: Path) -> None:
    trainer, clips = trainer_of(inputs), CLIPS[~of_fold(0)]
    cross_fitted(trainer, clips, LABELS)
    assert_unmet(trainer, clips)


@pytest.mark.slow
def test_a_dense_head_is_trained_alone_as_its_classifier_rejects_nothing_whatever_is_predicted(
    inputs: Path, by_pitch_or_none: Path
) -> None:
    trainer, clips = trainer_of(inputs, DENSE), CLIPS[~of_fold(0)]
    classifier = fit(trainer, clips, by_pitch_or_none, DENSE)
    assert trainer.learned == trainer.predicted == []
    assert classifier.labels == tuple(ANIMALS)
    assert classifier.thresholds is None
    assert isinstance(classifier.head, Dense)


def test_each_clip_is_predicted_once_and_so_are_its_copies_of_the_same_part(inputs: Path) -> None:
    trainer, clips = trainer_of(inputs), CLIPS[~of_fold(0)]
    table = cross_fitted(trainer, clips, LABELS)
    assert list(table.columns) == [*KEYS, *ANIMALS]
    assert sorted(table.loc[table["view"] == 0, "clip"]) == sorted(clips["clip"])
    assert not table.duplicated(["clip", "view"]).any()
    assert set(table["view"]) == set(range(1 + min(COPIES, SCORED_COPIES)))
    assert set(table["part"]) == {"validation"}
    stated = clips.set_index("clip").loc[table["clip"]]
    for column in ("label", "kind", "source"):
        assert table[column].tolist() == stated[column].tolist()
    assert (table.loc[table["truth"].str.contains("/"), "view"] > 0).all()


# The classifier


def test_other_sources_change_neither_head_nor_calibration_nor_thresholds(inputs: Path, by_pitch_or_none: Path) -> None:
    train, trainer = CLIPS[~of_fold(1) & (CLIPS["kind"] != "wind")], trainer_of(inputs)
    views = trainer.views
    foreign = ~np.isin(views.sources, train["source"].to_numpy(str)).all(axis=1)
    assert (views.view[foreign & np.isin(views.clip, train["clip"])] > 0).any()  # with wind as their background
    draw, embeddings = np.random.default_rng(2), inputs / "other embeddings"
    for clip in CLIPS["clip"]:
        vectors = np.load(inputs / "embeddings" / f"{clip}.npy")
        for view in views.view[foreign & (views.clip == clip)]:
            vectors[view] = draw.integers(0, 256, vectors[view].shape)
        files.write_array(vectors, embeddings / f"{clip}.npy")
    (embeddings / "embeddings.json").write_bytes((inputs / "embeddings" / "embeddings.json").read_bytes())
    first = fit(trainer, train, by_pitch_or_none)
    second = fit(trainer_of(inputs, embeddings="other embeddings"), train, by_pitch_or_none)
    every = fit(trainer, CLIPS, by_pitch_or_none)
    vectors = draw.integers(0, 256, (5, *vectors.shape[1:]), np.uint8)
    scores = [classifier.head.slice_scores(vectors) for classifier in (first, second, every)]
    np.testing.assert_array_equal(scores[0], scores[1])
    assert first.calibration == second.calibration
    assert first.thresholds == second.thresholds
    assert not np.allclose(scores[0], scores[2])


def test_a_logistic_classifier_tells_sources_it_has_not_met_apart(inputs: Path, by_pitch_or_none: Path) -> None:
    classifier = fit(trainer_of(inputs), CLIPS[~of_fold(1)], by_pitch_or_none)
    assert classifier.labels == tuple(ANIMALS)
    assert classifier.thresholds is not None and len(classifier.thresholds) == len(ANIMALS)
    for row in CLIPS[of_fold(1)].itertuples():
        scores = classifier.head.slice_scores(np.load(inputs / "embeddings" / f"{row.clip}.npy")[:1])[0].mean(axis=0)
        probabilities = classifier.calibration.probabilities(scores[np.newaxis])
        assert classifier.decide(probabilities).tolist() == [row.label]


# Partially labelled clips


@pytest.fixture(scope="module")
def partial(tmp_path_factory: pytest.TempPathFactory, inputs: Path) -> tuple[pd.DataFrame, Path]:
    """The clips and partially labelled ones, which sound like foxes, but are none; of one source a fox is learned."""
    folder = tmp_path_factory.mktemp("partial")
    mixed = with_partial(CLIPS, ["pond", "fox0"], n=3)
    write_tables(mixed, folder)
    shutil.copytree(inputs / "embeddings", folder / "embeddings")
    clips = mixed.loc[mixed["label"] == PARTIAL, "clip"]
    like = files.read_array(folder / "embeddings" / f"{CLIPS.loc[CLIPS['kind'] == 'fox', 'clip'].iloc[0]}.npy")
    for clip in clips:
        files.write_array(like[:1], folder / "embeddings" / f"{clip}.npy")
    calls = read_table(folder / "calls.csv")
    stated = [(clip, 0, "fox", 0.0, FEATURES.window_s, "no") for clip in clips]
    write_table(pd.concat([calls, pd.DataFrame(stated, columns=CALL_COLUMNS)]), folder / "calls.csv")
    return mixed, folder


def test_partially_labelled_clips_are_learned_and_never_predicted(
    inputs: Path, partial: tuple[pd.DataFrame, Path]
) -> None:
    mixed, folder = partial
    trainer = Recorder(folder / "embeddings", views_of(mixed, folder), ANIMALS, RECIPE)
    plain = cross_fitted(trainer_of(inputs), CLIPS, LABELS)
    table = cross_fitted(trainer, mixed, LABELS)
    pd.testing.assert_frame_equal(table.drop(columns=ANIMALS), plain.drop(columns=ANIMALS))
    np.testing.assert_allclose(table["boar"], plain["boar"], atol=1e-3)  # rounding
    assert table["fox"].mean() < plain["fox"].mean() - 0.1
    views = trainer.views
    is_partial, of_pond = views.label == PARTIAL, views.sources[:, 0] == "pond"
    assert len(trainer.learned) == PARTS
    for learned, predicted in zip(trainer.learned, trainer.predicted, strict=True):
        assert not is_partial[predicted].any()
        assert not set(views.sources[learned].ravel()) & set(views.sources[predicted].ravel())
        assert set(np.flatnonzero(is_partial & of_pond)) <= set(learned)
    times_learned = sum(int((is_partial & ~of_pond)[learned].sum()) for learned in trainer.learned)
    assert times_learned == 3 * (PARTS - 1)


def test_a_classifier_takes_less_for_what_partially_labelled_clips_are_not(
    inputs: Path, partial: tuple[pd.DataFrame, Path], by_pitch_or_none: Path
) -> None:
    mixed, folder = partial
    trainer = Recorder(folder / "embeddings", views_of(mixed, folder), ANIMALS, RECIPE)
    heads = [fit(trainer_of(inputs), CLIPS, by_pitch_or_none).head, fit(trainer, mixed, by_pitch_or_none).head]
    foxes = np.stack([files.read_array(inputs / "embeddings" / f"{clip}.npy")[0] for clip in CLIPS["clip"]])
    before, after = (head.slice_scores(foxes[CLIPS["kind"] == "fox"]) for head in heads)
    assert (after[..., 1] < before[..., 1]).all()
    before, after = (head.slice_scores(foxes) for head in heads)
    np.testing.assert_allclose(after[..., 0], before[..., 0], atol=1e-3)  # rounding


def test_a_dense_head_ignores_partially_labelled_clips(partial: tuple[pd.DataFrame, Path]) -> None:
    mixed, folder = partial
    views = views_of(mixed, folder)
    assert set(clips_for_head(mixed, "dense")["label"]) == set(ANIMALS)
    assert set(clips_for_head(mixed[mixed["kind"] != "boar"], "dense")["label"]) == {"fox", NONE}
    for animals in (ANIMALS, ["fox"]):
        examples = view_examples(views, animals)
        assert not set(examples.clips) & set(views.clip[views.label == PARTIAL])


# What a classifier can be trained on


@pytest.mark.parametrize(
    ("sources", "animals", "expected"),
    [
        (["boar0", "boar1", "fox0", "fox1"], ANIMALS, True),
        (["boar0", "boar1", "fox0"], ANIMALS, False),  # heads of other sources would not know the fox
        (["boar0", "boar1", "rain0"], ANIMALS, False),
        (["boar0", "boar1", "rain0"], ["boar"], True),
        (["boar0", "boar1"], ["boar"], False),  # nothing tells what is not a boar
    ],
)
def test_two_sources_of_each_animal_and_other_sounds_are_needed(
    sources: list[str], animals: list[str], expected: bool, tmp_path: Path, by_pitch_or_none: Path
) -> None:
    clips = CLIPS[CLIPS["source"].isin(sources)]
    assert can_fit(clips, animals) is expected
    if expected:
        write_tables(clips, tmp_path)
        embed_kinds(clips, tmp_path)
        trainer = Trainer(tmp_path, views_of(clips, tmp_path), animals, RECIPE)
        toy = load_classifier(by_pitch_or_none)
        backbone = toy.embedder
        assert fit_classifier(trainer, clips, animals, RECIPE, 0.05, backbone).labels == tuple(animals)
