"""The crossval stage, on small embeddings whose classes are known, and on a network of a few layers."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from project_echo.core import files
from project_echo.core.labels import NONE
from project_echo.core.tables import read_table, write_table
from project_echo.datasets.config import Split
from project_echo.datasets.draws import draw_sources
from project_echo.evaluation.config import Crossval
from project_echo.evaluation.predictions import KEYS, complete_rows
from project_echo.pipeline.params import load_params
from stages import crossval, embed
from tests.project_echo.evaluation.embedded import embed_kinds, write_tables
from tests.stages.workspaces import NO_CLIPS, change_params, write_params
from tests.tables import clips_of, numbered, with_background

ANIMALS = ["boar", "fox"]
CLIPS = with_background(
    clips_of({"boar": numbered("boar", 6), "fox": numbered("fox", 6)}, 1, 2),
    {"rain": numbered("rain", 6), "wind": numbered("wind", 6)},
)
# A site with both animals counts for both, so a class may get one source more than was asked for.
SHARED = clips_of({"boar": numbered("boar", 9), "fox": numbered("fox", 4) + numbered("boar", 6)})
ONE_ANIMAL = CLIPS[CLIPS["kind"].isin(["boar", "rain"])]


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The working directory of these tests: splits, and embeddings that tell the kinds of clips apart."""
    folder = tmp_path_factory.mktemp("crossval")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        write_params(folder)
        change_params(folder, "split", train=4, validation=1, test=1)
        for name, clips in (("clips", CLIPS), ("shared", SHARED), ("one", ONE_ANIMAL)):
            write_table(clips.assign(part="unused"), folder / f"{name}.csv")
            write_tables(clips, folder / f"spectrograms of {name}")
            embed_kinds(clips, folder / f"embeddings of {name}")
        for name, clips in (("clips", CLIPS), ("one", ONE_ANIMAL)):
            embed_kinds(clips, folder / f"whole embeddings of {name}", slices=1)
        yield folder


def run(
    inputs: Path,
    name: str,
    clips: str = "clips",
    draws: int = 3,
    train_sizes: list[int] | None = None,
    embeddings: str = "embeddings",
) -> Path:
    """Run the stage with the section `train` as it is; the folder with what it wrote."""
    change_params(inputs, "crossval", draws=draws, train_sizes=train_sizes or [])
    folder = inputs / name
    crossval.main(
        inputs / f"spectrograms of {clips}",
        inputs / f"{embeddings} of {clips}",
        inputs / f"{clips}.csv",
        inputs / "backbone",
        folder / "crossval.csv",
        folder / "crossval.json",
        folder / "plots",
    )
    return folder


def run_logistic(inputs: Path, name: str) -> Path:
    change_params(inputs, "train", trainable="none", head="logistic", C=1.0)
    return run(inputs, name, train_sizes=[1, 2, 9])


@pytest.fixture(scope="module")
def written(inputs: Path) -> Path:
    return run_logistic(inputs, "logistic")


def test_writes_predictions_metrics_tables_and_figures(written: Path) -> None:
    paths = {path.relative_to(written).as_posix() for path in written.rglob("*") if path.is_file()}
    figures = {f"plots/{name}.png" for name in ("accuracies", "confusion", "curve", "reliability")}
    tables = {f"plots/{name}.csv" for name in ("accuracies", "curve", "decided", "predictions", "reliability")}
    assert paths == {"crossval.csv", "crossval.json"} | figures | tables


def test_a_second_run_writes_the_same_bytes(inputs: Path, written: Path) -> None:
    second = run_logistic(inputs, "logistic again")
    for path in [path.relative_to(written) for path in written.rglob("*") if path.is_file()]:
        assert (written / path).read_bytes() == (second / path).read_bytes(), path


def test_classes_that_embeddings_tell_apart_score_1(written: Path) -> None:
    scores = files.read_json(written / "crossval.json")
    assert scores["draws"] == 3
    assert scores["accuracy"]["value"] == scores["macro_f1"]["value"] == scores["decided"]["accuracy"]["value"] == 1
    assert scores["most_confused"]["pair"] is None
    assert scores["rejection"]["correct_detection_rate"] == 1
    assert scores["rejection"]["background_clips"] == 3 * 2
    assert list(scores["rejection"]["held_out_background"]) == ["rain", "wind"]
    assert set(scores["calibration"]) == {"slope", "expected_calibration_error", "brier_score", "prevalence"}
    assert scores["calibration"]["prevalence"] == 0.25  # two animals and two clips of background a draw


def test_decisions_are_those_of_the_test_clips(written: Path) -> None:
    decided = read_table(written / "plots/decided.csv")
    assert list(decided.columns) == ["draw", "clip", "source", "kind", "truth", "prediction"]
    tested = complete_rows(read_table(written / "crossval.csv"), "test")
    assert decided["clip"].tolist() == tested["clip"].tolist()
    assert decided["truth"].tolist() == decided["prediction"].tolist() == tested["label"].tolist()


