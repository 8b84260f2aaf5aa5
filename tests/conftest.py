"""Classifiers with known answers for tests that predict, and a browser for tests of pages."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from playwright.sync_api import Browser

from project_echo.features.config import LOUDEST
from project_echo.features.librosa_filters import compute_mel_filters
from project_echo.features.mel_filters import write_mel_filters
from project_echo.models import classifier
from project_echo.models.card import BACKBONE, FILTERS, HEAD, CalibrationSources, write_card
from project_echo.models.embedding import STEPS
from project_echo.models.head import Dense, Linear, write_head
from project_echo.models.litert_file import Int8Graph
from project_echo.models.pooling import Pooling
from tests.browser import chromium
from tests.sounds import FEATURES

# Started last, they would delay the end of the run.
LONGEST = ("test_same_bytes.py", "test_pipeline.py", "test_interrupted.py")
LABELS = ["<b>low & slow</b>", "high pitched"]  # with characters that HTML and file names must escape

# Hypothesis' limit of 200 ms per example is too little on a busy machine. CI tries the same examples every time, so
# that it fails because of a change; other runs search on, with `--hypothesis-profile search` at length.
settings.register_profile("any machine", deadline=None, derandomize="CI" in os.environ)
settings.register_profile("search", deadline=None, max_examples=5000)
settings.load_profile("any machine")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start the longest files first; workers take files in this order (--no-loadscope-reorder)."""
    items.sort(key=lambda item: item.path.name not in LONGEST)


@pytest.fixture(scope="session")
def by_pitch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A saved classifier that compares the lower half of the mel bands with the upper; it needs no training."""
    return compare_halves(tmp_path_factory.mktemp("classifier"), LABELS, [0.03, -0.03], [0.0, 0.0])


@pytest.fixture(scope="session")
def by_pitch_or_none(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with `none`: the answer for sound that is about equally loud in both halves."""
    folder = tmp_path_factory.mktemp("classifier")
    return compare_halves(folder, [*LABELS, "none"], [0.1, -0.1, 0.0], [0.0, 0.0, 3.0], threshold=0.5)


def compare_halves(
    folder: Path,
    labels: list[str],
    low: list[float],
    bias: list[float],
    threshold: float | None = None,
    sources: tuple[int, int] | None = None,
) -> Path:
    """Save a classifier whose logits are the level difference of the halves, in dB, times three `low`, plus `bias`."""
    graph = Int8Graph()
    image = graph.input("spectrogram", (1, *FEATURES.image_shape), 1 / LOUDEST)
    first_channel = np.array([1.0, 0, 0]).reshape(1, 1, 1, 3)
    same_steps = (-128 / LOUDEST, 1.0)
    tap = graph.convolution(
        "tap", image, first_channel, np.zeros(1), same_steps, depthwise=False, stride=1, relu6=False
    )
    (folder / BACKBONE).write_bytes(graph.serialize(image, [tap]))
    write_mel_filters(compute_mel_filters(FEATURES), folder / FILTERS)
    halves = Pooling(blocks=("last",), bands=(2,), std=False, sqrt=False)
    weights = 3 * FEATURES.top_db / 2 * np.array([low, np.negative(low)])  # an image is -1 to 1
    write_head(Dense(np.zeros(2), np.full(2, STEPS), None, Linear(weights, np.array(bias))), folder / HEAD)
    rests_on = None
    if sources:
        rests_on = CalibrationSources(sources=sources[0], background_sources=sources[1], note="few")
    write_card(folder, labels, FEATURES, halves, {}, threshold=threshold, calibrated_on=rests_on)
    assert classifier.load_classifier(folder).labels == tuple(labels)
    return folder


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser per worker. While it is open, `asyncio.run` fails in this process: Playwright's loop is running."""
    with chromium() as launched:
        yield launched
