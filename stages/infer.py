"""Screen the unseen recordings in sliding windows, and score their events where labels.csv states their calls.

python stages/infer.py models/classifier data/audio data/predictions metrics/infer.json plots/unseen
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from project_echo.core import files
from project_echo.core.labels import unseen_name
from project_echo.core.parallel import progress
from project_echo.core.tables import read_table, write_table
from project_echo.evaluation.stated_calls import call_metrics, count_calls
from project_echo.models.classifier import load_classifier
from project_echo.models.windows import TIME_COLUMNS
from project_echo.pipeline.params import load_params
from project_echo.pipeline.script import run
from project_echo.plots import style
from project_echo.plots.timeline import timeline
from project_echo.screening import columns
from project_echo.screening.config import Infer
from project_echo.screening.recording import screen_samples
from project_echo.screening.summary import SUMMARY_COLUMNS, summary_metrics


def main(model: Path, audio: Path, predictions: Path, metrics: Path, plots: Path) -> None:
    hop_s = load_params("infer", Infer).hop_s
    trained = load_classifier(model)
    recordings = read_table(audio / "audio.csv")
    unseen = recordings[recordings["unseen"]]
    summaries: list[dict[str, Any]] = []
    windows, events = [], []
    with files.atomic_folder(plots) as temporary:
        for recording, truth in progress(zip(unseen["recording"], unseen["label"], strict=True), "infer", len(unseen)):
            samples, _ = files.read_sound(audio / f"{recording}.wav")
            its_windows, summary, its_events = screen_samples(samples, trained, hop_s, truth)
            summaries.append({"recording": recording, **summary})
            windows.append(its_windows.assign(recording=recording))
            events.append(its_events.assign(recording=recording))
            figure = timeline(its_windows, summaries[-1])
            style.save(figure, temporary / f"{unseen_name(recording)}.png")
        (temporary / ".gitkeep").touch()  # git drops empty folders, and DVC would run the stage again if it is missing
    table = pd.DataFrame(summaries, columns=["recording", *SUMMARY_COLUMNS])
    of_events = _joined(events, list(columns.EVENT))
    stated = read_table(audio / "labels.csv")
    counts = count_calls(of_events, stated[stated["recording"].isin(table["recording"])], trained.labels)
    with files.atomic_folder(predictions) as temporary:
        write_table(table.join(counts.astype(float), on="recording"), temporary / "recordings.csv")
        write_table(_joined(windows, [*TIME_COLUMNS, *trained.labels]), temporary / "windows.csv")
        write_table(of_events, temporary / "events.csv")
    scores = call_metrics(counts)
    files.write_metrics(summary_metrics(table) | scores, metrics)
    for row in table.itertuples():
        runner_up = row.runner_up and f", runner-up {row.runner_up} {row.runner_up_confidence:.2f}"
        print(
            f"{row.recording}: {row.label} {row.confidence:.2f}{runner_up}; agreement {row.agreement:.2f}"
            f"{row.verdict and f', {row.verdict} (truth: {row.truth})'}; heard: {row.heard or 'nothing'}"
        )
    found = ""
    if len(counts):
        found = (
            f"; {scores['calls_found']} of {scores['calls']} stated calls found, "
            f"{scores['false_events']} false events, {scores['false_seconds']:.1f} false seconds"
        )
    print(f"{len(table)} unseen recordings, {sum(table['windows'])} windows{found}")


def _joined(tables: list[pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
    """One table of all recordings, also if there are none."""
    filled = [table for table in tables if len(table)]
    return (pd.concat(filled) if filled else pd.DataFrame(columns=["recording", *columns]))[["recording", *columns]]


if __name__ == "__main__":
    run(main)
