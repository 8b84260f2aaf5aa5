"""Time and memory of each stage by size of the corpus, from the recordings to the trained classifier.

    python -m benchmarks.scale [--clips 100 1000 10000] [--weights models/backbone/mobilenet_v2.weights.h5]

Makes corpora of noise with tones: four labels, two kinds of background, each recording a source of its own with ten
clips. The default split needs 13 sources per label, so there are at least 100 recordings, and 100 clips are one from
each. Runs the commands of dvc.yaml in a clone of the last commit, without DVC, which would store everything a second
time. Prints a Markdown table. Memory is the peak of all processes of a stage together (benchmarks/measure.py). The
files of 10 000 clips take 20 GB in the temporary folder (TMPDIR) while this runs.
"""

import argparse
import shlex
import sys
from pathlib import Path

import numpy as np
import soundfile

from benchmarks.clones import clone_repository, edit_yaml
from benchmarks.measure import describe_machine, measure_command
from project_echo.core import files
from project_echo.core.seeds import generator

SAMPLE_RATE = 22_050  # Hz
CLIP_S = 5.0
MIN_RECORDINGS = 100
FOLDERS = ["boar", "fox", "frog", "toad", "none/rain", "boar", "fox", "frog", "toad", "none/wind"]  # in turn
PITCHES_HZ = {"boar": 200, "fox": 800, "frog": 2500, "toad": 600}
STAGES = ["collect", "extract", "segment", "spectrograms", "split", "embed", "crossval", "train"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=int, nargs="+", default=[100, 1000, 10_000], help="sizes of the corpora")
    parser.add_argument("--weights", default="imagenet", help="backbone.weights of params.yaml (default imagenet)")
    arguments = parser.parse_args()
    if any(n_clips < MIN_RECORDINGS or n_clips % MIN_RECORDINGS for n_clips in arguments.clips):
        parser.error(f"--clips: give multiples of {MIN_RECORDINGS}")
    measurements = {n_clips: measure_stages(n_clips, arguments.weights) for n_clips in arguments.clips}
    print(f"{describe_machine()}\n")
    print(f"| stage | {' | '.join(f'{n_clips} clips: s, s per 1000, MB' for n_clips in measurements)} |")
    print("|---" * (len(measurements) + 1) + "|")
    for stage in STAGES:
        cells = []
        for n_clips, by_stage in measurements.items():
            seconds, peak = by_stage[stage]
            cells.append(f"{seconds:.1f}, {1000 * seconds / n_clips:.1f}, {peak / 1e6:.0f}")
        print(f"| {stage} | {' | '.join(cells)} |")


def measure_stages(n_clips: int, weights: str) -> dict[str, tuple[float, int]]:
    """Seconds and peak memory in bytes of each stage, on a corpus of `n_clips` clips."""
    n_recordings = max(MIN_RECORDINGS, n_clips // 10)
    with clone_repository() as clone:
        corpus = clone.parent / "corpus"
        make_corpus(corpus, n_recordings, n_clips // n_recordings)
        changes = {
            "collect.corpus": str(corpus),
            "segment.hop_s": CLIP_S,
            "segment.max_per_recording": n_clips // n_recordings,
            "backbone.weights": weights if weights == "imagenet" else str(Path(weights).resolve()),
        }
        edit_yaml(clone / "params.yaml", changes)
        stages = files.read_yaml(clone / "dvc.yaml")["stages"]
        measure_stage(stages["backbone"]["cmd"], clone)
        return {stage: measure_stage(stages[stage]["cmd"], clone) for stage in STAGES}


def measure_stage(command: str, clone: Path) -> tuple[float, int]:
    """Seconds and peak memory in bytes of a stage's command, `python ...`."""
    _, *arguments = shlex.split(command)
    seconds, peak = measure_command([sys.executable, *arguments], clone)
    print(f"{command}: {seconds:.1f} s, {peak / 1e6:.0f} MB", file=sys.stderr)
    return seconds, peak


def make_corpus(folder: Path, n_recordings: int, clips_per_recording: int) -> None:
    """Write recordings of noise, those of animals with a tone that comes and goes.

    Parameters
    ----------
    folder : Path
        Gets a folder per label, and none/ with a folder per kind of background.
    n_recordings : int
    clips_per_recording : int
        Sets the length of a recording.
    """
    for number in range(n_recordings):
        kind = FOLDERS[number % len(FOLDERS)]
        rng = generator(1, "scale", number)
        n_samples = round(clips_per_recording * CLIP_S * SAMPLE_RATE)
        samples = rng.uniform(0.005, 0.05) * rng.standard_normal(n_samples, dtype=np.float32)
        if kind in PITCHES_HZ:
            time_s = np.arange(n_samples, dtype=np.float32) / SAMPLE_RATE
            pitch_hz = PITCHES_HZ[kind] * rng.uniform(0.8, 1.25)
            is_calling = np.sin(2 * np.pi * rng.uniform(0.5, 2) * time_s) > 0
            samples += rng.uniform(0.02, 0.2) * np.sin(2 * np.pi * pitch_hz * time_s) * is_calling
        path = folder / kind / f"{number:05d}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, np.clip(samples, -1, 1), SAMPLE_RATE, subtype="PCM_16")


if __name__ == "__main__":
    main()
