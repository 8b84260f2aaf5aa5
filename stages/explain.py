r"""Explain what the classifier confuses and what it finds in unseen recordings.

    python stages/explain.py models/classifier data/spectrograms data/embeddings data/split.csv metrics/crossval.json \
        plots/evaluate/predictions.csv data/audio data/predictions plots/why
"""

from collections.abc import Iterable
from functools import partial
from pathlib import Path

import numpy as np

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.core.labels import NONE, scored_labels, unseen_name
from project_echo.core.parallel import progress
from project_echo.core.tables import read_table, write_table
from project_echo.explain import examples, gradcam, nearest, panels
from project_echo.models.classifier import load_classifier
from project_echo.pipeline.script import run
from project_echo.plots import style

MAX_CLIPS = 4  # of the confused pair


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
    trained = load_classifier(model)
    explainer = panels.Explainer(trained.labels, trained.spectrogram, partial(gradcam.attention, trained))
    tested = examples.with_none(read_table(predictions), trained.labels)
    scored = scored_labels([*trained.labels, NONE])
    scored_clips, of_animals = tested[tested["truth"].isin(scored)], tested[tested["truth"] != NONE]
    try:
        confused = files.read_json(crossval)["most_confused"]["pair"]
        pair = examples.confused_pair(confused, scored_clips, scored)
    except ValueError as error:
        raise EchoError(f"{crossval}: most_confused.pair: {error}. It is of another corpus: run dvc repro.") from None
    clips = read_table(split)
    # The dense head has learned no background, unless there is a single animal.
    knows_none = trained.thresholds is not None or len(trained.labels) == 1
    learned = [*trained.labels, NONE] if knows_none else trained.labels
    training = clips[(clips["part"] == "train") & clips["label"].isin(learned)]
    wrong = tested[tested["truth"] != tested["prediction"]]
    errors = nearest.error_table(
        wrong, training, *(_means(_first_views(embeddings, table["clip"])) for table in (wrong, training))
    )
    summaries, windows = (read_table(screened / name) for name in ("recordings.csv", "windows.csv"))

    with files.atomic_folder(plots) as temporary:
        write_table(errors, temporary / "errors.csv")
        shown = examples.confused_clips(scored_clips, pair, MAX_CLIPS)
        images = _first_views(spectrograms, shown["clip"])
        style.save(panels.confused(shown, images, pair, explainer), temporary / "confused.png")
        example = examples.most_confident(of_animals)
        (image,) = _first_views(spectrograms, [example["clip"]])
        style.save(panels.example(example, image, explainer), temporary / "example.png")
        for summary in progress(summaries.to_dict("records"), "explain", len(summaries)):
            recording = summary["recording"]
            samples, _ = files.read_sound(audio / f"{recording}.wav")
            figure = panels.recording(summary, windows[windows["recording"] == recording], samples, explainer)
            style.save(figure, temporary / f"{unseen_name(recording)}.png")
    print(f"{' and '.join(pair)}, {len(summaries)} unseen recordings and {len(errors)} wrong test clips explained")


def _first_views(folder: Path, clips: Iterable[str]) -> np.ndarray:
    """Arrays of the clips as recorded, without their augmented copies."""
    return np.array([files.read_array(folder / f"{clip}.npy")[0] for clip in clips])


def _means(embeddings: np.ndarray) -> np.ndarray:
    """Embeddings of clips, shape (clips, width), the means of their slices."""
    means: np.ndarray = embeddings.mean(axis=1) if len(embeddings) else np.zeros((0, 1))
    return means


if __name__ == "__main__":
    run(main)
