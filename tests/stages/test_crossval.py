"""The crossval stage on small embeddings whose answer is known, and a network of a few layers."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import logsumexp

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.core.labels import NONE
from project_echo.datasets import draws
from project_echo.evaluation import crossval as many
from project_echo.evaluation import trials
from project_echo.models.recipe import Recipe
from project_echo.pipeline.params import load_params
from stages import crossval, embed
from tests.tables import clips_of, numbered, with_background

LABELS = ["boar", "fox", NONE]
CLIPS = with_background(
    clips_of({"boar": numbered("boar", 6), "fox": numbered("fox", 6)}, 1, 2),
    {"rain": numbered("rain", 6), "wind": numbered("wind", 6)},
)


def vectors_of(clips: pd.DataFrame, column: str, noise: float) -> np.ndarray:
    """Embeddings (clips, 2 views, 8): a point for each value of a column, with noise around it."""
    draw = np.random.default_rng(1)
    codes, values = pd.factorize(clips[column])
    points = draw.normal(0, 1, (len(values), 8))[codes]
    return (points[:, None] + draw.normal(0, noise, (len(clips), 2, 8))).astype(np.float32)


@pytest.fixture
def run(workspace: Path, set_params: Callable[..., None]) -> Callable[..., Path]:
    """The stage on embeddings that tell kinds apart; gives the folder with what it wrote."""
    set_params("split", train=4, validation=1, test=1)
    set_params("crossval", draws=3, curve=[1, 2, 9])
    files.write_table(CLIPS.assign(part="unused"), workspace / "split.csv")
    for clip, views in zip(CLIPS["clip"], vectors_of(CLIPS, "kind", 0.05), strict=True):
        files.write_array(views, workspace / f"embeddings/{clip}.npy")

    def once(name: str, **params: object) -> Path:
        set_params("train", **({"trainable": "none", "head": "logistic", "C": 1.0} | params))
        folder = workspace / name
        inputs = (workspace / "spectrograms", workspace / "embeddings", workspace / "split.csv", workspace / "backbone")
        crossval.main(*inputs, folder / "crossval.csv", folder / "crossval.json", folder / "plots")
        return folder

    return once


def test_writes_predictions_scores_and_figures_the_same_bytes_again(run: Callable[..., Path]) -> None:
    first, second = run("first"), run("second")
    written = sorted(path.relative_to(first) for path in first.rglob("*") if path.is_file())
    figures = [f"plots/{name}" for name in ("accuracies", "confusion", "curve", "reliability")]
    tables = [f"plots/{name}" for name in ("accuracies", "answers", "curve", "reliability")]
    expected = [
        "crossval.csv",
        "crossval.json",
        *(f"{name}.png" for name in figures),
        *(f"{name}.csv" for name in tables),
    ]
    assert [str(path) for path in written] == sorted(expected)
    for path in written:
        assert (first / path).read_bytes() == (second / path).read_bytes(), path


def test_what_can_be_told_apart_is(run: Callable[..., Path]) -> None:
    scores = files.read_json(run("first") / "crossval.json")
    assert scores["draws"] == 3
    assert scores["accuracy"]["mean"] == scores["macro_f1"]["pooled"] == 1
    assert scores["rejection"]["animals_named_rightly"] == 1
    assert scores["rejection"]["background_clips"] == 3 * 2
    assert list(scores["rejection"]["unheard_kinds"]) == ["rain", "wind"]
    assert set(scores["calibration"]["expected_calibration_error"]) == {"before", "after"}


def test_predictions_are_of_held_out_clips_with_all_that_was_tried(run: Callable[..., Path]) -> None:
    table = files.read_table(run("first") / "crossval.csv")
    assert list(table.columns) == [*many.KEYS, *LABELS]
    np.testing.assert_allclose(logsumexp(table[LABELS], axis=1), 0, atol=1e-4)
    tried = {(4, ""), (4, "rain"), (4, "wind"), (1, ""), (2, "")}
    for draw, rows in table.groupby("draw"):
        assert set(zip(rows["train"], rows["left_out"], strict=True)) == tried
        assert (rows.groupby(["train", "left_out", "source"])["part"].nunique() == 1).all()
        expected = draws.draw(CLIPS, 4, 1, 1, load_params().crossval.seed, draw)
        for part in ("validation", "test"):
            assert set(many.full(rows, part)["clip"]) == set(expected.loc[expected["part"] == part, "clip"])
        for kind in ("rain", "wind"):
            unheard = rows[(rows["left_out"] == kind) & (rows["label"] == NONE)]
            assert set(unheard["clip"]) == set(expected.loc[expected["kind"] == kind, "clip"])
        assert NONE not in set(rows.loc[rows["train"] < 4, "label"])


def test_the_dense_head_knows_no_background(run: Callable[..., Path], set_params: Callable[..., None]) -> None:
    set_params("crossval", draws=2, curve=[])
    folder = run("first", head="dense", head_units=0, epochs=2)
    assert "rejection" not in files.read_json(folder / "crossval.json")
    assert list(files.read_table(folder / "crossval.csv").columns) == [*many.KEYS, "boar", "fox"]


def test_draws_that_differ_in_training_sources_all_count(
    run: Callable[..., Path], workspace: Path, set_params: Callable[..., None]
) -> None:
    # A place with both animals counts for both, so a class may get a source more than was asked for.
    shared = clips_of({"boar": numbered("boar", 9), "fox": numbered("fox", 7) + numbered("boar", 6)})
    for clip, views in zip(shared["clip"], vectors_of(shared, "kind", 0.05), strict=True):
        files.write_array(views, workspace / f"embeddings/{clip}.npy")
    files.write_table(shared, workspace / "split.csv")
    set_params("crossval", draws=6)
    draws = [draws.draw(shared, 4, 1, 1, load_params().crossval.seed, number) for number in range(6)]
    sizes = {draw[draw["part"] == "train"].groupby("kind")["source"].nunique().max() for draw in draws}
    assert len(sizes) > 1
    assert files.read_json(run("first") / "crossval.json")["draws"] == 6


def noisy_accuracy(folder: Path, clips: pd.DataFrame, train: int) -> dict[str, float]:
    """Accuracy with its interval where an embedding tells the clip's twins, by name, and nothing of the label."""
    params = load_params(Path(__file__).parents[2] / "params.yaml")
    recipe = Recipe(**dict(params.train) | {"trainable": "none", "head": "logistic", "C": 1.0})
    tried = [
        ({"draw": number, "train": train, "left_out": ""}, draws.draw(clips, train, 2, 2, 1, number))
        for number in range(20)
    ]
    vectors = vectors_of(clips.assign(twins=clips["clip"].str.rsplit("-", n=1).str[0]), "twins", 0.05)
    for clip, views in zip(clips["clip"], vectors, strict=True):
        files.write_array(views, folder / f"{clip}.npy")
    rows = trials.try_heads(folder, tried, ["boar", "fox", "owl"], recipe)
    return many.score(many.answers(rows, ["boar", "fox", "owl"]), ["boar", "fox", "owl"], 1)["accuracy"]


