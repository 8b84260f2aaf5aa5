"""From the answer "not this label" of a review to the classifier: that is learned, and nothing else of the clip."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from project_echo.core import files, spreadsheets
from project_echo.core.labels import PARTIAL
from project_echo.core.tables import read_table, write_table
from project_echo.corpora.folder import find_recordings
from project_echo.features.segments import padded_segment
from project_echo.media.excerpt import CONTEXT_S
from project_echo.models.classifier import Classifier, load_classifier
from project_echo.models.thresholds import COLUMNS as THRESHOLDS
from project_echo.reviews import exchange
from project_echo.reviews.collect_labels import collect_labels
from stages import collect, crossval, embed, evaluate, extract, field, segment, spectrograms, split, train
from tests.sounds import FEATURES, hiss, tone, write_wav

RATE = FEATURES.sample_rate
SOURCES = 4
PITCHES = {"boar": 300.0, "fox": 1500.0, "none": 0.0}  # Hz
WRONG_HZ = 1800.0  # taken for a fox
EVENT_S = 0.6


def sound(hz: float, noise: float = 0.01) -> np.ndarray:
    """A tone, within noise that begins and ends CONTEXT_S around it."""
    samples = noise * hiss(EVENT_S + 2 * CONTEXT_S, RATE)
    samples[round(CONTEXT_S * RATE) : round((CONTEXT_S + EVENT_S) * RATE)] += tone(hz, EVENT_S, RATE)
    return samples


@pytest.fixture
def corpus(workspace: Path, set_params: Callable[..., None]) -> Path:
    """A folder of recordings, each of a source of its own, and parameters of a pipeline that takes seconds."""
    for label, hz in PITCHES.items():
        for number in range(SOURCES):
            write_wav(
                workspace / "mine" / label / f"{number}.wav", sound(hz * (1 + 0.01 * number), 0.01 * (1 + number)), RATE
            )
    set_params("collect", corpus="mine", folder="mine")
    set_params("features", **FEATURES.model_dump(mode="json"))
    set_params("augmentation", copies=2)
    set_params("split", train=2, validation=1, test=1)
    set_params("embed", blocks=[1], bands=[8], slices=3)
    set_params("crossval", draws=2, train_sizes=[1])
    set_params("field", folds=2, recordings=1, duration_s=30.0, hop_s=0.5, calls_per_minute=12.0)
    write_table(pd.DataFrame(columns=list(THRESHOLDS)), workspace / "thresholds.csv")
    return workspace / "mine"


def answer(verdict: str, corpus: Path, label: str = "") -> None:
    """Answer for an event that was reported as a fox, and collect the answer."""
    review = corpus.parent / "review"
    write_wav(review / "event.wav", sound(WRONG_HZ), RATE)
    event = dict.fromkeys(exchange.COLUMNS, "") | {"event": 1, "recording": "night.wav", "site": "pond"}
    event |= {"source": "pond", "start_s": 10.0, "end_s": 10.0 + EVENT_S, "label": "fox", "media": "event.wav"}
    event |= {"mean_confidence": 0.8, "peak_confidence": 0.9}
    spreadsheets.write_table(pd.DataFrame([event])[list(exchange.COLUMNS)], review / exchange.EVENTS)
    answered = pd.DataFrame([event | {"verdict": verdict, "reviewed_label": label}])
    spreadsheets.write_table(answered[list(exchange.COLUMNS)], review / "labels.csv")
    collect_labels(review, review / "labels.csv", output=corpus)


def run(backbone: Path, name: str) -> Path:
    """Run the pipeline up to the classifier; the folder with what it wrote."""
    out = Path(name)
    collect.main(out / "corpus")
    extract.main(out / "corpus", out / "audio")
    segment.main(out / "audio", out / "clips")
    spectrograms.main(out / "clips", out / "spectrograms")
    embed.main(out / "clips", out / "spectrograms", backbone, out / "embeddings")
    split.main(out / "clips", out / "split.csv")
    inputs = (out / "spectrograms", out / "embeddings", out / "split.csv", backbone)
    crossval.main(*inputs, out / "crossval.csv", out / "crossval.json", out / "plots")
    train.main(*inputs, out / "crossval.csv", Path("thresholds.csv"), out / "classifier", out / "history.csv")
    scored = out / "classifier", out / "clips", out / "split.csv", out / "history.csv"
    evaluate.main(*scored, out / "evaluate.json", out / "evaluate")
    field.main(out / "clips", *inputs, out / "field.json", out / "field")
    return out


def counts(metrics: object) -> list[int]:
    """All whole numbers of metrics, in order."""
    if isinstance(metrics, dict):
        return [number for value in metrics.values() for number in counts(value)]
    return [metrics] if isinstance(metrics, int) else []


def scores(classifier: Classifier, hz: float) -> np.ndarray:
    """Log-odds of boar and fox of a window with a tone, shape (2,)."""
    window = padded_segment(sound(hz), round((CONTEXT_S + EVENT_S / 2 - FEATURES.window_s / 2) * RATE), RATE)
    embedder = classifier.embedder
    embeddings = embedder.embed(embedder.windows(window, np.zeros(1, int)))
    of_slices: np.ndarray = classifier.head.slice_scores(embeddings)[0]
    return of_slices.max(axis=0)


def tree(folder: Path) -> dict[str, bytes]:
    """All visible files of a folder."""
    paths = [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def test_not_this_label_is_learned_and_nothing_else_changes(
    corpus: Path, backbone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, plain = tree(corpus), run(backbone, "plain")
    assert "partially labelled" not in capsys.readouterr().out
    answer("not_this_label", corpus)
    (added,) = set(tree(corpus)) - set(before) - {"labels.csv"}
    assert added.startswith(f"{PARTIAL}/pond/")
    reviewed = run(backbone, "reviewed")
    assert "1 partially labelled" in capsys.readouterr().out

    clips = read_table(reviewed / "clips" / "clips.csv")
    (clip,) = clips.loc[clips["label"] == PARTIAL, "clip"]
    rows, plain_rows = (read_table(folder / "split.csv") for folder in (reviewed, plain))
    pd.testing.assert_frame_equal(rows[rows["clip"] != clip].reset_index(drop=True), plain_rows)
    assert rows.set_index("clip").loc[clip, ["source", "part"]].tolist() == ["pond", "train"]
    calls = read_table(reviewed / "spectrograms" / "calls.csv")
    of_clip = calls[calls["clip"] == clip]
    assert of_clip[["view", "label", "held"]].to_numpy().tolist() == [[0, "fox", "no"]]
    assert (of_clip["end_s"] - of_clip["start_s"]).tolist() == pytest.approx([EVENT_S])
    copies = [read_table(folder / "spectrograms" / "copies.csv") for folder in (reviewed, plain)]
    pd.testing.assert_frame_equal(*copies)
    predicted, plainly = (read_table(folder / "crossval.csv") for folder in (reviewed, plain))
    pd.testing.assert_frame_equal(predicted.drop(columns=["boar", "fox"]), plainly.drop(columns=["boar", "fox"]))
    for name in ("crossval.json", "evaluate.json"):  # of as many clips and sources
        assert counts(files.read_json(reviewed / name)) == counts(files.read_json(plain / name))
    truth = [read_table(folder / "field" / "truth.csv") for folder in (reviewed, plain)]
    pd.testing.assert_frame_equal(*truth)
    assert len(truth[0])

    with_answer, without = (load_classifier(folder / "classifier") for folder in (reviewed, plain))
    assert with_answer.labels == without.labels == ("boar", "fox")
    for hz in (WRONG_HZ, 1.02 * WRONG_HZ):  # it was taken for a fox before
        boar, fox = scores(with_answer, hz) - scores(without, hz)
        assert fox < -0.1
        assert boar == pytest.approx(0, abs=2e-3)  # rounding
    assert scores(with_answer, PITCHES["fox"])[1] > 0


def test_a_changed_answer_moves_or_removes_the_clip(corpus: Path) -> None:
    before = tree(corpus)
    answer("not_this_label", corpus)
    (partial,) = (corpus / PARTIAL).rglob("*.flac")
    answer("relabelled", corpus, "boar")
    assert not (corpus / PARTIAL).exists()
    assert (corpus / "boar" / "pond" / partial.name).is_file()
    answer("not_this_label", corpus)
    assert partial.is_file()
    assert not (corpus / "boar" / "pond").exists()
    answer("skipped", corpus)
    assert tree(corpus) == before


def test_a_clip_in_the_hidden_folder_of_earlier_versions_is_moved(corpus: Path) -> None:
    answer("not_this_label", corpus)
    ledger = corpus / ".labels.csv"
    ledger.write_text(ledger.read_text("utf-8").replace(f"{PARTIAL}/", ".not_labelled/"), "utf-8")
    (corpus / PARTIAL).rename(corpus / ".not_labelled")
    answer("not_this_label", corpus)
    assert not (corpus / ".not_labelled").exists()
    assert len(list((corpus / PARTIAL / "pond").iterdir())) == 1
    assert set(pd.read_csv(corpus / "labels.csv")["file"].str.split("/").str[0]) == {PARTIAL}


def test_the_folder_may_be_written_differently(corpus: Path) -> None:
    write_wav(corpus / "Partially labelled" / "mine.wav", sound(WRONG_HZ), RATE)
    answer("not_this_label", corpus)
    assert not (corpus / PARTIAL).exists()
    found, _ = find_recordings(corpus)
    partial = [recording.source for recording in found if recording.label == PARTIAL]
    assert sorted(partial) == sorted([f"{PARTIAL}/mine.wav", "pond"])
