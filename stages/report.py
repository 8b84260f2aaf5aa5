r"""Show the results of the other stages on one page, with its media beside it.

    python stages/report.py data/corpus data/audio data/clips data/spectrograms data/predictions models/classifier \
        metrics plots/crossval plots/evaluate plots/field experiments screening report.yaml report
"""

from pathlib import Path

import pandas as pd

from project_echo.core import files
from project_echo.core.labels import NONE
from project_echo.core.tables import read_table
from project_echo.core.text import count
from project_echo.corpora.config import Collect
from project_echo.evaluation.field_config import FieldRecordings
from project_echo.explain import gradcam
from project_echo.explain.examples import most_confident
from project_echo.models import classifier
from project_echo.models.card import read_card
from project_echo.pipeline.params import load_params
from project_echo.pipeline.script import run
from project_echo.report.comparison import compare_experiments
from project_echo.report.corpus import describe_corpus, read_origin
from project_echo.report.example import write_example
from project_echo.report.page import Results, page_content, render_page
from project_echo.report.screenings import read_screenings
from project_echo.report.settings import read_settings
from project_echo.report.unseen import write_recordings
from project_echo.report.usefulness import listening


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
    field_plots: Path,
    experiments: Path,
    screening: Path,
    settings_file: Path,
    report: Path,
) -> None:
    corpus_file = load_params("collect", Collect).corpus
    trained, card = classifier.load_classifier(model), read_card(model)
    results = Results(
        crossval=files.read_json(metrics / "crossval.json"),
        evaluate=files.read_json(metrics / "evaluate.json"),
        field=files.read_json(metrics / "field.json"),
        infer=files.read_json(metrics / "infer.json"),
        pooled=read_table(crossval_plots / "predictions.csv"),
        decided=read_table(crossval_plots / "decided.csv"),
        accuracies=read_table(crossval_plots / "accuracies.csv"),
        curve=read_table(crossval_plots / "curve.csv"),
        reliability=read_table(crossval_plots / "reliability.csv"),
        precision_recall=_read_curves(field_plots),
        field_hop_s=load_params("field", FieldRecordings).hop_s,
    )
    comparison = compare_experiments(experiments, corpus_file)
    screenings, left_out = read_screenings(screening, trained.labels)
    summaries = read_table(predictions / "recordings.csv")
    windows = read_table(predictions / "windows.csv")
    events = read_table(predictions / "events.csv")
    collected, lengths = read_table(corpus / "recordings.csv"), read_table(audio / "audio.csv")
    settings = read_settings(settings_file, summaries["recording"])
    recorded = describe_corpus(
        read_origin(corpus_file),
        collected,
        lengths,
        read_table(clips / "clips.csv"),
        trained.labels,
        len(read_table(audio / "skipped.csv")),
    )
    length_s = float(lengths.loc[lengths["recording"].isin(summaries["recording"]), "duration_s"].sum())
    tested = read_table(evaluate_plots / "predictions.csv")
    clip = most_confident(tested[tested["truth"] != NONE])
    samples, _ = files.read_sound(clips / f"{clip['clip']}.wav")
    images = files.read_array(spectrograms / f"{clip['clip']}.npy")
    attention = gradcam.attention(trained, images[0], [*trained.labels, NONE].index(clip["animal"]))
    with files.atomic_folder(report) as temporary:
        example = write_example(
            clip, samples, images, attention, trained.labels, trained.thresholds, trained.features, temporary
        )
        recordings = write_recordings(
            summaries, windows, events, collected, audio, corpus, trained, settings.captions, temporary
        )
        left = listening(length_s, events) if recordings else None
        content = page_content(results, card, recorded, example, comparison, recordings, left, screenings, settings)
        files.write_text(render_page(content), temporary / "index.html")
    print(
        f"{count(len(recordings), 'unseen recording')}, {count(len(screenings), 'screening')}, "
        f"{'baseline and rerun' if comparison else 'no experiments with this corpus'}: {report / 'index.html'}"
    )
    if left_out:
        print(f"left out, as {'they are' if len(left_out) > 1 else 'it is'} of other labels: {', '.join(left_out)}")


def _read_curves(field_plots: Path) -> pd.DataFrame:
    """Precision and recall in long recordings; empty if the classifier was not tested in any."""
    path = field_plots / "precision_recall.csv"
    return read_table(path) if path.is_file() else pd.DataFrame()


if __name__ == "__main__":
    run(main)