def test_labels_that_nothing_tells_apart_are_guessed_and_a_leak_would_show(tmp_path: Path) -> None:
    clips = clips_of({kind: numbered(kind, 12) for kind in ("boar", "fox", "owl")}, recordings=1, clips=3)
    found = noisy_accuracy(tmp_path, clips, train=8)
    assert found["low"] < 1 / 3 < found["high"]
    leaky = clips.assign(source=clips["clip"])
    with pytest.raises(EchoError, match=r"recording .* stands on two sides"):
        noisy_accuracy(tmp_path, leaky, train=32)
    # Where nobody knows that clips are of one recording, most are tested on what was trained on.
    assert noisy_accuracy(tmp_path, leaky.assign(recording=clips["clip"]), train=32)["low"] > 1 / 3


def test_a_network_that_is_trained_itself_is_tried_on_every_draw(
    run: Callable[..., Path], spectrograms: Path, backbone: Path, workspace: Path, set_params: Callable[..., None]
) -> None:
    names = [(f"{label}/{number}", label) for label in ("low", "high") for number in range(6)]
    table = pd.DataFrame(names, columns=["clip", "label"])
    table = table.assign(recording=table["clip"], kind=table["label"], source=table["clip"], part="unused")
    files.write_table(table, workspace / "split.csv")
    for name, path in (("spectrograms", spectrograms), ("backbone", backbone)):
        (workspace / name).symlink_to(path)
    set_params("embed", blocks=[1], bands=[1])
    embed.main(spectrograms, backbone, workspace / "embeddings")
    set_params("crossval", draws=2, curve=[])
    small = {"epochs": 1, "head_units": 0, "batch_size": 4}
    folder = run("first", trainable="all", head="dense", **small)
    rows = files.read_table(folder / "crossval.csv")
    assert rows.groupby("draw")["clip"].nunique().tolist() == [4, 4]
    np.testing.assert_allclose(logsumexp(rows[["high", "low"]], axis=1), 0, atol=1e-4)
    assert files.read_json(folder / "crossval.json")["draws"] == 2
