"""The evaluate stage, with a classifier that tells low sounds from high ones."""

from pathlib import Path

import pandas as pd
import pytest

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.core.labels import NONE
from project_echo.core.tables import read_table, write_table
from stages import evaluate
from tests.conftest import LABELS, compare_halves

LOW, HIGH = LABELS


@pytest.fixture
def history(workspace: Path) -> Path:
    rows = [(1, 0.9, 1.0, 0.5, 0.5), (2, 0.5, 0.8, 0.9, 1.0)]
    path = workspace / "history.csv"
    write_table(pd.DataFrame(rows, columns=["epoch", "loss", "val_loss", "accuracy", "val_accuracy"]), path)
    return path


@pytest.fixture
def run(workspace: Path, by_pitch: Path, clips: Path, split: Path, history: Path) -> Path:
    """Score 4 test clips, of which a low one is labelled as high; written to metrics.json and plots/."""
    table = read_table(split)
    table.loc[table["clip"].isin(["low/4", "high/4"]), "part"] = "test"
    table.loc[table["clip"] == "low/4", "label"] = HIGH
    write_table(table, split)
    evaluate.main(by_pitch, clips, split, history, workspace / "metrics.json", workspace / "plots")
    return workspace


def test_metrics_are_those_of_the_test_clips(run: Path) -> None:
    scores = files.read_json(run / "metrics.json")
    assert set(scores) == {"clips", "accuracy", "macro_f1", "most_confused", "per_class", "decided"}
    assert scores["decided"] is None  # a classifier as the study's rejects nothing
    assert (scores["clips"], scores["accuracy"]["value"]) == (4, 0.75)
    assert scores["accuracy"]["low"] < 0.75 < scores["accuracy"]["high"]
    assert scores["per_class"][HIGH] == {
        "precision": 1,
        "recall": pytest.approx(2 / 3, abs=1e-4),
        "f1": 0.8,
        "support": 3,
    }
    assert scores["most_confused"] == {"pair": [LOW, HIGH], "errors": 1}


def test_predictions_have_a_row_per_test_clip_with_its_probabilities(run: Path) -> None:
    table = read_table(run / "plots/predictions.csv").set_index("clip")
    assert sorted(table.index) == ["high/4", "high/5", "low/4", "low/5"]
    assert list(table.columns) == ["truth", "prediction", "animal", LOW, HIGH]
    assert table.loc["low/4", ["truth", "prediction"]].tolist() == [HIGH, LOW]
    assert (table[[LOW, HIGH]].idxmax(axis=1) == table["prediction"]).all()
    assert (table[[LOW, HIGH]].sum(axis=1) - 1).abs().max() < 1e-3


def test_tables_and_figures_are_written_for_labels_with_spaces_and_markup(run: Path) -> None:
    confusion = read_table(run / "plots/confusion.csv").set_index("truth")
    assert confusion.loc[[LOW, HIGH], [LOW, HIGH]].to_numpy().tolist() == [[1, 0], [1, 2]]
    assert read_table(run / "plots/per_class.csv")["label"].tolist() == [LOW, HIGH]
    for name in ("confusion", "per_class", "history", "predictions"):
        assert (run / f"plots/{name}.png").read_bytes().startswith(b"\x89PNG"), name


def test_a_second_run_writes_the_same_bytes(run: Path, by_pitch: Path, clips: Path, split: Path, history: Path) -> None:
    evaluate.main(by_pitch, clips, split, history, run / "second.json", run / "second")
    assert (run / "second.json").read_bytes() == (run / "metrics.json").read_bytes()
    for path in (run / "plots").iterdir():
        assert path.read_bytes() == (run / "second" / path.name).read_bytes(), path.name


