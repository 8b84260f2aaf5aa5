"""Small sounds for tests, and the bundled ffmpeg to write them in any format."""

import os
import subprocess
from functools import cache, lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import soundfile

from project_echo.features.config import Features
from project_echo.features.librosa_filters import compute_mel_filters
from project_echo.features.melspectrogram import MelSpectrogram
from project_echo.media.ffmpeg import executable

RATE = 22050
# Images of one second, as small as the network takes them.
FEATURES = Features(
    sample_rate=8000,
    window_s=1.0,
    n_fft=256,
    win_length=256,
    hop_length=200,
    n_mels=32,
    fmin=50.0,
    fmax=4000.0,
    top_db=80.0,
)
FOLDED = FEATURES.model_copy(update={"n_fft": 128})  # whose windows are twice as long as the FFT
PICTURES = ("-f", "lavfi", "-i", "testsrc=duration={}:size=64x48:rate=10")


@cache
def mel_spectrogram(features: Features = FEATURES) -> MelSpectrogram:
    """The spectrogram of features, with librosa's filters."""
    return MelSpectrogram(features, compute_mel_filters(features))


def tone(hz: float, seconds: float, rate: int = RATE, amplitude: float = 0.3) -> np.ndarray:
    """A sine, shape (n,), float32."""
    return (amplitude * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def hiss(seconds: float, rate: int = RATE, amplitude: float = 0.1) -> np.ndarray:
    """White noise, the same on every call, shape (n,), float32."""
    return amplitude * np.random.default_rng(3).standard_normal(round(seconds * rate)).astype(np.float32)


def write_wav(path: Path, samples: np.ndarray, rate: int = RATE, subtype: str = "PCM_16") -> Path:
    """`samples` of shape (n,) or (n, channels)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples, rate, subtype=subtype, format="WAV")
    return path


def encode(path: Path, samples: np.ndarray, *options: str, pictures_s: float = 0) -> Path:
    """Encode samples at RATE with ffmpeg in the format of the suffix, with moving pictures if they have a length."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = np.ascontiguousarray(samples, dtype=np.float32)
    path.write_bytes(_encoded(content.tobytes(), content.shape, path.suffix, options, pictures_s))
    return path


@lru_cache(maxsize=32)  # many tests damage the same file in their own ways
def _encoded(samples: bytes, shape: tuple[int, ...], suffix: str, options: tuple[str, ...], pictures_s: float) -> bytes:
    pictures = [part.format(pictures_s) for part in PICTURES] if pictures_s else []
    with TemporaryDirectory() as folder:
        wav = write_wav(Path(folder) / "source.wav", np.frombuffer(samples, dtype=np.float32).reshape(shape))
        encoded = Path(folder) / f"encoded{suffix}"
        ffmpeg(*pictures, "-i", str(wav), *options, str(encoded))
        return encoded.read_bytes()


def mute_video(path: Path) -> Path:
    ffmpeg(*(part.format(1) for part in PICTURES), str(path))
    return path


def ffmpeg(*arguments: str) -> None:
    subprocess.run([executable(), "-nostdin", "-v", "error", "-y", *arguments], check=True)


def cut(path: Path, share: float) -> Path:
    """Keep the first part of a file."""
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    return path


def loudest_hz(samples: np.ndarray, rate: int = RATE) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.fft.rfftfreq(len(samples), 1 / rate)[spectrum.argmax()])


def fill(folder: Path, *names: str) -> Path:
    """Files that hold their own names."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(os.fsencode(name))
    return folder
