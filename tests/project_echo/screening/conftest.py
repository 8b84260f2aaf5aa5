"""Recordings in folders, and what is needed to screen them."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from project_echo.screening.command import Options
from tests.sounds import FEATURES, hiss, tone, write_wav

RATE = FEATURES.sample_rate
LOW, HIGH = tone(250, 1, RATE), tone(3000, 1, RATE)
QUIET = hiss(1, RATE, 0.05)
FINE = ("--hop", "0.1", "--jobs", "2", "--format", "raven")


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    """A pond and a wood with recordings of three to eight seconds, one of which cannot be used."""
    folder = tmp_path / "recordings"
    pieces = {
        "pond/20240501_053000.wav": [LOW, LOW, QUIET, HIGH],
        "pond/20240501_063000.wav": [QUIET] * 3,
        "wood/REC_20240502_225959.wav": [HIGH, HIGH, QUIET, HIGH, LOW, LOW, LOW, QUIET],
        "wood/=no time.wav": [QUIET, HIGH, QUIET],
    }
    for name, sound in pieces.items():
        write_wav(folder / name, np.concatenate(sound), RATE)
    (folder / "wood" / "broken.wav").write_bytes(b"RIFF")
    return folder


@pytest.fixture
def options(recordings: Path, by_pitch_or_none: Path, tmp_path: Path) -> Callable[..., Options]:
    """What the command line gives without further options, and with some changed."""

    def make(**changes: Any) -> Options:
        usual: dict[str, Any] = {
            "recordings": [recordings],
            "model": by_pitch_or_none,
            "output": tmp_path / "results",
            "hop_seconds": None,
            "min_confidence": 0.25,
            "formats": [],
            "clips": 0,
            "zone": None,
            "alerts": None,
            "jobs": 1,
            "scheduler": "",
            "resume": True,
        }
        return Options(**usual | changes)

    return make


def tables(output: Path) -> dict[str, bytes]:
    """Everything that a run wrote for people, by its name."""
    return {
        str(path.relative_to(output)): path.read_bytes()
        for path in sorted(output.rglob("*"))
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(output).parts)
    }


def command(recordings: Path, model: Path, output: Path, *more: str) -> list[str]:
    """The command line of a run in a process of its own."""
    start = [sys.executable, "-m", "project_echo.cli", "predict", str(recordings)]
    return [*start, "--model", str(model), "--output", str(output), *more]


@pytest.fixture(scope="session")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Enough recordings for a run to be stopped in: the last few kills still find it at work."""
    folder = tmp_path_factory.mktemp("many")
    draw = np.random.default_rng(1)
    for number in range(100):
        sound = np.concatenate([[LOW, HIGH, QUIET][index] for index in draw.integers(0, 3, 15)])
        write_wav(folder / f"site{number % 3}" / f"20240501_{number // 60:02}{number % 60:02}00.wav", sound, RATE)
    return folder


@pytest.fixture(scope="session")
def undisturbed(many: Path, by_pitch_or_none: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    output = tmp_path_factory.mktemp("undisturbed")
    subprocess.run(command(many, by_pitch_or_none, output, *FINE), check=True, capture_output=True)
    return tables(output)


def done(output: Path) -> int:
    return len(list((output / ".journal").glob("[!.]*.npy")))


def wait_for_both_workers(scheduler: str) -> None:
    """Of the cluster at `scheduler`, of which one may have died a moment ago."""
    distributed = pytest.importorskip("distributed", reason="pip install project-echo[cluster]")
    with distributed.Client(scheduler, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=120)
