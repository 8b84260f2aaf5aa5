"""The evaluate stage, with a classifier that tells low from high."""

from pathlib import Path

import pandas as pd
import pytest

from project_echo.core import files
from project_echo.core.errors import EchoError
from stages import evaluate

LOW, HIGH = "<b>low & slow</b>", "high pitched"


@pytest.fixture
def history(workspace: Path) -> Path:
    rows = [(1, 0.9, 1.0, 0.5, 0.5), (2, 0.5, 0.8, 0.9, 1.0)]
    path = workspace / "history.csv"
    files.write_table(pd.DataFrame(rows, columns=["epoch", "loss", "val_loss", "accuracy", "val_accuracy"]), path)
    return path


@pytest.fixture
def run(workspace: Path, by_pitch: Path, spectrograms: Path, split: Path, history: Path) -> Path:
    """Score 4 test clips: of the high ones, one that is low in truth; written to metrics.json and plots/."""
    table = files.read_table(split)
    table.loc[table["clip"].isin(["low/4", "high/4"]), "part"] = "test"
    table.loc[table["clip"] == "low/4", "label"] = HIGH
    files.write_table(table, split)
    evaluate.main(by_pitch, spectrograms, split, history, workspace / "metrics.json", workspace / "plots")
    return workspace


def test_metrics_count_right_and_wrong(run: Path) -> None:
    scores = files.read_json(run / "metrics.json")
    assert set(scores) >= {"clips", "accuracy", "wilson_95", "macro_f1", "most_confused", "per_class"}
    assert (scores["clips"], scores["accuracy"]) == (4, 0.75)
    assert scores["wilson_95"]["low"] < 0.75 < scores["wilson_95"]["high"]
    assert scores["per_class"][HIGH] == {"precision": 1, "recall": pytest.approx(2 / 3), "f1": 0.8, "support": 3}
    assert scores["most_confused"] == {"pair": f"{LOW} / {HIGH}", "errors": 1}


def test_predictions_have_a_row_per_test_clip_with_its_own_probabilities(run: Path) -> None:
    table = files.read_table(run / "plots/predictions.csv").set_index("clip")
    assert sorted(table.index) == ["high/4", "high/5", "low/4", "low/5"]
    assert list(table.columns) == ["truth", "prediction", "animal", LOW, HIGH]
    assert table.loc["low/4", ["truth", "prediction"]].tolist() == [HIGH, LOW]
    assert (table[[LOW, HIGH]].idxmax(axis=1) == table["prediction"]).all()
    assert (table[[LOW, HIGH]].sum(axis=1) - 1).abs().max() < 1e-4


@pytest.fixture
def run_with_background(
    workspace: Path, by_pitch_or_none: Path, spectrograms: Path, split_with_background: Path, history: Path
) -> Path:
    """Score 6 test clips of a classifier that rejects: of the two hums, one is an animal in truth; high/4 is none."""
    table = files.read_table(split_with_background)
    for clip, truth in {"low/4": HIGH, "hum/4": LOW, "high/4": "none"}.items():
        table.loc[table["clip"] == clip, ["part", "label"]] = "test", truth
    files.write_table(table, split_with_background)
    paths = (spectrograms, split_with_background, history, workspace / "metrics.json", workspace / "plots")
    evaluate.main(by_pitch_or_none, *paths)
    return workspace


def test_a_rejected_animal_counts_for_accuracy_with_its_most_probable_animal(run_with_background: Path) -> None:
    table = files.read_table(run_with_background / "plots/predictions.csv").set_index("clip")
    assert table["prediction"].to_dict() == {
        "low/4": LOW,
        "low/5": LOW,
        "high/4": HIGH,
        "high/5": HIGH,
        "hum/4": "none",
        "hum/5": "none",
    }
    assert table.loc["hum/4", "animal"] == LOW
    scores = files.read_json(run_with_background / "metrics.json")
    assert (scores["clips"], scores["accuracy"]) == (4, 0.75)
    assert set(scores["per_class"]) == {LOW, HIGH}
    assert scores["most_confused"] == {"pair": f"{LOW} / {HIGH}", "errors": 1}


def test_rejection_is_scored_and_none_is_in_the_confusion(run_with_background: Path) -> None:
    assert files.read_json(run_with_background / "metrics.json")["rejection"] == {
        "animals_named": 0.75,
        "animals_named_rightly": 0.5,
        "background_clips": 2,
        "false_alarms": 0.5,
    }
    confusion = files.read_table(run_with_background / "plots/confusion.csv").set_index("truth")
    labels = [LOW, HIGH, "none"]
    assert confusion.loc[labels, labels].to_numpy().tolist() == [[1, 0, 1], [1, 1, 0], [0, 1, 1]]


def test_a_classifier_that_knows_no_background_is_not_scored_on_it(
    workspace: Path, by_pitch: Path, spectrograms: Path, split_with_background: Path, history: Path
) -> None:
    paths = (spectrograms, split_with_background, history, workspace / "metrics.json", workspace / "plots")
    evaluate.main(by_pitch, *paths)
    scores = files.read_json(workspace / "metrics.json")
    assert scores["clips"] == 2
    assert "rejection" not in scores
    assert sorted(files.read_table(workspace / "plots/predictions.csv")["clip"]) == ["high/5", "low/5"]


def test_tables_and_figures_are_written_for_labels_with_spaces_and_markup(run: Path) -> None:
    confusion = files.read_table(run / "plots/confusion.csv").set_index("truth")
    assert confusion.loc[[LOW, HIGH], [LOW, HIGH]].to_numpy().tolist() == [[1, 0], [1, 2]]
    assert files.read_table(run / "plots/per_class.csv")["label"].tolist() == [LOW, HIGH]
    for name in ("confusion", "per_class", "history", "predictions"):
        assert (run / f"plots/{name}.png").read_bytes().startswith(b"\x89PNG"), name


def test_scored_again_everything_is_the_same(
    run: Path, by_pitch: Path, spectrograms: Path, split: Path, history: Path
) -> None:
    evaluate.main(by_pitch, spectrograms, split, history, run / "again.json", run / "again")
    assert (run / "again.json").read_bytes() == (run / "metrics.json").read_bytes()
    for path in (run / "plots").iterdir():
        assert path.read_bytes() == (run / "again" / path.name).read_bytes(), path.name


def test_source_on_two_sides_is_an_error(
    workspace: Path, by_pitch: Path, spectrograms: Path, split: Path, history: Path
) -> None:
    table = files.read_table(split)
    table.loc[5, "recording"] = table.loc[0, "recording"]
    files.write_table(table, split)
    with pytest.raises(EchoError, match=r"recording low/0\.wav stands on two sides"):
        evaluate.main(by_pitch, spectrograms, split, history, workspace / "metrics.json", workspace / "plots")
    assert not (workspace / "metrics.json").exists()
