"""The steps of screening one by one, as the command runs them, and what others take for the whole."""

import subprocess
from pathlib import Path

import librosa
import numpy as np

from benchmarks import ROOT
from benchmarks.measure import real_time_factor
from project_echo.core.errors import EchoError
from project_echo.features import melspectrogram
from project_echo.media.stream import Stream
from project_echo.media.track import choose_track
from project_echo.models.classifier import Classifier
from project_echo.models.embedder import PooledEmbedder
from project_echo.models.embedding import Tap, embed
from project_echo.models.litert import Network
from project_echo.models.windows import WINDOWS_PER_BLOCK


def read_blocks(path: Path, trained: Classifier) -> None:
    """Read a recording in blocks, as `project-echo predict` does."""
    features = trained.features
    block_samples = WINDOWS_PER_BLOCK * features.window_samples
    for _ in Stream(path, choose_track(path), features.sample_rate, block_samples, 600):
        pass


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
