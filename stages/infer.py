"""Screen the unseen recordings window by window.

python stages/infer.py models/classifier data/audio data/predictions metrics/infer.json plots/unseen
"""

from pathlib import Path

import pandas as pd

from project_echo.core import files
from project_echo.core.parallel import progress
from project_echo.models import classifier
from project_echo.pipeline.params import load_params
from project_echo.pipeline.script import run
from project_echo.plots import style
from project_echo.screening.windows import ANSWER, WINDOW, count, screen, summarise
from project_echo.screening.windows import table as as_table


def main(model: Path, audio: Path, predictions: Path, metrics: Path, plots: Path) -> None:
    hop_seconds = load_params().infer.hop_seconds
    trained = classifier.load(model)
    recordings = files.read_table(audio / "audio.csv")
    unseen = recordings[recordings["unseen"]]
    answers, windows = [], []
    with files.atomic_folder(plots) as beside:
        for recording, truth in progress(zip(unseen["recording"], unseen["label"], strict=True), "infer", len(unseen)):
            samples, _ = files.read_sound(audio / f"{recording}.wav")
            seen = as_table(screen([samples], trained, hop_seconds), trained, hop_seconds)
            answer = {
                "recording": recording,
                **summarise(seen[list(trained.labels)], trained.threshold, truth),
            }
            answers.append(answer)
            windows.append(seen.assign(recording=recording))
            style.save(style.timeline(seen, answer), beside / f"{recording.removeprefix('unseen/')}.png")
        (beside / ".gitkeep").touch()  # git drops an empty folder, and where it is missing DVC would screen again
    table = pd.DataFrame(answers, columns=["recording", *ANSWER])
    with files.atomic_folder(predictions) as beside:
        files.write_table(table, beside / "recordings.csv")
        columns = ["recording", *WINDOW, *trained.labels]
        files.write_table(
            pd.concat(windows)[columns] if windows else pd.DataFrame(columns=columns), beside / "windows.csv"
        )
    files.write_json(count(table), metrics)
    for row in table.itertuples():
        print(
            f"{row.recording}: {row.label} {row.confidence:.2f}, then {row.runner_up} {row.runner_up_confidence:.2f}; "
            f"stability {row.stability:.2f}{row.verdict and f', {row.verdict} (truth: {row.truth})'}"
        )
    print(f"{len(table)} unseen recordings, {sum(table['windows'])} windows")


if __name__ == "__main__":
    run(main)
