"""Classifiers with known answers for tests that predict, and a browser for tests of pages."""

import os
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from playwright.sync_api import Browser

from project_echo.features.config import LOUDEST
from project_echo.features.librosa_filters import compute_mel_filters
from project_echo.features.mel_filters import write_mel_filters
from project_echo.models import classifier
from project_echo.models.card import BACKBONE, FILTERS, HEAD, CalibrationSources, Threshold, write_card
from project_echo.models.embedding import steps
from project_echo.models.head import Dense, Linear, Logistic, write_head
from project_echo.models.litert_file import Int8Graph
from project_echo.models.pooling import Pooling
from tests.browser import chromium
from tests.sounds import FEATURES

# Started last, they would delay the end of the run.
LONGEST = ["test_same_bytes.py", "test_pipeline.py", "test_interrupted.py"]
LONGEST += ["test_story.py", "test_train.py", "test_wheel.py"]
LONGEST += ["test_pretrained.py", "test_screen.py", "test_export.py", "test_training.py"]
LABELS = ["<b>low & slow</b>", "high pitched"]  # with characters that HTML and file names must escape

# Hypothesis' limit of 200 ms per example is too little on a busy machine. CI tries the same examples every time, so
# that it fails because of a change; other runs search on, with `--hypothesis-profile search` at length.
settings.register_profile(
    "any machine", deadline=None, derandomize="CI" in os.environ, max_examples=12 if "CI" in os.environ else 100
)
settings.register_profile("search", deadline=None, max_examples=5000)
settings.load_profile("any machine")


def at_most(n_examples: int) -> settings:
    """Of a property whose examples take long: half as many as of others, and never more."""
    return settings(max_examples=min(n_examples, settings.default.max_examples // 2))


def pytest_configure() -> None:
    """Let Ctrl-C reach the programs that tests start: a shell that runs tests in the background has it ignored."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start the longest files first; workers take files in this order (--no-loadscope-reorder). CI skips slow tests."""
    if "CI" in os.environ:
        for item in items:
            if item.get_closest_marker("slow"):
                item.add_marker(pytest.mark.skip(reason="CI has no time for it, `make test` has"))
    items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST))


@pytest.fixture(scope="session")
def by_pitch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A saved classifier that compares the lower half of the mel bands with the upper; it needs no training.

    It is one as the study's: probabilities add up to 1, nothing is rejected, windows are not divided.
    """
    return compare_halves(tmp_path_factory.mktemp("classifier"), LABELS, [0.09, -0.09], [0.0, 0.0])


@pytest.fixture(scope="session")
def by_pitch_or_none(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with independent labels, thresholds and three slices of half a second in a window of one.

    Neither label is heard in sound that is about equally loud in both halves.
    """
    folder = tmp_path_factory.mktemp("classifier")
    return compare_halves(folder, LABELS, [0.3, -0.3], [-3.0, -3.0], thresholds=[0.5, 0.5], slices=3)


def compare_halves(
    folder: Path,
    labels: Sequence[str],
    per_db: Sequence[float],
    bias: Sequence[float],
    thresholds: Sequence[float] | None = None,
    slices: int = 1,
    sources: int | None = None,
) -> Path:
    """Save a classifier whose logits are the level of the lower half above the upper, dB, times `per_db`, plus `bias`.

    With `thresholds` each label has a logistic regression of its own, without them all share a softmax.
    """
    graph = Int8Graph()
    image = graph.input("spectrogram", (1, *FEATURES.image_shape), 1 / LOUDEST)
    unit = 3.0  # of activation; an image is -1 to 1, and an activation 0 to 6
    first_channel = unit * np.array([1.0, 0, 0]).reshape(1, 1, 1, 3)
    same_steps = (0.0, 255 * unit / LOUDEST)
    tap = graph.convolution(
        "tap", image, first_channel, np.array([unit]), same_steps, depthwise=False, stride=1, relu6=False
    )
    (folder / BACKBONE).write_bytes(graph.serialize(image, [tap]))
    write_mel_filters(compute_mel_filters(FEATURES), folder / FILTERS)
    halves = Pooling(blocks=("last",), bands=(2,), slices=slices, std=False, sqrt=False)
    db_per_step = FEATURES.top_db / (2 * unit * steps(halves))
    linear = Linear(db_per_step * np.array([per_db, np.negative(per_db)]), np.array(bias))
    head = Logistic(linear) if thresholds else Dense(np.zeros(2), np.ones(2), None, linear)
    write_head(head, folder / HEAD)
    write_card(
        folder,
        labels,
        FEATURES,
        halves,
        {},
        thresholds=[Threshold(value, value, value) for value in thresholds] if thresholds else None,
        calibrated_on=CalibrationSources(sources=sources, false_positive_rate=0.05, note="few") if sources else None,
    )
    assert classifier.load_classifier(folder).labels == tuple(labels)
    return folder


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser per worker. While it is open, `asyncio.run` fails in this process: Playwright's loop is running."""
    with chromium() as launched:
        yield launched
