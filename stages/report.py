r"""Tell what the other stages found, on one page with its media beside it.

    python stages/report.py data/corpus data/audio data/clips data/spectrograms data/predictions models/classifier \
        metrics plots/crossval plots/evaluate plots/why experiments screening report
"""

from pathlib import Path
from typing import Any

import pandas as pd

from project_echo.core import files
from project_echo.core.labels import NONE, animal_labels, display_name
from project_echo.core.parallel import map_all
from project_echo.corpora.config import Collect
from project_echo.evaluation import metrics
from project_echo.explain.example import surest
from project_echo.models import classifier
from project_echo.models.classifier import Classifier
from project_echo.pipeline.params import load_params
from project_echo.pipeline.script import run
from project_echo.plots.palette import colours
from project_echo.report import charts, example, experiments, findings, screenings, unseen
from project_echo.report.example import Example
from project_echo.report.page import headline, page


def main(
    corpus: Path,
    audio: Path,
    clips: Path,
    spectrograms: Path,
    predictions: Path,
    model: Path,
    metrics: Path,
    draws: Path,
    tested: Path,
    why: Path,
    kept: Path,
    screened: Path,
    report: Path,
) -> None:
    origin = Path(load_params("collect", Collect).corpus)
    trained, card = classifier.load(model), files.read_json(model / classifier.CARD)
    animals, shades = animal_labels(trained.labels), colours(trained.labels)
    crossval, evaluate, count = (
        files.read_json(metrics / f"{name}.json") for name in ("crossval", "evaluate", "infer")
    )
    curve = files.read_table(draws / "curve.csv")
    predictions_of_clips = files.read_table(tested / "predictions.csv")
    table = files.read_table(clips / "clips.csv")
    known = table[table["label"].isin(animals)]
    sources = {label: int(known.loc[known["label"] == label, "source"].nunique()) for label in animals}
    skipped = len(files.read_table(audio / "skipped.csv"))
    comparison = experiments.compare(kept, str(origin))
    sentence = findings.unseen(count)
    disks = screenings.read(screened)

    with files.atomic_folder(report) as beside:
        recordings = _unseen(predictions, audio, corpus, trained, beside)
        text = page(
            names=[display_name(label) for label in animals],
            names_listed=findings.listed([display_name(label) for label in animals]),
            cards=headline(
                crossval,
                len(known),
                len(animals),
                known["source"].nunique(),
                comparison.difference if comparison else None,
                count,
            ),
            findings=[*findings.findings(crossval), *([comparison.improvement] if comparison else []), sentence],
            limitations=findings.limitations(crossval, evaluate, curve, sources, skipped, _synthetic(origin)),
            example=_example(predictions_of_clips, clips, spectrograms, trained, why / "example.png", beside),
            frozen=card["trained"].get("trainable") == "none",
            threshold=None if trained.threshold is None else f"{trained.threshold:.3g}",
            sureness=_sureness(draws, curve, crossval, animals),
            comparison=comparison,
            unseen=sentence,
            recordings=recordings,
            legend=[(display_name(label), shades[label]) for label in trained.labels],
            screenings=disks,
            versions=[f"{name} {version}" for name, version in card["versions"].items()],
        )
        files.write_text(text, beside / "index.html")
    print(
        f"{findings.count(len(recordings), 'unseen recording')}, {findings.count(len(disks), 'screened disk')}, "
        f"{'baseline and rerun' if comparison else 'no experiments of this corpus'}: {report / 'index.html'}"
    )


def _synthetic(origin: Path) -> bool:
    """Whether the corpus is the demo, which this project makes itself."""
    return origin.is_file() and files.read_yaml(origin).get("layout") == "demo"


def _sureness(draws: Path, curve: pd.DataFrame, crossval: dict[str, Any], animals: list[str]) -> list[charts.Chart]:
    """What all draws answered together, how single ones spread, and the learning curve."""
    answers = files.read_table(draws / "answers.csv")
    true, found = answers["truth"].to_numpy(), answers["prediction"].to_numpy()
    counts = metrics.confusion(true, found, animals)
    per_class = metrics.per_class(true, found, animals)
    over = f"over {findings.count(crossval['draws'], 'draw')}"
    return [
        charts.confusion(counts, animals, f"Confusion {over}"),
        charts.f1(per_class, f"F1 of each label {over}"),
        charts.curve(curve),
        charts.accuracies(files.read_table(draws / "accuracies.csv"), crossval["accuracy"]),
    ]


def _example(
    tested: pd.DataFrame, clips: Path, spectrograms: Path, trained: Classifier, attention: Path, report: Path
) -> Example:
    """The clip that the page follows, its figures and sound written into the report."""
    clip = surest(tested[tested["truth"] != NONE])
    samples, _ = files.read_sound(clips / f"{clip['clip']}.wav")
    images = files.read_array(spectrograms / f"{clip['clip']}.npy")
    return example.show(clip, samples, images, attention, trained.labels, trained.features, report)


def _unseen(predictions: Path, audio: Path, corpus: Path, trained: Classifier, report: Path) -> list[unseen.Unseen]:
    """Every unseen recording, its media written into the report."""
    answers = files.read_table(predictions / "recordings.csv")
    windows = files.read_table(predictions / "windows.csv")
    collected = files.read_table(corpus / "recordings.csv")
    titles = dict(zip(collected["recording"], collected["original"].str.removeprefix("unseen/"), strict=True))
    jobs = [
        (
            answer,
            titles[answer["recording"]],
            windows[windows["recording"] == answer["recording"]],
            audio / f"{answer['recording']}.wav",
            corpus / answer["recording"],
            trained.labels,
            trained.features,
            trained.threshold,
            report,
        )
        for answer in answers.to_dict("records")
    ]
    return map_all(unseen.show, jobs, "report")


if __name__ == "__main__":
    run(main)
