"""How fast the review page opens, scrolls, orders its queue and takes answers, by number of events, in Chromium.

    python -m benchmarks.review_page [--events 20 200 2000 5000] [--runs 5]

Prints a Markdown table with medians. A page is open when its first event is shown. For scrolling (by the wheel), for
keys and for the orders by sound, when they are chosen first, it is the longest time that one step keeps the page from
drawing, as CPU time of its main thread, so that other work on the machine does not count. Keys are measured in
"least sure, spread over recordings", too. People notice a delay of more than 100 ms.

References
----------
J. Nielsen, "Usability Engineering", 1993, section 5.5.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from playwright.sync_api import Browser, Page

from benchmarks import ROOT
from benchmarks.browser import chromium, offline_page
from benchmarks.measure import describe_machine
from project_echo.core import files
from project_echo.features.config import Features
from project_echo.features.librosa_filters import compute_mel_filters
from project_echo.features.melspectrogram import MelSpectrogram
from project_echo.models.classifier import Classifier
from project_echo.models.embedder import PooledEmbedder
from project_echo.models.projection import DIMENSIONS
from project_echo.pipeline.params import load_params
from project_echo.reviews import page_sound
from project_echo.reviews.page import render_page
from project_echo.reviews.vectors import encode_vectors
from project_echo.web import spectrogram

LABELS = ("high pitched", "low pitched", "none")
DRAWN = "() => new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)))"
KEYS = "aasjku"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, nargs="+", default=[20, 200, 2000, 5000], help="numbers of events")
    parser.add_argument("--runs", type=int, default=5, help="runs of each (default 5)")
    arguments = parser.parse_args()
    print(f"{describe_machine()}\n")
    print(
        "| events | opens in, ms | longest step of the wheel, ms | longest key, ms | like this one, ms | spread, ms |"
    )
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        for n_events in arguments.events:
            html = write_page(Path(folder) / str(n_events), n_events)
            runs = [measure_page(browser, html) for _ in range(arguments.runs)]
            cells = [f"{statistics.median(values):.0f}" for values in zip(*runs, strict=True)]
            print(f"| {n_events} | {' | '.join(cells)} |", flush=True)


def write_page(folder: Path, n_events: int) -> Path:
    """Write a review page of events that all have the same sound; returns the path of its HTML."""
    features = load_params("features", Features, ROOT / "params.yaml")
    time_s = np.arange(3 * features.sample_rate) / features.sample_rate
    tone = 0.3 * np.sin(2 * np.pi * 500 * time_s)
    files.write_sound(tone, features.sample_rate, folder / "media" / "1.wav")
    sound = page_sound.encode((tone * 2**15).astype(np.int16), features.sample_rate)
    files.write_text(page_sound.script("1", sound), folder / "media" / "1.js")
    mel_spectrogram = MelSpectrogram(features, compute_mel_filters(features))
    spectrogram.save(spectrogram.decibels(tone, mel_spectrogram), folder / "media" / "1.png")
    rng, numbers = np.random.default_rng(1), np.arange(n_events)
    events = pd.DataFrame(
        {
            "event": numbers + 1,
            "id": [f"{number:016x}" for number in rng.permutation(n_events)],
            "recording": [f"disk/site {number % 20}/20240501_{number:06}.wav" for number in numbers],
            "site": [f"site {number % 20}" for number in numbers],
            "source": [f"site {number % 20}" for number in numbers],
            "recorded_at": "2024-05-01T05:30:00",
            "start_s": numbers % 60 * 1.0,
            "end_s": numbers % 60 + 2.0,
            "label": [LABELS[number % 2] for number in numbers],
            "mean_confidence": rng.uniform(0.3, 1, n_events).round(6),
            "peak_confidence": rng.uniform(0.3, 1, n_events).round(6),
            "windows": "1",
            "media": "media/1.wav",
            "excerpt": "media/1.js",
            "spectrogram": "media/1.png",
            "sample": "",
            "reported": True,
            "excerpt_start_s": numbers % 60 * 1.0,
            "excerpt_duration_s": 3.0,
            "model": "sha256:000000000000",
            "vector": encode_vectors([*rng.standard_normal((n_events, DIMENSIONS))]),
            "probabilities": [dict(zip(LABELS, values, strict=False)) for values in rng.random((n_events, 2)).tolist()],
            "reason": "",
        }
    )
    embedder = PooledEmbedder(mel_spectrogram, network=None, pooling=None)  # type: ignore[arg-type]  # the page predicts nothing
    trained = Classifier(LABELS, 1.0, None, embedder, head=None, folder=Path())  # type: ignore[arg-type]
    files.write_text(render_page(events, trained, f"{n_events} events"), folder / "index.html")
    return folder / "index.html"


def measure_page(browser: Browser, html: Path) -> tuple[float, ...]:
    """Milliseconds to open a page, for the longest step of the wheel, for the longest key, and for each order."""
    start = time.monotonic()
    with offline_page(browser) as page:
        page.goto(html.resolve().as_uri())
        page.wait_for_selector("[role=option][aria-selected=true]")
        opened_s = time.monotonic() - start
        page.hover("#event-list")
        wheel_ms = longest_step_ms(page, [partial(page.mouse.wheel, 0, 1500)] * 60)
        keys_ms = longest_step_ms(page, [partial(page.keyboard.press, key) for key in KEYS])
        orders_ms = [
            longest_step_ms(page, [partial(page.select_option, "#order", order)]) for order in ("similar", "spread")
        ]
        ordered_ms = longest_step_ms(page, [partial(page.keyboard.press, key) for key in KEYS])
    return 1000 * opened_s, wheel_ms, max(keys_ms, ordered_ms), *orders_ms


def longest_step_ms(page: Page, steps: Sequence[Callable[[], object]]) -> float:
    """CPU time of the page's main thread in the longest of some steps, ms."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def busy_s() -> float:
        page.evaluate(DRAWN)
        metrics = session.send("Performance.getMetrics")["metrics"]
        return float(next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration"))

    readings = [busy_s()]
    for step in steps:
        step()
        readings.append(busy_s())
    return 1000 * float(np.diff(readings).max())


if __name__ == "__main__":
    main()
