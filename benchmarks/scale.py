"""How time and memory grow with the corpus: each stage by itself, from the recordings to the trained classifier.

    python -m benchmarks.scale [--clips 100 1000 10000] [--weights models/backbone/mobilenet_v2.weights.h5]

Makes corpora of noise with tones, four labels and two kinds of background, ten clips from each recording, and each
recording a source of its own. The default split needs 13 sources of a label, so there are 100 recordings at least: 100
clips are one from each. Runs the commands of dvc.yaml in a clone of the last commit, without DVC, which would store
everything a second time. Prints a Markdown table. Memory is measured as in pipeline.py. Of 10 000 clips all files
together take 20 GB for as long as it runs (TMPDIR says where).
"""

import argparse
import os
import platform
import shlex
import sys
from pathlib import Path

import numpy as np
import soundfile

from benchmarks import clones
from benchmarks.pipeline import measure
from project_echo.core import files
from project_echo.core.seeds import generator

RATE = 22_050  # Hz
SECONDS = 5.0  # of a clip
RECORDINGS = 100  # at least
FOLDERS = ["boar", "fox", "frog", "toad", "none/rain", "boar", "fox", "frog", "toad", "none/wind"]  # in turn
PITCHES = {"boar": 200, "fox": 800, "frog": 2500, "toad": 600}  # Hz
STAGES = ["collect", "extract", "segment", "spectrograms", "split", "embed", "crossval", "train"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=int, nargs="+", default=[100, 1000, 10_000], help="sizes of the corpora")
    parser.add_argument("--weights", default="imagenet", help="backbone.weights of params.yaml (default imagenet)")
    wanted = parser.parse_args()
    if any(clips < RECORDINGS or clips % RECORDINGS for clips in wanted.clips):
        parser.error(f"--clips: multiples of {RECORDINGS}")
    found = {clips: measured(clips, wanted.weights) for clips in wanted.clips}
    print(f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores\n")
    print(f"| stage | {' | '.join(f'{clips} clips: s, s per 1000, MB' for clips in found)} |")
    print("|---" * (len(found) + 1) + "|")
    for stage in STAGES:
        cells = []
        for clips, figures in found.items():
            seconds, memory = figures[stage]
            cells.append(f"{seconds:.1f}, {1000 * seconds / clips:.1f}, {memory / 1e6:.0f}")
        print(f"| {stage} | {' | '.join(cells)} |")


def measured(clips: int, weights: str) -> dict[str, tuple[float, float]]:
    """Seconds and bytes that each stage takes for so many clips."""
    recordings = max(RECORDINGS, clips // 10)
    with clones.fresh() as place:
        corpus = place.parent / "corpus"
        make(corpus, recordings, clips // recordings)
        changes = {
            "collect.corpus": str(corpus),
            "segment.hop_s": SECONDS,
            "segment.max_per_recording": clips // recordings,
            "backbone.weights": weights if weights == "imagenet" else str(Path(weights).resolve()),
        }
        clones.edit(place / "params.yaml", changes)
        stages = files.read_yaml(place / "dvc.yaml")["stages"]
        run(stages["backbone"]["cmd"], place)
        return {stage: run(stages[stage]["cmd"], place) for stage in STAGES}


def run(command: str, place: Path) -> tuple[float, float]:
    """Seconds and bytes of a stage's command."""
    _, *arguments = shlex.split(command)
    seconds, memory = measure([sys.executable, *arguments], place)
    print(f"{command}: {seconds:.1f} s, {memory / 1e6:.0f} MB", file=sys.stderr)
    return seconds, memory


def make(corpus: Path, recordings: int, clips: int) -> None:
    """Write a folder of recordings, each long enough for so many clips: noise, and of an animal its calls in it."""
    for number in range(recordings):
        folder = FOLDERS[number % len(FOLDERS)]
        draw = generator(1, "scale", number)
        n = round(clips * SECONDS * RATE)
        samples = draw.uniform(0.005, 0.05) * draw.standard_normal(n, dtype=np.float32)
        if folder in PITCHES:
            time = np.arange(n, dtype=np.float32) / RATE
            pitch = PITCHES[folder] * draw.uniform(0.8, 1.25)
            calling = np.sin(2 * np.pi * draw.uniform(0.5, 2) * time) > 0
            samples += draw.uniform(0.02, 0.2) * np.sin(2 * np.pi * pitch * time) * calling
        path = corpus / folder / f"{number:05d}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, np.clip(samples, -1, 1), RATE, subtype="PCM_16")


if __name__ == "__main__":
    main()
