r"""Show the results of the other stages on one page, with its media beside it.

    python stages/report.py data/corpus data/audio data/clips data/spectrograms data/predictions models/classifier \
        metrics plots/crossval plots/evaluate plots/why experiments screening report
"""

from pathlib import Path

import pandas as pd

from project_echo.core import files
from project_echo.core.labels import NONE, animal_labels, display_name
from project_echo.core.text import count, join_words
from project_echo.corpora.config import Collect
from project_echo.explain.examples import most_confident
from project_echo.models import classifier
from project_echo.models.classifier import Classifier
from project_echo.pipeline.params import load_params
from project_echo.pipeline.script import run
from project_echo.plots.palette import colours
from project_echo.report import findings
from project_echo.report.comparison import compare_experiments
from project_echo.report.example import Example, write_example
from project_echo.report.page import headline, page
from project_echo.report.screenings import read_screenings
from project_echo.report.uncertainty import uncertainty_charts
from project_echo.report.unseen import write_recordings


def main(
    corpus: Path,
    audio: Path,
    clips: Path,
    spectrograms: Path,
    predictions: Path,
    model: Path,
    metrics: Path,
    crossval_plots: Path,
    evaluate_plots: Path,
    explain_plots: Path,
    experiments: Path,
    screening: Path,
    report: Path,
) -> None:
    corpus_file = load_params("collect", Collect).corpus
    trained, card = classifier.load(model), files.read_json(model / classifier.CARD)
    animals, shades = animal_labels(trained.labels), colours(trained.labels)
    crossval, evaluate, infer = (
        files.read_json(metrics / f"{name}.json") for name in ("crossval", "evaluate", "infer")
    )
    curve = files.read_table(crossval_plots / "curve.csv")
    tested = files.read_table(evaluate_plots / "predictions.csv")
    table = files.read_table(clips / "clips.csv")
    of_animals = table[table["label"].isin(animals)]
    sources = of_animals.groupby("label")["source"].nunique().reindex(animals, fill_value=0)
    skipped = len(files.read_table(audio / "skipped.csv"))
    comparison = compare_experiments(experiments, corpus_file)
    unseen = findings.unseen_recordings(infer)
    screenings = read_screenings(screening)
    names = [display_name(label) for label in animals]

    summaries, windows = (files.read_table(predictions / f"{name}.csv") for name in ("recordings", "windows"))
    collected = files.read_table(corpus / "recordings.csv")
    pooled = files.read_table(crossval_plots / "predictions.csv")
    accuracies = files.read_table(crossval_plots / "accuracies.csv")

    with files.atomic_folder(report) as temporary:
        recordings = write_recordings(summaries, windows, collected, audio, corpus, trained, temporary)
        text = page(
            names=names,
            names_listed=join_words(names),
            cards=headline(
                crossval,
                infer,
                len(of_animals),
                len(animals),
                of_animals["source"].nunique(),
                comparison.difference if comparison else None,
            ),
            findings=[*findings.findings(crossval), *([comparison.improvement] if comparison else []), unseen],
            limitations=findings.limitations(
                crossval, evaluate, curve, sources.to_dict(), skipped, _is_synthetic(Path(corpus_file))
            ),
            example=_example(tested, clips, spectrograms, trained, explain_plots / "example.png", temporary),
            frozen=card["trained"].get("trainable") == "none",
            threshold=None if trained.threshold is None else f"{trained.threshold:.3g}",
            uncertainty=uncertainty_charts(pooled, accuracies, curve, crossval, animals),
            comparison=comparison,
            unseen=unseen,
            recordings=recordings,
            legend=[(display_name(label), shades[label]) for label in trained.labels],
            screenings=screenings,
            versions=[f"{name} {version}" for name, version in card["versions"].items()],
        )
        files.write_text(text, temporary / "index.html")
    print(
        f"{count(len(recordings), 'unseen recording')}, {count(len(screenings), 'screening')}, "
        f"{'baseline and rerun' if comparison else 'no experiments with this corpus'}: {report / 'index.html'}"
    )


def _is_synthetic(corpus_file: Path) -> bool:
    """Whether the corpus is the demo, which this project makes itself."""
    return corpus_file.is_file() and files.read_yaml(corpus_file).get("layout") == "demo"


def _example(
    tested: pd.DataFrame, clips: Path, spectrograms: Path, trained: Classifier, attention: Path, report: Path
) -> Example:
    """The example clip, with its figures and sound written into the report."""
    clip = most_confident(tested[tested["truth"] != NONE])
    samples, _ = files.read_sound(clips / f"{clip['clip']}.wav")
    images = files.read_array(spectrograms / f"{clip['clip']}.npy")
    return write_example(clip, samples, images, attention, trained.labels, trained.features, report)


if __name__ == "__main__":
    run(main)
