"""Screen the unseen recordings window by window.

python stages/infer.py models/classifier data/audio data/predictions metrics/infer.json plots/unseen
"""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from project_echo import classifier, features, figures, files, screening
from project_echo.parallel import progress
from project_echo.params import load_params
from project_echo.stage import run

COLUMNS = ["recording", "label", "confidence", "runner_up", "runner_up_confidence", "windows", "stability"]
COLUMNS += ["longest_run", "truth", "right"]


def main(model: Path, audio: Path, predictions: Path, metrics: Path, plots: Path) -> None:
    hop_seconds = load_params().infer.hop_seconds
    trained = classifier.load(model)
    recordings = files.read_table(audio / "audio.csv")
    unseen = recordings[recordings["unseen"]].to_dict("records")
    answers, all_windows = [], []
    with files.replacing_folder(plots) as beside:
        for row in progress(unseen, "infer"):
            windows = screen(audio / f"{row['recording']}.wav", trained, hop_seconds)
            probabilities = windows[list(trained.labels)].to_numpy()
            answer = {
                "recording": row["recording"],
                **screening.summarise(probabilities, trained.labels),
                "truth": row["label"],
            }
            answer["right"] = answer["label"] == row["label"] if row["label"] else ""
            answers.append(answer)
            all_windows.append(windows.assign(recording=row["recording"]))
            figures.save(
                figures.timeline(windows, answer, trained.labels),
                beside / f"{row['recording'].removeprefix('unseen/')}.png",
            )
    table = pd.DataFrame(answers, columns=COLUMNS)
    with files.replacing_folder(predictions) as beside:
        files.write_table(table, beside / "recordings.csv")
        columns = ["recording", "start_s", "end_s", *trained.labels]
        files.write_table(pd.concat(all_windows) if unseen else pd.DataFrame(columns=columns), beside / "windows.csv")
    files.write_json(count(answers), metrics)
    for answer in answers:
        verdict = {True: ", right", False: f", wrong: it is {answer['truth']}", "": ""}[answer["right"]]
        print(
            f"{answer['recording']}: {answer['label']} {answer['confidence']:.2f}, then {answer['runner_up']} "
            f"{answer['runner_up_confidence']:.2f}; stability {answer['stability']:.2f}{verdict}"
        )
    print(f"{len(answers)} unseen recordings")


def screen(recording: Path, trained: classifier.Classifier, hop_seconds: float) -> pd.DataFrame:
    """Probabilities of every window of a recording: start_s, end_s, and a column per label."""
    samples, rate = files.read_sound(recording)
    starts = features.window_starts(len(samples), trained.features, hop_seconds)
    probabilities = trained.predict(features.window_images(samples, starts, trained.features))
    start_s = starts * trained.features.hop_length / rate
    windows = pd.DataFrame({"recording": "", "start_s": start_s, "end_s": start_s + trained.features.seconds})
    return windows.join(pd.DataFrame(probabilities, columns=list(trained.labels)))


def count(answers: list[dict[str, Any]]) -> dict[str, Any]:
    """How many of the recordings with known truth were named rightly, for metrics/infer.json."""
    known = [answer["right"] for answer in answers if answer["right"] != ""]
    confidence = [answer["confidence"] for answer in answers]
    return {
        "recordings": len(answers),
        "known": len(known),
        "right": int(sum(known)),
        "mean_confidence": float(np.mean(confidence)) if confidence else 0.0,
    }


if __name__ == "__main__":
    run(main)