def test_rejection_is_scored_and_accuracy_counts_the_most_probable_animal(
    workspace: Path, by_pitch_or_none: Path, clips: Path, split_with_background: Path, history: Path
) -> None:
    table = read_table(split_with_background)
    for clip, label in {"low/4": HIGH, "hum/4": LOW, "high/4": NONE}.items():
        table.loc[table["clip"] == clip, ["part", "label"]] = "test", label
    write_table(table, split_with_background)
    paths = (clips, split_with_background, history, workspace / "metrics.json", workspace / "plots")
    evaluate.main(by_pitch_or_none, *paths)

    predictions = read_table(workspace / "plots/predictions.csv").set_index("clip")
    assert predictions["prediction"].to_dict() == {
        "low/4": LOW,
        "low/5": LOW,
        "high/4": HIGH,
        "high/5": HIGH,
        "hum/4": NONE,
        "hum/5": NONE,
    }
    assert predictions.loc["hum/4", "animal"] == LOW
    scores = files.read_json(workspace / "metrics.json")
    assert (scores["clips"], scores["accuracy"]["value"]) == (4, 0.75)
    assert set(scores["per_class"]) == {LOW, HIGH}
    assert scores["most_confused"] == {"pair": [LOW, HIGH], "errors": 1}
    assert scores["rejection"] == {
        "detection_rate": 0.75,
        "correct_detection_rate": 0.5,
        "background_clips": 2,
        "false_positive_rate": {"value": 0.5, "low": 0.0945, "high": 0.9055},
    }
    assert scores["decided"]["accuracy"]["value"] == 0.5  # of the clips of animals, as decided
    assert list(predictions.columns) == ["truth", "prediction", "animal", LOW, HIGH]
    confusion = read_table(workspace / "plots/confusion.csv").set_index("truth")
    labels = [LOW, HIGH, NONE]
    assert confusion.loc[labels, labels].to_numpy().tolist() == [[1, 0, 1], [1, 1, 0], [0, 1, 1]]


def test_a_classifier_without_background_is_not_scored_on_it(
    workspace: Path, by_pitch: Path, clips: Path, split_with_background: Path, history: Path
) -> None:
    paths = (clips, split_with_background, history, workspace / "metrics.json", workspace / "plots")
    evaluate.main(by_pitch, *paths)
    scores = files.read_json(workspace / "metrics.json")
    assert scores["clips"] == 2
    assert "rejection" not in scores
    assert sorted(read_table(workspace / "plots/predictions.csv")["clip"]) == ["high/5", "low/5"]


def test_a_single_animal_is_scored_against_background(
    workspace: Path,
    tmp_path_factory: pytest.TempPathFactory,
    clips: Path,
    split_with_background: Path,
    history: Path,
) -> None:
    low_or_none = compare_halves(
        tmp_path_factory.mktemp("classifier"), [LOW], [0.3], [-3.0], thresholds=[0.99], slices=3, sources=30
    )
    table = read_table(split_with_background)
    for clip, label in {"low/4": NONE, "hum/4": LOW}.items():
        table.loc[table["clip"] == clip, ["part", "label"]] = "test", label
    write_table(table[table["label"] != HIGH], split_with_background)
    paths = (clips, split_with_background, history, workspace / "metrics.json", workspace / "plots")
    evaluate.main(low_or_none, *paths)
    scores = files.read_json(workspace / "metrics.json")
    assert (scores["clips"], scores["accuracy"]["value"]) == (4, 0.5)
    assert scores["most_confused"] == {"pair": [LOW, NONE], "errors": 2}
    assert set(scores["per_class"]) == {LOW, NONE}
    assert scores["rejection"]["background_clips"] == 2
    assert scores["calibration"] == {"sources": 30, "false_positive_rate": 0.05, "note": "few"}
    predictions = read_table(workspace / "plots/predictions.csv").set_index("clip")
    assert predictions["animal"].to_dict() == {"low/4": LOW, "low/5": LOW, "hum/4": NONE, "hum/5": NONE}


def test_a_leaky_split_is_an_error_that_names_the_recording(
    workspace: Path, by_pitch: Path, clips: Path, split: Path, history: Path
) -> None:
    table = read_table(split)
    table.loc[5, "recording"] = table.loc[0, "recording"]
    write_table(table, split)
    with pytest.raises(EchoError, match=r"recording low/0\.wav "):
        evaluate.main(by_pitch, clips, split, history, workspace / "metrics.json", workspace / "plots")
    assert not (workspace / "metrics.json").exists()
