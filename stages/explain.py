r"""Why: where the classifier looks in what it confuses and in unseen recordings, and what its errors are like.

    python stages/explain.py models/classifier data/spectrograms data/embeddings data/split.csv metrics/crossval.json \
        plots/evaluate/predictions.csv data/audio data/predictions plots/why
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.core.labels import NONE, animal_labels, display_name
from project_echo.core.parallel import progress
from project_echo.explain import example, examples, gradcam, nearest
from project_echo.features import melspectrogram
from project_echo.models import classifier
from project_echo.models.backend import keras, repeatable
from project_echo.pipeline.params import load_params
from project_echo.pipeline.script import run
from project_echo.plots import style
from project_echo.plots.attention import Panel, overlays

CLIPS = 4  # of the most confused pair, in one figure
NEIGHBOURS = 3  # of a wrong clip
ERRORS = ["clip", "truth", "prediction", "confidence"]
ERRORS += [f"nearest_{place}{what}" for place in range(1, NEIGHBOURS + 1) for what in ("", "_label")]

Look = Callable[[np.ndarray, int], np.ndarray]  # an image and the index of a label, to where it speaks for it


def main(
    model: Path,
    spectrograms: Path,
    embeddings: Path,
    split: Path,
    crossval: Path,
    predictions: Path,
    audio: Path,
    screened: Path,
    plots: Path,
) -> None:
    load_params()
    repeatable(seed=0)  # nothing is drawn here, but operations must give the same bits on every run
    trained = classifier.load(model)
    blocks = files.read_json(model / classifier.CARD)["trained"]["blocks"]
    look = partial(gradcam.attention, keras.models.load_model(model / classifier.KERAS), blocks)
    tested = files.read_table(predictions)
    known = tested[tested["truth"] != NONE]
    animals = animal_labels(trained.labels)
    try:
        pair = examples.pair(files.read_json(crossval)["most_confused"]["pair"], known, animals)
    except ValueError as error:
        raise EchoError(f"{crossval}: most_confused: {error}. It is of another corpus: dvc repro.") from None
    clips = files.read_table(split)
    learned = clips[(clips["part"] == "train") & clips["label"].isin(trained.labels)]
    answers = files.read_table(screened / "recordings.csv")
    windows = files.read_table(screened / "windows.csv")
    errors = _errors(tested[tested["truth"] != tested["prediction"]], learned, embeddings)

    with files.atomic_folder(plots) as beside:
        files.write_table(errors, beside / "errors.csv")
        chosen = examples.clips(known, pair, CLIPS)
        images = [files.read_array(spectrograms / f"{clip}.npy")[0] for clip in chosen["clip"]]
        style.save(_confused(chosen, images, pair, trained, look), beside / "confused.png")
        clip = example.surest(known)
        image = files.read_array(spectrograms / f"{clip['clip']}.npy")[0]
        style.save(_example(clip, image, trained, look), beside / "example.png")
        for answer in progress(answers.to_dict("records"), "explain", len(answers)):
            samples, _ = files.read_sound(audio / f"{answer['recording']}.wav")
            figure = _recording(answer, windows[windows["recording"] == answer["recording"]], samples, trained, look)
            style.save(figure, beside / f"{answer['recording'].removeprefix('unseen/')}.png")
    print(f"{' / '.join(pair)} and {len(answers)} unseen recordings explained, {len(errors)} wrong test clips")


def _errors(wrong: pd.DataFrame, train: pd.DataFrame, embeddings: Path) -> pd.DataFrame:
    """The wrong test clips, each with its nearest training clips, in the columns ERRORS."""
    rows = [{**row, "confidence": row[row["prediction"]]} for row in wrong.to_dict("records")]
    if rows:
        vectors, known = (_embeddings(embeddings, table) for table in (wrong, train))
        for row, found in zip(rows, nearest.nearest(vectors, known, NEIGHBOURS), strict=True):
            for place, (clip, label) in enumerate(train.iloc[found][["clip", "label"]].to_numpy(), start=1):
                row |= {f"nearest_{place}": clip, f"nearest_{place}_label": label}
    return pd.DataFrame(rows, columns=ERRORS)


def _embeddings(folder: Path, clips: pd.DataFrame) -> np.ndarray:
    return np.stack([files.read_array(folder / f"{clip}.npy")[0] for clip in clips["clip"]])


def _confused(
    clips: pd.DataFrame, images: list[np.ndarray], pair: tuple[str, str], trained: classifier.Classifier, look: Look
) -> Figure:
    """Two panels for each clip: what speaks for the animal that it was taken for, and what for the other."""
    rows = []
    for clip, image in zip(clips.to_dict("records"), images, strict=True):
        verdict = "right" if clip["animal"] == clip["truth"] else "wrong"
        rejected = ", but rejected" if clip["prediction"] == NONE else ""
        heads = f"{clip['clip']}: {verdict}{rejected}", f"truth: {display_name(clip['truth'])}"
        labels = clip["animal"], clip["other"]
        rows.append(
            [
                Panel(
                    f"{head}\nwhat speaks for {display_name(label)} (probability {clip[label]:.2f})",
                    image,
                    look(image, trained.labels.index(label)),
                )
                for head, label in zip(heads, labels, strict=True)
            ]
        )
    return overlays(rows, trained.features, f"{' and '.join(map(display_name, pair))}: test clips, wrong ones first")


def _example(clip: dict[str, Any], image: np.ndarray, trained: classifier.Classifier, look: Look) -> Figure:
    """One panel, for the report: what speaks for the animal that the surest clip was taken for."""
    label = clip["animal"]
    title = f"what speaks for {display_name(label)} (probability {clip[label]:.2f})"
    panel = Panel(title, image, look(image, trained.labels.index(label)))
    return overlays([[panel]], trained.features, clip["clip"])


def _recording(
    answer: dict[str, Any], windows: pd.DataFrame, samples: np.ndarray, trained: classifier.Classifier, look: Look
) -> Figure:
    """One panel: the window where the answer is most probable, or where that is none, the likeliest animal."""
    likeliest = windows[animal_labels(trained.labels)].max().idxmax()
    label = likeliest if answer["label"] == NONE else answer["label"]
    window = windows.loc[windows[label].idxmax()]
    start = round(window["start_s"] * trained.features.sample_rate)
    stretch = samples[start : start + trained.features.window_samples]
    (image,) = melspectrogram.window_images(stretch, np.array([0]), trained.features)
    seconds = f"{window['start_s']:g} to {window['end_s']:g} s"
    panel = Panel(
        f"what speaks for {display_name(label)}, {seconds} (probability {window[label]:.2f})",
        image,
        look(image, trained.labels.index(label)),
        window["start_s"],
    )
    verdict = answer["verdict"] and f" ({answer['verdict']}, truth: {display_name(answer['truth'])})"
    title = f"{Path(answer['recording']).name}: {display_name(answer['label'])} {answer['confidence']:.2f}{verdict}"
    return overlays([[panel]], trained.features, title)


if __name__ == "__main__":
    run(main)
