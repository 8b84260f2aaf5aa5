"""The field stage, on tones of one second: what it writes, and when it has nothing to evaluate."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.core.labels import NONE
from project_echo.core.tables import read_table, write_table
from project_echo.evaluation.cross_fitting import source_folds
from project_echo.evaluation.field_recordings import TRUTH_COLUMNS
from stages import embed, field, segment, spectrograms
from tests.sounds import FEATURES, hiss, tone
from tests.stages.workspaces import change_params, write_params
from tests.tables import clips_of, numbered, with_background

RATE = FEATURES.sample_rate
PITCHES = {"boar": 300.0, "fox": 1500.0, "cow": 800.0, "rain": 0.0}  # Hz
CLIPS = with_background(
    clips_of({animal: numbered(animal, 4) for animal in ("boar", "fox")}, 1, 1),
    {kind: numbered(kind, 2) for kind in ("cow", "rain")},
)
FEW = CLIPS[~CLIPS["source"].isin(["boar0", "boar1", "boar2"])]
THREE = CLIPS[~CLIPS["source"].isin(["boar0", "fox0"])]
FIGURES = {"precision_recall.csv", "precision_recall.png", "recall_by_snr.csv", "recall_by_snr.png"}
TABLES = {"truth.csv", "events.csv"}


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory, backbone: Path) -> Iterator[Path]:
    """The working directory of these tests: clips, their images and embeddings."""
    folder = tmp_path_factory.mktemp("field")
    draw = np.random.default_rng(1)
    for row in CLIPS.itertuples():
        samples = 0.01 * hiss(1, RATE)
        if pitch := PITCHES[row.kind]:
            samples[800:5600] += tone(pitch * draw.uniform(0.95, 1.05), 0.6, RATE)
        (folder / "clips").mkdir(exist_ok=True)
        soundfile.write(folder / "clips" / f"{row.clip}.wav", samples, RATE)
    write_table(CLIPS, folder / "clips" / "clips.csv")
    write_table(pd.DataFrame(columns=segment.STATED), folder / "clips" / "labels.csv")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        write_params(folder)
        change_params(folder, "features", **FEATURES.model_dump(mode="json"))
        change_params(folder, "augmentation", copies=2)
        change_params(folder, "embed", blocks=[1], bands=[2], slices=3)
        spectrograms.main(folder / "clips", folder / "spectrograms")
        embed.main(folder / "clips", folder / "spectrograms", backbone, folder / "embeddings")
        yield folder


def run(inputs: Path, backbone: Path, name: str, clips: pd.DataFrame = CLIPS, folds: int = 2, **train: object) -> Path:
    """Run the stage; the folder with what it wrote."""
    change_params(inputs, "field", folds=folds, recordings=2, duration_s=30.0, hop_s=0.5)
    change_params(inputs, "field", calls_per_minute=8.0, distractors_per_minute=4.0)
    change_params(inputs, "train", **{"trainable": "none", "head": "logistic"} | train)
    folder = inputs / name
    write_table(clips.assign(part="unused"), folder / "split.csv")
    field.main(
        inputs / "clips",
        inputs / "spectrograms",
        inputs / "embeddings",
        folder / "split.csv",
        backbone,
        folder / "field.json",
        folder / "plots",
    )
    return folder


@pytest.fixture(scope="module")
def written(inputs: Path, backbone: Path) -> Path:
    return run(inputs, backbone, "first")


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_writes_metrics_tables_and_figures(written: Path) -> None:
    assert names(written / "plots") == {".gitkeep"} | FIGURES | TABLES
    scores = files.read_json(written / "field.json")
    assert (scores["head"], scores["trainable"], scores["folds"]) == ("logistic", "none", 2)
    assert set(scores["map"]) == {"value", "low", "high"}
    assert scores["windows"] > 0
    assert set(scores["per_label"]) == set(scores["events"]["per_label"]) == {"boar", "fox"}
    assert scores["events"]["calls"] == 2 * 2 * 4
    assert set(scores["events"]["distractors"]) == {"cow", "rain"}


def test_a_second_run_writes_the_same_bytes(inputs: Path, backbone: Path, written: Path) -> None:
    second = run(inputs, backbone, "second")
    paths = [path.relative_to(written) for path in written.rglob("*") if path.is_file()]
    assert paths
    for path in paths:
        assert (second / path).read_bytes() == (written / path).read_bytes(), path


def test_each_fold_hears_its_own_sources_at_the_times_that_are_told(written: Path) -> None:
    truth = read_table(written / "plots/truth.csv")
    assert list(truth.columns) == TRUTH_COLUMNS
    assert set(truth["recording"]) == {"fold0_00", "fold0_01", "fold1_00", "fold1_01"}
    folds = source_folds(CLIPS, 2)
    assert [f"fold{folds[source]}" for source in truth["source"]] == truth["recording"].str[:5].tolist()
    stated = CLIPS.set_index("clip").loc[truth["clip"]]
    assert truth["kind"].tolist() == stated["kind"].tolist()
    assert truth["label"].tolist() == stated["label"].tolist()
    distractors = truth[truth["label"] == NONE].groupby(truth["recording"].str[:5])["kind"].unique()
    assert {fold: kinds.tolist() for fold, kinds in distractors.items()} == {"fold0": ["cow"], "fold1": ["rain"]}


def test_events_and_metrics_agree(written: Path) -> None:
    events = read_table(written / "plots/events.csv")
    scores = files.read_json(written / "field.json")["events"]
    assert scores["events"] == len(events)
    assert set(events["label"]) <= {"boar", "fox"}
    hours = 4 * 30 / 3600  # of all recordings, whatever was heard in them
    false_events = scores["false_events_per_hour"]["value"] * hours
    assert false_events == pytest.approx(round(false_events), abs=1e-4)
    if len(events):
        assert false_events == pytest.approx(len(events) * (1 - scores["precision"]["value"]), abs=1e-2)


@pytest.mark.parametrize("trainable", ["all", "last_n"])
def test_a_network_that_is_trained_itself_is_not_evaluated(
    inputs: Path, backbone: Path, trainable: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = run(inputs, backbone, trainable, head="dense", trainable=trainable)
    expected = {"head": "dense", "trainable": trainable, "folds": 0, "map": None}
    assert files.read_json(folder / "field.json") == expected
    assert names(folder / "plots") == {".gitkeep"}
    assert trainable in capsys.readouterr().out


def test_a_single_source_of_an_animal_makes_no_folds(inputs: Path, backbone: Path) -> None:
    folder = run(inputs, backbone, "few", FEW)
    assert files.read_json(folder / "field.json")["folds"] == 0
    assert names(folder / "plots") == {".gitkeep"}


def test_a_fold_whose_training_sources_are_too_few_for_thresholds_is_left_out(inputs: Path, backbone: Path) -> None:
    folder = run(inputs, backbone, "three", THREE)  # the first fold has two of three, and leaves one to learn from
    assert files.read_json(folder / "field.json")["folds"] == 1
    assert set(read_table(folder / "plots/truth.csv")["recording"].str[:5]) == {"fold1"}


def test_an_earlier_run_leaves_nothing_behind(inputs: Path, backbone: Path) -> None:
    folder = run(inputs, backbone, "replaced")
    assert names(folder / "plots") == {".gitkeep"} | FIGURES | TABLES
    run(inputs, backbone, "replaced", FEW)
    assert names(folder / "plots") == {".gitkeep"}


@pytest.mark.parametrize(
    ("kinds", "labels", "distractors"),
    [
        (["boar", "cow", "rain"], {"boar"}, {"cow", "rain"}),
        (["boar", "fox", "rain"], {"boar", "fox"}, set()),  # the only kind of background is learned from
        (["boar", "fox"], {"boar", "fox"}, set()),  # called in pink noise
    ],
)
def test_a_single_animal_is_evaluated_and_so_are_animals_with_little_background(
    inputs: Path, backbone: Path, kinds: list[str], labels: set[str], distractors: set[str]
) -> None:
    folder = run(inputs, backbone, "-".join(kinds), CLIPS[CLIPS["kind"].isin(kinds)])
    scores = files.read_json(folder / "field.json")
    assert scores["folds"] == 2
    assert set(scores["per_label"]) == labels
    assert set(scores["events"]["distractors"]) == distractors
    assert 0 < scores["map"]["value"] <= 1


def test_a_step_longer_than_a_window_is_an_error_that_names_the_parameter(inputs: Path, backbone: Path) -> None:
    write_table(CLIPS.assign(part="unused"), inputs / "split.csv")
    change_params(inputs, "field", hop_s=1.1)
    clips, images, vectors, split = (inputs / name for name in ("clips", "spectrograms", "embeddings", "split.csv"))
    with pytest.raises(EchoError, match=r"field\.hop_s"):
        field.main(clips, images, vectors, split, backbone, inputs / "field.json", inputs / "plots")
