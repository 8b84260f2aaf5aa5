"""The crossval stage, on small embeddings whose classes are known, and on a network of a few layers."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import logsumexp

from project_echo.core import files
from project_echo.core.labels import NONE
from project_echo.datasets.config import Split
from project_echo.datasets.draws import draw_sources
from project_echo.evaluation.config import Crossval
from project_echo.evaluation.predictions import KEYS, complete_rows
from project_echo.models.pooling import Pooled
from project_echo.pipeline.params import load_params
from stages import crossval, embed
from tests.project_echo.models.embeddings import stored
from tests.stages.workspaces import change_params, write_params
from tests.tables import clips_of, numbered, with_background

LABELS = ["boar", "fox", NONE]
CLIPS = with_background(
    clips_of({"boar": numbered("boar", 6), "fox": numbered("fox", 6)}, 1, 2),
    {"rain": numbered("rain", 6), "wind": numbered("wind", 6)},
)
# A site with both animals counts for both, so a class may get one source more than was asked for.
SHARED = clips_of({"boar": numbered("boar", 9), "fox": numbered("fox", 7) + numbered("boar", 6)})


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The working directory of these tests: splits, and embeddings that tell the kinds of clips apart."""
    folder = tmp_path_factory.mktemp("crossval")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        write_params(folder)
        change_params(folder, "split", train=4, validation=1, test=1)
        for name, clips in (("clips", CLIPS), ("shared", SHARED)):
            files.write_table(clips.assign(part="unused"), folder / f"{name}.csv")
            write_embeddings(clips, folder / f"embeddings of {name}")
        yield folder


def write_embeddings(clips: pd.DataFrame, folder: Path) -> None:
    """Embeddings of shape (2 views, 8): a point for each kind, with a little noise."""
    draw = np.random.default_rng(1)
    codes, kinds = pd.factorize(clips["kind"])
    points = draw.normal(0, 1, (len(kinds), 8))[codes]
    vectors = points[:, None] + draw.normal(0, 0.05, (len(clips), 2, 8))
    for clip, views in zip(clips["clip"], stored(vectors), strict=True):
        files.write_array(views, folder / f"{clip}.npy")
    pooled = Pooled(blocks=[1], bands=[2], std=True, sqrt=True, sizes=[4, 4])
    files.write_json(pooled.model_dump(), folder / "embeddings.json")


