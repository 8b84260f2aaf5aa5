"""With the frozen backbone and the logistic head no stage but backbone and export imports TensorFlow."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from project_echo.core import files
from project_echo.core.tables import read_table, write_table
from project_echo.datasets.stated import STATED
from project_echo.models.thresholds import COLUMNS
from tests.conftest import LABELS
from tests.project_echo.evaluation.embedded import write_tables
from tests.sounds import FEATURES, tone
from tests.stages.workspaces import ROOT

SCRIPT = """
import importlib, json, pathlib, sys
sys.modules["tensorflow"] = sys.modules["keras"] = None  # importing them is an error
for stage, *paths in json.loads(sys.argv[1]):
    importlib.import_module(f"stages.{stage}").main(*map(pathlib.Path, paths))
"""


def test_stages_run_where_tensorflow_cannot_be_imported(
    workspace: Path,
    spectrograms: Path,
    clips: Path,
    backbone: Path,
    split_with_background: Path,
    set_params: Callable[..., None],
) -> None:
    images = workspace / "spectrograms"
    shutil.copytree(spectrograms, images)
    write_tables(read_table(split_with_background), images, copies=1)
    set_params("embed", blocks=[1], bands=[2], slices=3)
    set_params("split", train=4, validation=1, test=1)
    set_params("crossval", draws=2, train_sizes=[])
    files.write_sound(tone(300, 2, FEATURES.sample_rate), FEATURES.sample_rate, workspace / "audio/a.wav.wav")
    recording = {"recording": "a.wav", "label": LABELS[0], "source": "a", "unseen": True, "duration_s": 2.0}
    write_table(pd.DataFrame([recording]), workspace / "audio/audio.csv")
    write_table(pd.DataFrame(columns=STATED), workspace / "audio/labels.csv")
    write_table(pd.DataFrame(columns=list(COLUMNS)), workspace / "thresholds.csv")
    split = split_with_background
    stages = [
        ["embed", clips, images, backbone, "embeddings"],
        ["crossval", images, "embeddings", split, backbone, "crossval.csv", "crossval.json", "crossval"],
        ["train", images, "embeddings", split, backbone, "crossval.csv", "thresholds.csv", "model", "history.csv"],
        ["evaluate", "model", clips, split, "history.csv", "evaluate.json", "evaluate"],
        ["infer", "model", "audio", "predictions", "infer.json", "unseen"],
    ]
    explained = ["crossval.json", "evaluate/predictions.csv", "audio", "predictions", "why"]
    stages.append(["explain", "model", images, "embeddings", split, *explained])
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(stages, default=str)],
        cwd=workspace,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (workspace / "why/a.wav.png").is_file()
