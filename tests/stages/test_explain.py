"""The explain stage, with a network of one block."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.core.tables import read_table, write_table
from project_echo.explain import nearest
from project_echo.features.librosa_filters import compute_mel_filters
from project_echo.features.mel_filters import write_mel_filters
from project_echo.models.card import BACKBONE, FILTERS, HEAD, Threshold, write_card
from project_echo.models.embedding import steps
from project_echo.models.head import Linear, Logistic, write_head
from project_echo.models.pooling import Pooling
from stages import explain
from tests.conftest import LABELS
from tests.sounds import FEATURES, tone

LOW, HIGH = LABELS
RATE = FEATURES.sample_rate


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory, backbone: Path) -> Path:
    """A saved classifier of low and high."""
    return write_model(tmp_path_factory.mktemp("classifier"), backbone, LABELS)


def write_model(folder: Path, backbone: Path, labels: list[str]) -> Path:
    """Save a classifier with a random head: these tests do not ask whether it is correct."""
    pooling = Pooling(blocks=(1,), bands=(1,), slices=3, std=True, sqrt=False)
    head = Logistic(
        Linear(np.random.default_rng(1).normal(0, 1 / steps(pooling), (16, len(labels))), np.zeros(len(labels)))
    )
    folder.mkdir(exist_ok=True)
    (folder / BACKBONE).write_bytes((backbone / BACKBONE).read_bytes())
    write_head(head, folder / HEAD)
    write_mel_filters(compute_mel_filters(FEATURES), folder / FILTERS)
    write_card(folder, labels, FEATURES, pooling, {}, thresholds=[Threshold(0.3, 0.2, 0.4)] * len(labels))
    return folder


@pytest.fixture
def run(workspace: Path, model: Path, spectrograms: Path, split: Path) -> Callable[..., Path]:
    """Explain test clips given as (clip, truth, prediction) and recordings as (name, label)."""
    for path in spectrograms.rglob("*.npy"):  # the loudness of each band serves as an embedding
        loudness = files.read_array(path).mean(axis=(2, 3), dtype=np.float32)[:, np.newaxis]
        files.write_array(np.repeat(loudness, 3, axis=1), workspace / "embeddings" / path.relative_to(spectrograms))

    def explained(
        tested: list[tuple[str, str, str]],
        recordings: list[tuple[str, str]],
        pair: tuple[str, str] | None = (LOW, HIGH),
    ) -> Path:
        table = pd.DataFrame(tested, columns=["clip", "truth", "prediction"])
        table = table.assign(animal=table["prediction"].replace("none", LOW), **{LOW: 0.5, HIGH: 0.3})
        write_table(table, workspace / "predictions.csv")
        files.write_json({"most_confused": {"pair": pair, "errors": 1, "rate": 0.1}}, workspace / "crossval.json")
        columns = ["recording", "label", "confidence", "truth", "verdict"]
        summaries = pd.DataFrame([(name, label, 0.9, "", "") for name, label in recordings], columns=columns)
        write_table(summaries, workspace / "screened/recordings.csv")
        columns = ["recording", "start_s", "end_s", LOW, HIGH]
        windows = [(name, start_s, start_s + 1, 0.1, 0.3) for name, _ in recordings for start_s in (0, 1)]
        write_table(pd.DataFrame(windows, columns=columns), workspace / "screened/windows.csv")
        for number, (name, _) in enumerate(recordings, start=1):
            files.write_sound(tone(300 * number, 2, RATE), RATE, workspace / f"audio/{name}.wav")
        paths = ("embeddings", "split.csv", "crossval.json", "predictions.csv", "audio", "screened", "why")
        explain.main(model, spectrograms, *(workspace / path for path in paths))
        return workspace / "why"

    return explained


def figures(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.png"))


def test_every_recording_and_the_confused_pair_have_a_figure(run: Callable[..., Path]) -> None:
    folder = run([("low/5", LOW, HIGH), ("high/5", HIGH, HIGH)], [("unseen/a.wav", LOW), ("unseen/pond/a.wav", LOW)])
    assert figures(folder) == ["a.wav.png", "confused.png", "example.png", "pond/a.wav.png"]
    assert (folder / "a.wav.png").read_bytes() != (folder / "pond/a.wav.png").read_bytes()


def test_a_wrong_clip_has_its_nearest_training_clips_with_their_labels(run: Callable[..., Path]) -> None:
    errors = read_table(run([("low/5", LOW, HIGH), ("high/5", HIGH, HIGH)], []) / "errors.csv")
    (row,) = errors.to_dict("records")
    assert list(row) == nearest.COLUMNS
    assert (row["clip"], row["truth"], row["prediction"], row["confidence"]) == ("low/5", LOW, HIGH, 0.3)
    assert {row[f"nearest_{rank}"] for rank in (1, 2, 3)} < {f"low/{number}" for number in range(4)}
    assert {row[f"nearest_{rank}_label"] for rank in (1, 2, 3)} == {LOW}


def test_a_rejected_clip_is_an_error_and_background_is_not_shown_as_confused(run: Callable[..., Path]) -> None:
    folder = run([("low/5", LOW, "none"), ("high/5", "none", "none")], [], pair=None)
    assert read_table(folder / "errors.csv")[["clip", "prediction"]].to_numpy().tolist() == [["low/5", "none"]]
    assert figures(folder) == ["confused.png", "example.png"]


def test_neighbors_may_be_background_as_it_was_trained_on(
    run: Callable[..., Path], workspace: Path, spectrograms: Path, split: Path
) -> None:
    table = read_table(split)
    write_table(table.assign(label=table["label"].replace(LOW, "none")), split)
    errors = read_table(run([("low/5", "none", HIGH), ("high/5", HIGH, HIGH)], []) / "errors.csv")
    assert errors[["nearest_1_label", "confidence"]].to_numpy().tolist() == [["none", 0.3]]


def test_without_errors_the_table_has_its_header_and_the_least_certain_pair_is_shown(run: Callable[..., Path]) -> None:
    folder = run([("low/5", LOW, LOW), ("high/5", HIGH, HIGH)], [], pair=None)
    assert (folder / "errors.csv").read_text().splitlines() == [",".join(nearest.COLUMNS)]
    assert figures(folder) == ["confused.png", "example.png"]


def test_a_single_animal_is_confused_with_background(
    workspace: Path, backbone: Path, spectrograms: Path, split: Path, run: Callable[..., Path]
) -> None:
    run([("low/5", LOW, LOW), ("high/5", HIGH, HIGH)], [])  # writes embeddings and the other inputs
    model = write_model(workspace / "single", backbone, [LOW])
    write_table(read_table(split).replace({"label": {HIGH: "none"}}), split)
    tested = pd.DataFrame({"clip": ["low/5", "high/5"], "truth": [LOW, "none"], "prediction": ["none", LOW]})
    tested = tested.assign(animal=["none", LOW], **{LOW: [0.25, 0.75]})
    write_table(tested, workspace / "predictions.csv")
    pair = {"most_confused": {"pair": [LOW, "none"], "errors": 2, "rate": 1.0}}
    files.write_json(pair, workspace / "crossval.json")
    paths = ("embeddings", "split.csv", "crossval.json", "predictions.csv", "audio", "screened", "why")
    explain.main(model, spectrograms, *(workspace / path for path in paths))
    assert figures(workspace / "why") == ["confused.png", "example.png"]
    errors = read_table(workspace / "why/errors.csv")
    assert errors[["prediction", "confidence"]].to_numpy().tolist() == [["none", 0.75], [LOW, 0.75]]


def test_a_second_run_writes_the_same_bytes(run: Callable[..., Path]) -> None:
    given = [("low/5", LOW, HIGH)], [("unseen/a.wav", LOW)]
    first = {path.name: path.read_bytes() for path in run(*given).iterdir()}
    assert {path.name: path.read_bytes() for path in run(*given).iterdir()} == first


def test_a_pair_of_another_corpus_is_an_error_and_nothing_is_written(run: Callable[..., Path], workspace: Path) -> None:
    with pytest.raises(EchoError) as error:
        run([("low/5", LOW, HIGH)], [], pair=("owl", "fox"))
    assert all(name in str(error.value) for name in ("crossval.json", "most_confused.pair", "owl", "fox"))
    assert not (workspace / "why").exists()