def test_predictions_are_of_the_held_out_clips_of_every_trial(written: Path) -> None:
    table = read_table(written / "crossval.csv")
    assert list(table.columns) == [*KEYS, *ANIMALS]
    split, seed = load_params("split", Split), load_params("crossval", Crossval).seed
    for number, rows in table.groupby("draw"):
        kind, size = ("rain", "wind")[int(number) % 2], (1, 2)[int(number) % 2]  # they take turns
        assert set(zip(rows["train"], rows["held_out"], strict=True)) == {(4, ""), (4, kind), (size, "")}
        assert (rows.groupby(["train", "held_out", "source"])["part"].nunique() == 1).all()
        draw = draw_sources(CLIPS, split, seed, int(number))
        for part in ("validation", "test"):
            assert set(complete_rows(rows, part)["clip"]) == set(draw.loc[draw["part"] == part, "clip"])
        held_out = rows[(rows["held_out"] == kind) & (rows["label"] == NONE)]
        assert set(held_out["clip"]) == set(draw.loc[draw["kind"] == kind, "clip"])
    copies = table[table["view"] > 0]
    assert set(copies["part"]) == {"validation"}
    pairs = {f"{one}/{other}" for one in ANIMALS for other in ANIMALS if one < other}
    assert set(table["truth"]) == {"", *ANIMALS, *(pairs & set(copies["truth"]))}
    assert pairs & set(copies["truth"])


def run_dense(inputs: Path, name: str, clips: str) -> Path:
    change_params(inputs, "train", trainable="none", head="dense", head_units=0, epochs=2)
    return run(inputs, name, clips=clips, draws=2, embeddings="whole embeddings")


@pytest.mark.slow
def test_the_dense_head_has_no_background_and_rejects_nothing(inputs: Path) -> None:
    folder = run_dense(inputs, "dense", "clips")
    scores = files.read_json(folder / "crossval.json")
    assert "rejection" not in scores
    assert scores["decided"] is None
    assert scores["calibration"]["slope"] == 1
    assert list(read_table(folder / "crossval.csv").columns) == [*KEYS, *ANIMALS]
    assert NONE not in set(read_table(folder / "plots/decided.csv")["prediction"])


@pytest.mark.slow
@pytest.mark.parametrize("head", ["logistic", "dense"])
def test_a_single_animal_is_scored_against_background(inputs: Path, head: str) -> None:
    name = f"one animal, {head}"
    if head == "dense":
        folder, train_sizes = run_dense(inputs, name, "one"), []
    else:
        change_params(inputs, "train", trainable="none", head=head, C=1.0)
        folder, train_sizes = run(inputs, name, clips="one", draws=2, train_sizes=[1]), [1]
    scores = files.read_json(folder / "crossval.json")
    assert set(scores["recall"]) == {"boar", NONE}
    assert scores["rejection"]["background_clips"] == 2
    assert set(scores["decided"]["accuracy"]) == {"value", "low", "high"}
    assert list(read_table(folder / "crossval.csv").columns) == [*KEYS, "boar"]
    assert read_table(folder / "plots/curve.csv")["train"].tolist() == [*train_sizes, 4]
    pooled = read_table(folder / "plots/predictions.csv")
    assert set(pooled["truth"]) == {"boar", NONE}
    if head == "logistic":
        assert scores["accuracy"]["value"] == 1


def test_draws_count_even_if_they_differ_in_the_number_of_training_sources(inputs: Path) -> None:
    change_params(inputs, "train", trainable="none", head="logistic", C=1.0)
    split, seed = load_params("split", Split), load_params("crossval", Crossval).seed
    draws = [draw_sources(SHARED, split, seed, number) for number in range(6)]
    sizes = {draw[draw["part"] == "train"].groupby("kind")["source"].nunique().max() for draw in draws}
    assert len(sizes) > 1
    folder = run(inputs, "shared sources", clips="shared", draws=6)
    assert files.read_json(folder / "crossval.json")["draws"] == 6


@pytest.mark.slow
def test_a_trained_backbone_is_trained_in_every_draw(inputs: Path, spectrograms: Path, keras_backbone: Path) -> None:
    clips = pd.Series([f"{label}/{number}" for label in ("low", "high") for number in range(6)])
    label = clips.str.split("/").str[0]
    table = pd.DataFrame({"clip": clips, "recording": clips, "label": label, "kind": label, "source": clips})
    write_table(table.assign(part="unused"), inputs / "images.csv")
    images = inputs / "spectrograms of images"
    shutil.copytree(spectrograms, images)
    write_tables(table, images, copies=1)
    (inputs / "backbone").symlink_to(keras_backbone)
    change_params(inputs, "embed", blocks=[1], bands=[1], slices=1)
    embed.main(NO_CLIPS, images, keras_backbone, inputs / "embeddings of images")
    change_params(inputs, "train", trainable="all", head="dense", epochs=1, head_units=0, batch_size=4)
    folder = run(inputs, "network", clips="images", draws=2)
    rows = read_table(folder / "crossval.csv")
    assert rows.groupby("draw")["clip"].nunique().tolist() == [4, 4]
    np.testing.assert_allclose(rows["high"], -rows["low"], atol=2e-3)  # of two outputs that add up to 1
    assert files.read_json(folder / "crossval.json")["draws"] == 2
