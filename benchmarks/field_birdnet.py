"""Logistic regressions of BirdNET's embeddings, one for each label, screen the recordings of field.py."""

from functools import cache, partial
from pathlib import Path

import numpy as np
import pandas as pd
import soundfile
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from benchmarks.cost import run_in_environment
from benchmarks.field_sources import read_original
from project_echo.core.labels import NONE
from project_echo.evaluation import field_recordings
from project_echo.evaluation.field_config import FieldRecordings

RATE, WINDOW_S, HOP_S = 48_000, 3.0, 0.5
TRAIN_HOP_S = 1.0
C_VALUES = (1e-4, 1e-3, 1e-2)  # of the regressions; the best in hindsight is in the table


def screen(
    folder: Path,
    python: Path,
    esc50: Path,
    train: pd.DataFrame,
    plan: pd.DataFrame,
    field: FieldRecordings,
    like: pd.DataFrame,
) -> tuple[dict[float, pd.DataFrame], float]:
    """Windows of BirdNET's embeddings and a logistic regression of each label, by their C.

    BirdNET hears the same recordings, mixed at 48 kHz from the original clips. Its windows of 3 s, a step of 0.5 s
    apart, count for the windows of 5 s that hold them: their maximum.

    Parameters
    ----------
    folder : Path
        For temporary files.
    python : Path
        That of an environment with BirdNET.
    esc50 : Path
    train : pd.DataFrame
        Clips to learn from.
    plan : pd.DataFrame
        What the recordings hold.
    field : FieldRecordings
    like : pd.DataFrame
        Windows to score: recording, start_s, end_s.

    Returns
    -------
    dict of float to pd.DataFrame
        Log-odds of each label in these windows.
    float
        Processor time of an hour of sound, s, the start of the program included.
    """
    read = cache(partial(read_original, esc50, RATE))
    sounds = folder / "birdnet"
    sounds.mkdir()
    for clip in train["clip"]:
        soundfile.write(sounds / clip, read(clip), RATE, subtype="FLOAT")
    heard = []
    for recording, rows in plan.groupby("recording", sort=False):
        samples, _ = field_recordings.build_planned(rows, read, RATE, field.duration_s, field.seed)
        soundfile.write(sounds / f"{recording}.wav", samples, RATE, subtype="FLOAT")
        heard.append(f"{recording}.wav")
    vectors, _ = _embed(python, sounds, list(train["clip"]), TRAIN_HOP_S)
    of_heard, seconds = _embed(python, sounds, heard, HOP_S)
    learned = np.concatenate([vectors[clip] for clip in train["clip"]])
    truth = np.repeat(train["label"].to_numpy(), [len(vectors[clip]) for clip in train["clip"]])
    scaler = StandardScaler().fit(learned)
    tables = {}
    for C in C_VALUES:
        table = like[["recording", "start_s", "end_s"]].copy()
        for label in sorted(set(train["label"]) - {NONE}):
            regression = LogisticRegression(C=C, class_weight="balanced", max_iter=1000)
            regression.fit(scaler.transform(learned), truth == label)
            odds = {
                recording: regression.decision_function(scaler.transform(of_heard[f"{recording}.wav"]))
                for recording in like["recording"].unique()
            }
            table[label] = [
                window_maximum(odds[recording], start_s, end_s)
                for recording, start_s, end_s in zip(like["recording"], like["start_s"], like["end_s"], strict=True)
            ]
        tables[C] = table
    return tables, seconds * 3600 / (len(heard) * field.duration_s)


def _embed(python: Path, sounds: Path, names: list[str], hop_s: float) -> tuple[dict[str, np.ndarray], float]:
    """BirdNET's embeddings of files, shape (windows, 1024) each, and the processor time, s."""
    target = sounds / "embeddings.npz"
    paths = [str(sounds / name) for name in names]
    seconds = run_in_environment(python, ["benchmarks.birdnet_windows", str(target), str(hop_s), *paths])
    return dict(np.load(target)), seconds


def window_maximum(odds: np.ndarray, start_s: float, end_s: float) -> float:
    """The highest of BirdNET's windows that lie within a window, with half a step to spare at its end."""
    first = int(np.ceil(start_s / HOP_S - 1e-6))
    last = int(np.floor((end_s - WINDOW_S) / HOP_S + 0.5))
    return float(odds[first : max(last, first) + 1].max())
