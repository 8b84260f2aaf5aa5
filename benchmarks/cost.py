"""What an hour of sound costs, for the tables of accuracy.py and field.py."""

import resource
import statistics
import subprocess
import time
from pathlib import Path

import numpy as np

from benchmarks import ROOT
from project_echo.features.config import read_features
from project_echo.features.mel_filters import read_mel_filters
from project_echo.features.melspectrogram import MelSpectrogram
from project_echo.models.card import FILTERS
from project_echo.models.embedder import Embedder, load_embedder
from project_echo.models.pooling import read_pooled
from project_echo.models.windows import predict_windows

MINUTES, RUNS = 3, 3


def seconds_per_hour(embedder: Embedder, hop_s: float) -> float:
    """Processor time of one hour of sound, from samples to embeddings, s; the median of some runs."""
    features = embedder.spectrogram.features
    samples = np.random.default_rng(1).normal(0, 0.1, MINUTES * 60 * features.sample_rate).astype(np.float32)
    blocks = np.array_split(samples, MINUTES)

    def embed(stretch: np.ndarray, starts: np.ndarray) -> np.ndarray:
        return embedder.embed(embedder.windows(stretch, starts))

    seconds = []
    for _ in range(RUNS):
        start = time.process_time()
        predict_windows(blocks, features, embed, hop_s)
        seconds.append(time.process_time() - start)
    return statistics.median(seconds) * 60 / MINUTES


def read_embedder(backbone: Path, images: Path, vectors: Path) -> Embedder:
    """The embedder of the pipeline, from the folders of backbone, spectrograms and embeddings."""
    features = read_features(images / "features.json")
    spectrogram = MelSpectrogram(features, read_mel_filters(images / FILTERS, features))
    return load_embedder(backbone, spectrogram, read_pooled(vectors / "embeddings.json").pooling)


def run_in_environment(python: Path, arguments: list[str]) -> float:
    """Run a module with another Python, without its warnings; returns its processor time, s."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([str(python), "-m", *arguments], cwd=ROOT, check=True, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