def run(inputs: Path, name: str, clips: str = "clips", draws: int = 3, train_sizes: list[int] | None = None) -> Path:
    """Run the stage with the section `train` as it is; the folder with what it wrote."""
    change_params(inputs, "crossval", draws=draws, train_sizes=train_sizes or [])
    folder = inputs / name
    crossval.main(
        inputs / "spectrograms",
        inputs / f"embeddings of {clips}",
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
    tables = {f"plots/{name}.csv" for name in ("accuracies", "curve", "predictions", "reliability")}
    assert paths == {"crossval.csv", "crossval.json"} | figures | tables


def test_a_second_run_writes_the_same_bytes(inputs: Path, written: Path) -> None:
    second = run_logistic(inputs, "logistic again")
    for path in [path.relative_to(written) for path in written.rglob("*") if path.is_file()]:
        assert (written / path).read_bytes() == (second / path).read_bytes(), path


def test_classes_that_embeddings_tell_apart_score_1(written: Path) -> None:
    scores = files.read_json(written / "crossval.json")
    assert scores["draws"] == 3
    assert scores["accuracy"]["value"] == scores["macro_f1"]["value"] == 1
    assert scores["most_confused"]["pair"] is None
    assert scores["rejection"]["correct_detection_rate"] == 1
    assert scores["rejection"]["background_clips"] == 3 * 2
    assert list(scores["rejection"]["held_out_background"]) == ["rain", "wind"]
    assert set(scores["calibration"]["expected_calibration_error"]) == {"before", "after"}


def test_predictions_are_of_the_held_out_clips_of_every_trial(written: Path) -> None:
    table = files.read_table(written / "crossval.csv")
    assert list(table.columns) == [*KEYS, *LABELS]
    np.testing.assert_allclose(logsumexp(table[LABELS], axis=1), 0, atol=1e-3)
    trials = {(4, ""), (4, "rain"), (4, "wind"), (1, ""), (2, "")}
    split, seed = load_params("split", Split), load_params("crossval", Crossval).seed
    for number, rows in table.groupby("draw"):
        assert set(zip(rows["train"], rows["held_out"], strict=True)) == trials
        assert (rows.groupby(["train", "held_out", "source"])["part"].nunique() == 1).all()
        draw = draw_sources(CLIPS, split, seed, int(number))
        for part in ("validation", "test"):
            assert set(complete_rows(rows, part)["clip"]) == set(draw.loc[draw["part"] == part, "clip"])
        for kind in ("rain", "wind"):
            held_out = rows[(rows["held_out"] == kind) & (rows["label"] == NONE)]
            assert set(held_out["clip"]) == set(draw.loc[draw["kind"] == kind, "clip"])
        assert NONE not in set(rows.loc[rows["train"] < 4, "label"])


def test_the_dense_head_has_no_background(inputs: Path) -> None:
    change_params(inputs, "train", trainable="none", head="dense", head_units=0, epochs=2)
    folder = run(inputs, "dense", draws=2)
    assert "rejection" not in files.read_json(folder / "crossval.json")
    assert list(files.read_table(folder / "crossval.csv").columns) == [*KEYS, "boar", "fox"]


@pytest.mark.parametrize(("head", "train_sizes"), [("logistic", [1]), ("dense", [])])
def test_a_single_animal_is_scored_against_background(inputs: Path, head: str, train_sizes: list[int]) -> None:
    one = CLIPS[CLIPS["kind"].isin(["boar", "rain"])]
    files.write_table(one.assign(part="unused"), inputs / "one.csv")
    write_embeddings(one, inputs / "embeddings of one")
    change_params(inputs, "train", trainable="none", head=head, C=1.0, head_units=0, epochs=2)
    folder = run(inputs, f"one animal, {head}", clips="one", draws=2, train_sizes=train_sizes)
    scores = files.read_json(folder / "crossval.json")
    assert set(scores["recall"]) == {"boar", NONE}
    assert scores["rejection"]["background_clips"] == 2
    assert list(files.read_table(folder / "crossval.csv").columns) == [*KEYS, "boar", NONE]
    assert files.read_table(folder / "plots/curve.csv")["train"].tolist() == [*train_sizes, 4]
    pooled = files.read_table(folder / "plots/predictions.csv")
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


def test_a_trained_backbone_is_trained_in_every_draw(inputs: Path, spectrograms: Path, keras_backbone: Path) -> None:
    clips = pd.Series([f"{label}/{number}" for label in ("low", "high") for number in range(6)])
    label = clips.str.split("/").str[0]
    table = pd.DataFrame({"clip": clips, "recording": clips, "label": label, "kind": label, "source": clips})
    files.write_table(table.assign(part="unused"), inputs / "images.csv")
    (inputs / "spectrograms").symlink_to(spectrograms)
    (inputs / "backbone").symlink_to(keras_backbone)
    change_params(inputs, "embed", blocks=[1], bands=[1])
    embed.main(spectrograms, keras_backbone, inputs / "embeddings of images")
    change_params(inputs, "train", trainable="all", head="dense", epochs=1, head_units=0, batch_size=4)
    folder = run(inputs, "network", clips="images", draws=2)
    rows = files.read_table(folder / "crossval.csv")
    assert rows.groupby("draw")["clip"].nunique().tolist() == [4, 4]
    np.testing.assert_allclose(logsumexp(rows[["high", "low"]], axis=1), 0, atol=1e-3)
    assert files.read_json(folder / "crossval.json")["draws"] == 2
