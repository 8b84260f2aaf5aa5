r"""Show the results of the other stages on one page, with its media beside it.

    python stages/report.py data/corpus data/audio data/clips data/spectrograms data/predictions models/classifier \
        metrics plots/crossval plots/evaluate plots/why experiments screening report
"""

from pathlib import Path

from project_echo.core import files
from project_echo.core.labels import NONE
from project_echo.core.text import count
from project_echo.corpora.config import Collect
from project_echo.explain.examples import most_confident
from project_echo.models import classifier
from project_echo.models.card import read_card
from project_echo.pipeline.params import load_params
from project_echo.pipeline.script import run
from project_echo.report.comparison import compare_experiments
from project_echo.report.example import write_example
from project_echo.report.page import Results, page_content, render_page
from project_echo.report.screenings import read_screenings
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
    trained, card = classifier.load_classifier(model), read_card(model)
    results = Results(
        crossval=files.read_json(metrics / "crossval.json"),
        evaluate=files.read_json(metrics / "evaluate.json"),
        infer=files.read_json(metrics / "infer.json"),
        clips=files.read_table(clips / "clips.csv"),
        pooled=files.read_table(crossval_plots / "predictions.csv"),
        decided=files.read_table(crossval_plots / "decided.csv"),
        accuracies=files.read_table(crossval_plots / "accuracies.csv"),
        curve=files.read_table(crossval_plots / "curve.csv"),
        skipped=len(files.read_table(audio / "skipped.csv")),
        synthetic=_is_synthetic(Path(corpus_file)),
    )
    comparison = compare_experiments(experiments, corpus_file)
    screenings = read_screenings(screening)
    summaries = files.read_table(predictions / "recordings.csv")
    windows = files.read_table(predictions / "windows.csv")
    events = files.read_table(predictions / "events.csv")
    collected = files.read_table(corpus / "recordings.csv")
    tested = files.read_table(evaluate_plots / "predictions.csv")
    clip = most_confident(tested[tested["truth"] != NONE])
    samples, _ = files.read_sound(clips / f"{clip['clip']}.wav")
    images = files.read_array(spectrograms / f"{clip['clip']}.npy")
    attention = explain_plots / "example.png"
    with files.atomic_folder(report) as temporary:
        example = write_example(
            clip, samples, images, attention, trained.labels, trained.thresholds, trained.features, temporary
        )
        recordings = write_recordings(summaries, windows, events, collected, audio, corpus, trained, temporary)
        content = page_content(results, card, example, comparison, recordings, screenings)
        files.write_text(render_page(content), temporary / "index.html")
    print(
        f"{count(len(recordings), 'unseen recording')}, {count(len(screenings), 'screening')}, "
        f"{'baseline and rerun' if comparison else 'no experiments with this corpus'}: {report / 'index.html'}"
    )


def _is_synthetic(corpus_file: Path) -> bool:
    """Whether the corpus is the demo, which this project makes itself."""
    return corpus_file.is_file() and files.read_yaml(corpus_file).get("layout") == "demo"


if __name__ == "__main__":
    run(main)
