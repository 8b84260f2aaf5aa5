"""A screening of recordings with names as people and attackers give them, and the review made of it."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from project_echo.features.config import Features
from project_echo.models.classifier import Classifier
from project_echo.review import command
from project_echo.screening.command import Options, predict
from tests.sounds import FEATURES, hiss, tone, write_wav

RATE = FEATURES.sample_rate
LOW, HIGH, QUIET = tone(250, 1, RATE), tone(3000, 1, RATE), hiss(1, RATE, 0.05)
LABELS = ("<b>low & slow</b>", "high pitched", "none")
RECORDINGS = {
    "pond/20240501_053000.wav": [LOW, LOW, QUIET, HIGH],
    "pond/<img src=x onerror=alert(1)>.wav": [QUIET, LOW, QUIET],
    "north/day 1/=1+2.wav": [HIGH, QUIET, LOW, LOW, LOW],
    "wood/\udcff.wav": [QUIET, HIGH, HIGH, QUIET, HIGH],
}


@pytest.fixture(scope="session")
def screening(by_pitch_or_none: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with recordings/ and the results/ of their screening."""
    folder = tmp_path_factory.mktemp("screening")
    for name, sound in RECORDINGS.items():
        # soundfile writes no name that is not UTF-8
        write_wav(folder / "a.wav", np.concatenate(sound), RATE)
        (folder / "recordings" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "a.wav").rename(folder / "recordings" / name)
    predict(options(folder / "recordings", by_pitch_or_none, folder / "results"))
    return folder


def options(recordings: Path, model: Path, output: Path) -> Options:
    return Options([recordings], model, output, 0.5, 0.25, [], 0, None, None, 1, "", True)


@pytest.fixture(scope="session")
def made(screening: Path, by_pitch_or_none: Path) -> Path:
    """The review of it. Not to be changed."""
    command.review(screening / "results", by_pitch_or_none, screening / "review", 1)
    return screening / "review"


@pytest.fixture
def own(screening: Path, by_pitch_or_none: Path, tmp_path: Path) -> Path:
    """A screening that may be changed."""
    shutil.copytree(screening / "recordings", tmp_path / "recordings")
    predict(options(tmp_path / "recordings", by_pitch_or_none, tmp_path / "results"))
    return tmp_path


Answered = Callable[..., Path]


@pytest.fixture
def answered(made: Path, tmp_path: Path) -> Answered:
    """Write an export in which events, by their numbers, are answered: (verdict, label)."""

    def write(answers: dict[int, tuple[str, str]], name: str = "labels.csv") -> Path:
        table = pd.read_csv(made / "events.csv", dtype=str, keep_default_na=False)
        for event, (verdict, label) in answers.items():
            table.loc[table["event"] == str(event), ["verdict", "reviewed_label"]] = [verdict, label]
        table.to_csv(tmp_path / name, index=False)
        return tmp_path / name

    return write


def unheard(features: Features = FEATURES) -> Classifier:
    """A classifier for pages that screen nothing."""
    return Classifier(LABELS, features, 1.0, None, network=lambda images: images)
