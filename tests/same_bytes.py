"""Run the pipeline and a screening in the current folder, in this process alone, and print a digest of every file.

python -m tests.same_bytes [--emulated]

So the whole of it can be emulated: what an emulated process starts is not, but for ffmpeg (`IMAGEIO_FFMPEG_EXE`).
`--emulated` leaves out the stages that score and draw: beside what the others run as well, only NumPy, BLAS and glibc
choose code by the processor there, and these can be made to believe in another one at full speed. Training calibrates
on the probabilities in data/crossval.csv, which are an input then.
"""

import importlib
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import soundfile
import yaml
from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__
from threadpoolctl import threadpool_info

import project_echo
from project_echo.core import files
from project_echo.core.tables import read_table, write_table
from project_echo.datasets.copies import plan_copies
from project_echo.datasets.view_sounds import make_views, plan_views
from project_echo.features.augmentation import Augmentation
from project_echo.features.config import Features
from project_echo.models import mobilenet_v2
from project_echo.models.pooling import Pooling
from project_echo.models.thresholds import COLUMNS, TABLE
from project_echo.pipeline.params import load_params
from project_echo.screening.output import JOURNAL, LOCK
from stages import collect, embed, extract, segment, spectrograms, split, train
from tests import sounds

ROOT = Path(__file__).parents[1]
CORPUS, WEIGHTS, PARAMS = Path("sounds"), Path("weights.npz"), Path("params.yaml")  # the inputs
PREDICTIONS = Path("data/crossval.csv")
CHANNELS = (16, 24, 32, 64, 96, 160, 320)  # of MobileNetV2's blocks: of the first, then of each group
RATE, OTHER_RATE = 16000, 48000  # Hz, of the pipeline and of most recorders
SMALL = {
    "collect": {"corpus": str(CORPUS), "folder": str(CORPUS)},
    "features": {
        "sample_rate": RATE,
        "window_s": 1.0,
        "n_fft": 256,
        "win_length": 512,
        "hop_length": 200,
        "n_mels": 64,
        "fmax": RATE / 2,
    },
    "segment": {"hop_s": 0.5},
    "augmentation": {"copies": 2, "reverberation_s": [0.05, 0.2]},
    "split": {"train": 2, "validation": 1, "test": 1},
    "embed": {"bands": [4, 4, 4], "slices": 2},
    "crossval": {"draws": 2, "train_sizes": []},
    "field": {"folds": 2, "recordings": 1, "duration_s": 30.0, "hop_s": 1.0},
    "infer": {"hop_s": 0.5},
}


def prepare(folder: Path) -> None:
    """Write recordings in several formats, parameters, and weights of a network that has learned nothing."""
    write_corpus(folder / CORPUS)
    params = files.read_yaml(ROOT / PARAMS)
    for section, values in SMALL.items():
        params[section] |= values
    files.write_text(yaml.safe_dump(params), folder / PARAMS)
    files.write_arrays(random_weights(), folder / WEIGHTS)
    write_table(pd.DataFrame(columns=list(COLUMNS)), folder / TABLE)


def write_corpus(folder: Path) -> None:
    """Chirps of two animals and two kinds of background, four sources of each, and two unseen recordings.

    One source of each is decoded or resampled by ffmpeg, which takes a second to start where it is emulated. It has two
    windows, the others have one.
    """
    draw = np.random.default_rng(1)
    kinds = {"frog": (700, 0.3), "toad": (2500, 0.05), "none/hum": (120, 0.0), "none/rain": (0, 0.0)}
    for (kind, (hz, depth)), suffix in zip(kinds.items(), (".wav", ".flac", ".mp3", ".ogg"), strict=True):
        write(folder / kind / f"0{suffix}", chirps(hz, depth, 1.6, draw, OTHER_RATE), OTHER_RATE)
        for source in range(1, 4):
            write(folder / kind / f"{source}.wav", chirps(hz * draw.uniform(0.9, 1.1), depth, 1.2, draw, RATE), RATE)
    for name, hz in (("long.m4a", 700), ("night.opus", 2500)):
        write(folder / "unseen" / name, chirps(hz, 0.2, 2.0, draw, OTHER_RATE), OTHER_RATE)


def chirps(hz: float, depth: float, seconds: float, draw: np.random.Generator, rate: int) -> np.ndarray:
    """Tones whose pitch sways by `depth` of it, in noise, shape (n, 2), float64."""
    time = np.arange(round(rate * seconds)) / rate
    phase = 2 * np.pi * hz * (time + depth * np.sin(6 * np.pi * time) / (6 * np.pi))
    calls = 0.3 * np.sin(phase) * np.sin(4 * np.pi * time) ** 2
    noise: np.ndarray = 0.05 * draw.standard_normal((len(time), 2))
    return calls[:, np.newaxis] + noise


def write(path: Path, samples: np.ndarray, rate: int) -> None:
    """Encode samples of shape (n, 2) in the format of the suffix; WAV has 24 bits."""
    path.parent.mkdir(parents=True, exist_ok=True)
    wav = path.with_suffix(".wav")
    soundfile.write(wav, samples, rate, subtype="PCM_24")
    if path != wav:
        sounds.ffmpeg("-i", str(wav), str(path))
        wav.unlink()


