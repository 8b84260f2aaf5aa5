"""A review page with any number of events, for the test of its queue and for benchmarks/review_page.py."""

from pathlib import Path

import numpy as np
import pandas as pd

from project_echo.core import files
from project_echo.models.classifier import Classifier
from project_echo.review.page import render_page
from project_echo.web import spectrogram
from tests.sounds import FEATURES, tone, write_wav

LABELS = ("high pitched", "low pitched", "none")


def write_page(folder: Path, n: int) -> Path:
    """Write a page of `n` events, which all have the same sound; returns the path of its HTML."""
    sound = tone(500, 3, FEATURES.sample_rate)
    write_wav(folder / "media" / "1.wav", sound, FEATURES.sample_rate)
    spectrogram.save(spectrogram.decibels(sound, FEATURES), folder / "media" / "1.png")
    rng, numbers = np.random.default_rng(1), np.arange(n)
    events = pd.DataFrame(
        {
            "event": numbers + 1,
            "id": [f"{number:016x}" for number in rng.permutation(n)],
            "recording": [f"disk/site {number % 20}/20240501_{number:06}.wav" for number in numbers],
            "site": [f"site {number % 20}" for number in numbers],
            "source": [f"site {number % 20}" for number in numbers],
            "recorded_at": "2024-05-01T05:30:00",
            "start_s": numbers % 60 * 1.0,
            "end_s": numbers % 60 + 2.0,
            "label": [LABELS[number % 2] for number in numbers],
            "mean_confidence": rng.uniform(0.3, 1, n).round(6),
            "peak_confidence": 1.0,
            "windows": "1",
            "media": "media/1.wav",
            "cut_s": 3.0,
            "reason": "",
        }
    )
    trained = Classifier(LABELS, FEATURES, 1.0, None, network=lambda images: images)
    files.write_text(render_page(events, trained, f"{n} events"), folder / "index.html")
    return folder / "index.html"
