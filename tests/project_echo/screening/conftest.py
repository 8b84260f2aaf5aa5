"""Recordings in folders, and what is needed to screen them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from project_echo.models.card import HEAD, read_card, write_card
from project_echo.models.head import Linear, Logistic, write_head
from project_echo.screening.screen import screen
from tests.conftest import LABELS, compare_halves
from tests.sounds import FEATURES, hiss, tone, write_wav

RATE = FEATURES.sample_rate
LOW, HIGH = tone(250, 1, RATE), tone(3000, 1, RATE)
QUIET = hiss(1, RATE, 0.05)
Arguments = dict[str, Any]  # of screen()
Make = Callable[..., Arguments]


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
def arguments(recordings: Path, by_pitch_or_none: Path, tmp_path: Path) -> Make:
    """Make arguments of screen(): the fixtures' paths and one job, and some of them changed."""

    def make(**changes: Any) -> Arguments:
        usual = {"recordings": [recordings], "model": by_pitch_or_none, "output": tmp_path / "results", "jobs": 1}
        return usual | changes

    return make


@pytest.fixture(scope="session")
def by_level(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A classifier that hears low and high tones each by itself, also at the same time, in slices of half a second."""
    folder = compare_halves(tmp_path_factory.mktemp("classifier"), LABELS, [0.3, -0.3], [0, 0], [0.5, 0.5], slices=3)
    write_head(Logistic(Linear(np.eye(2), np.full(2, -30.0))), folder / HEAD)  # a tone is 40 steps, half of one is 20
    card = read_card(folder)
    write_card(folder, card.labels, card.features, card.pooling, {}, thresholds=card.thresholds)
    return folder


def overlapping_tones() -> np.ndarray:
    """Six seconds with a low tone from 1 to 3 s and a high one from 2 to 4.5 s, shape (n,), float32."""
    samples = np.zeros(6 * RATE, np.float32)
    samples[RATE : 3 * RATE] += tone(250, 2, RATE)
    samples[2 * RATE : 9 * RATE // 2] += tone(3000, 2.5, RATE)
    return samples


def tables(output: Path) -> dict[str, bytes]:
    """Contents of every file that a run wrote for people, by its relative path."""
    return {
        str(path.relative_to(output)): path.read_bytes()
        for path in sorted(output.rglob("*"))
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(output).parts)
    }


@pytest.fixture(scope="session")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 60 recordings of ten seconds: enough work to kill a run in."""
    folder = tmp_path_factory.mktemp("many")
    draw = np.random.default_rng(1)
    for number in range(60):
        sound = np.concatenate([[LOW, HIGH, QUIET][index] for index in draw.integers(0, 3, 10)])
        write_wav(folder / f"site{number % 3}" / f"20240501_00{number:02}00.wav", sound, RATE)
    return folder


@pytest.fixture(scope="session")
def undisturbed(many: Path, by_pitch_or_none: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What a run over `many` writes if nothing stops it (with `many_arguments`)."""
    output = tmp_path_factory.mktemp("undisturbed")
    screen(**many_arguments(many, by_pitch_or_none, output))
    return tables(output)


def many_arguments(many: Path, model: Path, output: Path) -> Arguments:
    """Arguments of a screening of `many`, with several windows a second, an export and embeddings."""
    usual = {"recordings": [many], "model": model, "output": output, "jobs": 1}
    return {**usual, "hop_seconds": 0.1, "formats": ["raven"], "embeddings": True}


def many_options(many: Path, model: Path, output: Path, jobs: int) -> list[str]:
    """The same arguments for the command line, but for the number of jobs."""
    usual = [str(many), "--model", str(model), "--output", str(output), "--hop", "0.1", "--format", "raven"]
    return ["predict", *usual, "--embeddings", "--jobs", str(jobs)]


def done(output: Path) -> int:
    """How many recordings are done."""
    return len(list((output / ".journal").glob("[!.]*.embeddings.npy")))


def wait_for_both_workers(scheduler: str) -> None:
    """Wait until the cluster at `scheduler` has replaced a worker that died."""
    distributed = pytest.importorskip("distributed", reason="pip install distributed")
    with distributed.Client(scheduler, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=120)
