"""Every stage that needs no TensorFlow, and a screening, write the same bytes on every x86-64 processor.

qemu emulates other processors (Debian's package qemu-user) for ffmpeg, soxr, LiteRT and Arrow, which choose code by the
processor themselves. NumPy, BLAS and glibc are made to believe in another processor as well, at full speed, to run
everything.
"""

import json
import os
import platform
import shlex
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from subprocess import PIPE, Popen

import pytest
from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

from project_echo.media import ffmpeg
from tests import same_bytes

pytestmark = [
    pytest.mark.skipif(
        platform.machine() not in {"x86_64", "AMD64"}, reason="other processors than x86-64 add up in other ways"
    ),
    pytest.mark.timeout(1800),  # emulation takes half a minute of both cores, and ten where others need them as well
]
NATIVE = [name for name in __cpu_dispatch__ if __cpu_features__[name]]  # beyond NumPy's baseline
AVX512 = [name for name in NATIVE if name.startswith(("AVX512", "X86_V4"))]
QEMU = shutil.which("qemu-x86_64")
needs_qemu = pytest.mark.skipif(not QEMU, reason="qemu-x86_64 is not installed (Debian's package qemu-user)")


@dataclass(frozen=True)
class Variant:
    """A processor, emulated or pretended, and what NumPy and BLAS take it for."""

    blas: str | None = None
    numpy: set[str] | None = None  # instructions that it lacks
    emulated: str = ""
    environment: dict[str, str] = field(default_factory=dict)


VARIANTS = {
    "native": Variant(),
    # Before AVX: of what the wheels contain, nothing needs more. BLAS has the kernels of the emulated processor, too.
    "Nehalem": Variant("Nehalem", {"AVX", "FMA3", "AVX2"}, emulated="Nehalem"),
    # Before AVX-512.
    "Haswell": Variant("Haswell", {"AVX512F"}, emulated="Haswell"),
    "without AVX-512": Variant(
        "Haswell",
        set(AVX512),
        environment={"NPY_DISABLE_CPU_FEATURES": " ".join(AVX512), "OPENBLAS_CORETYPE": "Haswell"},
    ),
    # glibc has sines, exponentials and logarithms for FMA, by which SciPy's FFT differs in its last bits.
    "baseline of NumPy and glibc": Variant(
        "Nehalem",
        set(NATIVE),
        environment={
            "NPY_DISABLE_CPU_FEATURES": " ".join(NATIVE),
            "OPENBLAS_CORETYPE": "Nehalem",
            "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4,-AVX2_Usable,-FMA_Usable",
        },
    ),
}
if not AVX512:
    del VARIANTS["without AVX-512"]  # the native one is
# What the emulated runs leave out.
DRAWN = (
    "metrics/",
    "data/predictions/",
    *(f"plots/{name}/" for name in ("crossval", "evaluate", "field", "unseen", "why")),
)
# CI emulates the older one of the two, which differs more from the processors that it runs on.
MARKS = {"Nehalem": [needs_qemu], "Haswell": [needs_qemu, pytest.mark.slow]}
OTHERS = [pytest.param(name, marks=MARKS.get(name, ())) for name in VARIANTS if name != "native"]


@dataclass
class Run:
    """A run of tests.same_bytes in a folder of its own."""

    folder: Path
    process: "Popen[str]"

    @cached_property
    def result(self) -> dict:
        """What it printed, when it has ended."""
        output, log = self.process.communicate()
        assert self.process.returncode == 0, log
        return json.loads(output)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Run]]:
    """A run of each variant. The emulated ones, which take half a minute, start when the native one has ended."""
    folder = tmp_path_factory.mktemp("same bytes")
    same_bytes.prepare(folder / "inputs")
    started: dict[str, Run] = {}
    skipped = {"Haswell"} if "CI" in os.environ else set()
    for name, variant in VARIANTS.items():
        if (QEMU or not variant.emulated) and name not in skipped:
            started[name] = start(folder / name, folder / "inputs", variant)
        if name == "native":
            assert started[name].result
            predictions = folder / "inputs" / same_bytes.PREDICTIONS
            predictions.parent.mkdir()
            shutil.copy(folder / name / same_bytes.PREDICTIONS, predictions)
    yield started
    for run in started.values():
        run.process.kill()


def start(folder: Path, inputs: Path, variant: Variant) -> Run:
    shutil.copytree(inputs, folder)
    words = [sys.executable, "-m", "tests.same_bytes"]
    environment = os.environ | variant.environment | {"PYTHONPATH": str(same_bytes.ROOT), "LOKY_MAX_CPU_COUNT": "1"}
    if QEMU and variant.emulated:
        emulator = [QEMU, "-cpu", variant.emulated]
        words = [*emulator, *words, "--emulated"]
        environment["IMAGEIO_FFMPEG_EXE"] = str(emulated_ffmpeg(folder.with_suffix(".ffmpeg"), emulator))
    return Run(folder, Popen(words, cwd=folder, env=environment, stdout=PIPE, stderr=PIPE, text=True))


def emulated_ffmpeg(path: Path, emulator: list[str]) -> Path:
    """A script that runs ffmpeg in the emulator, and leaves a file beside it that says so."""
    used = shlex.quote(str(path.with_suffix(".used")))
    path.write_text(
        f'#!/bin/sh\n: > {used}\nexec {shlex.join([*emulator, ffmpeg.executable()])} "$@"\n', encoding="utf-8"
    )
    path.chmod(0o755)
    return path


@pytest.fixture(scope="module")
def native(runs: dict[str, Run]) -> dict:
    return runs["native"].result


@pytest.mark.parametrize("name", OTHERS)
def test_every_file_is_the_same(name: str, runs: dict[str, Run], native: dict) -> None:
    variant, run = VARIANTS[name], runs[name]
    result = run.result
    processor = result["processor"]
    assert variant.blas is None or processor["blas"] == [variant.blas]
    assert not set(processor["numpy"]) & (variant.numpy or set())
    assert not variant.emulated or run.folder.with_suffix(".used").exists()

    written, expected = result["files"], native["files"]
    if variant.emulated:
        expected = {path: digest for path, digest in expected.items() if not path.startswith(DRAWN)}
    assert {path for path in written | expected if written.get(path) != expected.get(path)} == set()


def test_all_kinds_of_files_are_compared(native: dict) -> None:
    written = native["files"]
    assert {
        "models/backbone/backbone.tflite",
        "data/crossval.csv",
        "metrics/crossval.json",
        "metrics/field.json",
        "models/classifier/head.npz",
        "models/classifier/mel_filters.npz",
        "models/classifier/classifier.json",
        "metrics/evaluate.json",
        "data/predictions/windows.csv",
        "plots/why/confused.png",
        "plots/field/events.csv",
        "data/spectrograms/copies.csv",
        "data/spectrograms/calls.csv",
        "results/windows.parquet",
        "results/recordings.csv",
        "results/events.csv",
    } <= written.keys()
    folders = {(str(Path(path).parents[-3]), Path(path).suffix) for path in written if path.count("/") > 1}
    assert {
        ("data/audio", ".wav"),
        ("data/clips", ".wav"),
        ("data/copies", ".npy"),
        ("data/spectrograms", ".npy"),
        ("data/embeddings", ".npy"),
        ("results/clips", ".wav"),
    } <= folders
