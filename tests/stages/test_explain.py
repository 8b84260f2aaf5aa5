"""The explain stage, with a network of one block and a head that tells low from high."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.features.config import Features
from project_echo.models import export, networks
from project_echo.models.backend import keras
from project_echo.plots.attention import Panel
from stages import explain
from tests.sounds import FEATURES, tone

LOW, HIGH = "<b>low & slow</b>", "high pitched"
RATE = FEATURES.sample_rate


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory, backbone: Path) -> Path:
    """A saved classifier of low, high and none; its weights are random, as nobody asks here whether it is right."""
    keras.utils.set_random_seed(1)
    network = networks.backbone(
        FEATURES.image_shape, FEATURES.top_db, [1], [1], True, backbone / "mobilenet_v2.weights.h5"
    )
    joined = networks.join(network, networks.head(network.output_shape[1], 3, units=0, dropout=0))
    folder = tmp_path_factory.mktemp("classifier")
    export.save(joined, [LOW, HIGH, "none"], FEATURES, {"blocks": [1]}, folder)
    return folder


@pytest.fixture
def run(workspace: Path, model: Path, spectrograms: Path, split: Path) -> Callable[..., Path]:
    """Explain test clips given as (clip, truth, prediction) and recordings as (name, answer)."""
    for path in spectrograms.rglob("*.npy"):  # how loud each band is will do as an embedding
        loudness = files.read_array(path).mean(axis=(2, 3), dtype=np.float32)
        files.write_array(loudness, workspace / "embeddings" / path.relative_to(spectrograms))

    def explained(
        tested: list[tuple[str, str, str]], recordings: list[tuple[str, str]], pair: str = f"{LOW} / {HIGH}"
    ) -> Path:
        probabilities = {LOW: 0.5, HIGH: 0.3, "none": 0.2}
        table = pd.DataFrame(tested, columns=["clip", "truth", "prediction"])
        table = table.assign(animal=table["prediction"].replace("none", LOW), **probabilities)
        files.write_table(table, workspace / "predictions.csv")
        files.write_json({"most_confused": {"pair": pair, "errors": 1, "rate": 0.1}}, workspace / "crossval.json")
        answers = [(name, label, 0.9, "", "") for name, label in recordings]
        answer = ["recording", "label", "confidence", "truth", "verdict"]
        files.write_table(pd.DataFrame(answers, columns=answer), workspace / "screened/recordings.csv")
        windows = [
            (name, s, s + 1, *p) for name, _ in recordings for s, p in ((0, (0.1, 0.3, 0.6)), (1, (0.2, 0, 0.8)))
        ]
        window = ["recording", "start_s", "end_s", LOW, HIGH, "none"]
        files.write_table(pd.DataFrame(windows, columns=window), workspace / "screened/windows.csv")
        for name, _ in recordings:
            samples = np.concatenate([tone(300, 1, RATE), tone(2000, 1, RATE)])
            files.write_sound(samples, RATE, workspace / f"audio/{name}.wav")
        paths = ("embeddings", "split.csv", "crossval.json", "predictions.csv", "audio", "screened", "why")
        explain.main(model, spectrograms, *(workspace / path for path in paths))
        return workspace / "why"

    return explained


def shown(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.png"))


def test_every_recording_and_the_confused_pair_have_a_figure(run: Callable[..., Path]) -> None:
    folder = run([("low/5", LOW, HIGH), ("high/5", HIGH, HIGH)], [("unseen/a.wav", LOW), ("unseen/pond/a.wav", HIGH)])
    assert shown(folder) == ["a.wav.png", "confused.png", "example.png", "pond/a.wav.png"]
    assert (folder / "a.wav.png").read_bytes() != (folder / "pond/a.wav.png").read_bytes()


def test_a_wrong_clip_has_its_nearest_training_clips_with_their_labels(run: Callable[..., Path]) -> None:
    errors = files.read_table(run([("low/5", LOW, HIGH), ("high/5", HIGH, HIGH)], []) / "errors.csv")
    (row,) = errors.to_dict("records")
    assert list(row) == explain.ERRORS
    assert (row["clip"], row["truth"], row["prediction"], row["confidence"]) == ("low/5", LOW, HIGH, 0.3)
    assert {row[f"nearest_{place}"] for place in (1, 2, 3)} < {f"low/{number}" for number in range(4)}
    assert {row[f"nearest_{place}_label"] for place in (1, 2, 3)} == {LOW}


def test_a_rejected_clip_is_wrong_and_background_is_not_shown_as_confused(run: Callable[..., Path]) -> None:
    folder = run([("low/5", LOW, "none"), ("high/5", "none", "none")], [], pair="none")
    assert files.read_table(folder / "errors.csv")[["clip", "prediction"]].to_numpy().tolist() == [["low/5", "none"]]
    assert shown(folder) == ["confused.png", "example.png"]


def test_where_nothing_is_wrong_the_table_has_its_header_and_the_least_sure_pair_is_shown(
    run: Callable[..., Path],
) -> None:
    folder = run([("low/5", LOW, LOW), ("high/5", HIGH, HIGH)], [], pair="none")
    assert (folder / "errors.csv").read_text().splitlines() == [",".join(explain.ERRORS)]
    assert shown(folder) == ["confused.png", "example.png"]


def test_of_a_recording_the_surest_window_of_its_answer_is_shown_and_of_none_the_likeliest_animal(
    run: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    titles = []
    draw = explain.overlays

    def noted(rows: list[list[Panel]], features: Features, title: str) -> Figure:
        titles.append((rows[0][0].title, rows[0][0].start_s))
        return draw(rows, features, title)

    monkeypatch.setattr(explain, "overlays", noted)
    run([("low/5", LOW, HIGH)], [("unseen/low.wav", LOW), ("unseen/none.wav", "none")])
    assert titles[2:] == [
        (f"what speaks for {LOW}, 1 to 2 s (probability 0.20)", 1),
        (f"what speaks for {HIGH}, 0 to 1 s (probability 0.30)", 0),
    ]


def test_explained_again_everything_is_the_same(run: Callable[..., Path]) -> None:
    given = [("low/5", LOW, HIGH)], [("unseen/a.wav", LOW)]
    first = {path.name: path.read_bytes() for path in run(*given).iterdir()}
    assert {path.name: path.read_bytes() for path in run(*given).iterdir()} == first


def test_a_pair_of_another_corpus_is_an_error_and_nothing_is_written(run: Callable[..., Path], workspace: Path) -> None:
    with pytest.raises(EchoError, match=r"crossval\.json: most_confused: owl / fox are not two of the labels"):
        run([("low/5", LOW, HIGH)], [], pair="owl / fox")
    assert not (workspace / "why").exists()