def random_weights() -> dict[str, np.ndarray]:
    """Kernels and batch normalizations of all layers, float32, under which activations stay in their ranges."""
    draw = np.random.default_rng(1)
    arrays: dict[str, np.ndarray] = {}
    widths = iter(np.repeat(CHANNELS, [1, *(n_blocks for n_blocks, _ in mobilenet_v2.GROUPS)]).tolist())
    inside = 3
    for layer in mobilenet_v2.layers():
        if layer.kind == "add":
            continue
        if layer.kind == "depthwise":
            outside, shape = inside, (3, 3, inside, 1)
        elif layer.name.endswith("_project"):
            outside = next(widths)
            shape = (1, 1, inside, outside)
        else:
            outside = {"Conv1": 32, "Conv_1": 1280}.get(layer.name, 6 * inside)
            shape = (*((3, 3) if layer.name == "Conv1" else (1, 1)), inside, outside)
        fan_in = np.prod(shape[:3]) if layer.kind == "convolution" else 9
        normalization = [draw.uniform(0.7, 1.5, outside), draw.uniform(-0.5, 1, outside)]  # gamma, beta
        normalization += [draw.normal(0, 0.2, outside), draw.uniform(0.5, 2, outside)]  # mean, variance
        arrays[f"{layer.name}.0"] = draw.normal(0, np.sqrt(2 / fan_in), shape).astype(np.float32)
        for number, values in enumerate(normalization):
            arrays[f"{layer.normalization}.{number}"] = values.astype(np.float32)
        inside = outside
    return arrays


def build_backbone(weights: Path, path: Path) -> None:
    """Write the frozen backbone as the backbone stage does, from arrays instead of a Keras model."""
    arrays = files.read_arrays(weights)

    def get_layer(name: str) -> SimpleNamespace:
        named = [arrays[key] for key in arrays if key.rsplit(".", 1)[0] == name]
        return SimpleNamespace(get_weights=lambda: named, epsilon=1e-3)

    folded = mobilenet_v2.fold(SimpleNamespace(get_layer=get_layer))
    blocks = load_params("embed", Pooling).blocks
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(mobilenet_v2.build(folded, load_params("features", Features), blocks))


def write_copies(clips: Path, copies: Path) -> None:
    """Write the samples of augmented copies, of which the spectrograms stage keeps the images alone."""
    augmentation = load_params("augmentation", Augmentation)
    table = read_table(clips / "clips.csv")
    for plan in plan_views(table, plan_copies(table, augmentation), read_table(clips / "labels.csv")):
        views, _ = make_views(plan, augmentation, lambda name: files.read_sound(clips / f"{name}.wav"))
        for view, samples in enumerate(views):
            files.write_array(samples, copies / f"{plan.clip}.{view}.npy")


def run(emulated: bool) -> None:
    """Run all stages that need no TensorFlow, but for the report, then screen recordings."""
    data, models, plots, metrics = (Path(name) for name in ("data", "models", "plots", "metrics"))
    backbone, classifier, history = models / "backbone", models / "classifier", plots / "history.csv"
    corpus, audio, clips, images = (data / name for name in ("corpus", "audio", "clips", "spectrograms"))
    embeddings, parts = data / "embeddings", data / "split.csv"
    scores, tested, windows = metrics / "crossval.json", plots / "evaluate/predictions.csv", data / "predictions"

    build_backbone(WEIGHTS, backbone / "backbone.tflite")
    collect.main(corpus)
    extract.main(corpus, audio)
    segment.main(audio, clips)
    write_copies(clips, data / "copies")
    spectrograms.main(clips, images)
    split.main(clips, parts)
    embed.main(clips, images, backbone, embeddings)
    if not emulated:
        run_stage("crossval", images, embeddings, parts, backbone, PREDICTIONS, scores, plots / "crossval")
    train.main(images, embeddings, parts, backbone, PREDICTIONS, Path(TABLE), classifier, history)
    if not emulated:
        run_stage("field", clips, images, embeddings, parts, backbone, metrics / "field.json", plots / "field")
        run_stage("evaluate", classifier, clips, parts, history, metrics / "evaluate.json", plots / "evaluate")
        run_stage("infer", classifier, audio, windows, metrics / "infer.json", plots / "unseen")
        run_stage("explain", classifier, images, embeddings, parts, scores, tested, audio, windows, plots / "why")
    formats = ("audacity", "kaleidoscope", "raven")
    project_echo.screen(CORPUS / "unseen", model=classifier, output="results", formats=formats, clips=1, jobs=1)


def run_stage(name: str, *paths: Path) -> None:
    """Run a stage that draws. Elsewhere Matplotlib is not imported, which takes seconds in an emulator."""
    importlib.import_module(f"stages.{name}").main(*paths)


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every file that was written, by its path; not of the journal, which states when files were changed."""
    inputs = {str(CORPUS), str(WEIGHTS), str(PARAMS)}
    paths = [path.relative_to(folder) for path in sorted(folder.rglob("*")) if path.is_file()]
    return {
        path.as_posix(): files.sha256(folder / path)
        for path in paths
        if not {JOURNAL, LOCK} & set(path.parts) and path.parts[0] not in inputs
    }


def processor() -> dict[str, list[str]]:
    """The instructions that NumPy uses beyond its baseline, and the kernels of the BLAS libraries."""
    return {
        "numpy": [name for name in __cpu_dispatch__ if __cpu_features__[name]],
        "blas": sorted({library["architecture"] for library in threadpool_info() if library["user_api"] == "blas"}),
    }


if __name__ == "__main__":
    output, sys.stdout = sys.stdout, sys.stderr  # to which stages print
    run(emulated="--emulated" in sys.argv)
    json.dump({"processor": processor(), "files": digests(Path.cwd())}, output)
