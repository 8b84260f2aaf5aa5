"""From windows of sound to embeddings of their slices: what a classifier does before its head, with any backbone."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from project_echo.core.errors import EchoError
from project_echo.features.melspectrogram import MelSpectrogram
from project_echo.models.card import BACKBONE, NETWORK_CARD, ONNX_BACKBONE
from project_echo.models.embedding import embed
from project_echo.models.litert import Network
from project_echo.models.pooling import Pooling, Slices

if TYPE_CHECKING:
    from project_echo.custom_networks.network import CustomNetwork

Windows = np.ndarray | Sequence[np.ndarray]  # each as the network takes it


@dataclass(frozen=True)
class PooledEmbedder:
    """MobileNetV2: embeddings are its activations, pooled over time and frequency bands.

    Attributes
    ----------
    spectrogram : MelSpectrogram
        Maps sound to images.
    network : Network
        Maps an image to activations.
    pooling : Pooling
        How activations become embeddings.
    """

    spectrogram: MelSpectrogram
    network: Network
    pooling: Pooling

    @property
    def slices(self) -> int:
        """Slices of a window."""
        return self.pooling.slices

    def windows(self, samples: np.ndarray, starts: np.ndarray) -> np.ndarray:
        """Windows of a recording as the network takes them.

        Parameters
        ----------
        samples : np.ndarray of shape (n,), float32
            The recording, or a stretch of it; padded with zeros if it is shorter than a window.
        starts : np.ndarray of int, shape (windows,)
            Start frames of the windows.

        Returns
        -------
        np.ndarray of shape (windows, n_mels, frames, 3), int8
        """
        return self.spectrogram.window_images(samples, starts)

    def embed(self, windows: Windows) -> np.ndarray:
        """Embeddings of windows, shape (windows, slices, width), uint8; at least one window."""
        return np.stack([embed(self.network(image), self.pooling) for image in windows])  # as fast as in batches


@dataclass(frozen=True)
class CustomEmbedder:
    """A custom network.

    Attributes
    ----------
    spectrogram : MelSpectrogram
        Maps sound to the images of figures, and to those that a network of kind log_mel takes.
    network : CustomNetwork
    slices : int
        Of a window.
    """

    spectrogram: MelSpectrogram
    network: "CustomNetwork"
    slices: int

    def __post_init__(self) -> None:
        """Raise EchoError if the network takes other sound than these features give."""
        self.network.check_features(self.spectrogram.features)

    @property
    def hears_images(self) -> bool:
        """Whether windows are images, not samples."""
        return self.network.card.input.kind == "log_mel"

    def windows(self, samples: np.ndarray, starts: np.ndarray) -> Windows:
        """Windows of a recording as the network takes them; see `PooledEmbedder.windows`.

        Returns
        -------
        sequence of np.ndarray of shape (window_samples,), float32, or array of images, int8
            Of samples these are views: copies of windows that overlap would fill the memory.
        """
        if self.hears_images:
            return self.spectrogram.window_images(samples, starts)
        features = self.spectrogram.features
        length = features.window_samples
        padded = np.pad(samples, (0, max(0, length - len(samples)))).astype(np.float32, copy=False)
        first = starts * features.hop_length
        return [padded[start : start + length] for start in first]

    def embed(self, windows: Windows) -> np.ndarray:
        """Embeddings of windows, shape (windows, slices, width), uint8; at least one window."""
        return np.stack([self.network.embed(window, self.slices) for window in windows])


Embedder = PooledEmbedder | CustomEmbedder


def load_embedder(folder: Path, spectrogram: MelSpectrogram, pooling: Pooling | Slices) -> Embedder:
    """Load a backbone from the folder of the backbone or of a classifier.

    Parameters
    ----------
    folder : Path
    spectrogram : MelSpectrogram
    pooling : Pooling or Slices
        How embeddings are made: the latter with a custom network.

    Returns
    -------
    PooledEmbedder or CustomEmbedder

    Raises
    ------
    EchoError
        If a custom network is missing, damaged or changed, or takes other sound.
    """
    if isinstance(pooling, Pooling):
        return PooledEmbedder(spectrogram, Network(folder / BACKBONE), pooling)
    from project_echo.custom_networks.network import CustomNetwork  # noqa: PLC0415  (its formats take time to load)

    path = custom_file(folder)
    if path is None:
        raise EchoError(f"{folder} holds no custom network with its card ({NETWORK_CARD}). Run again: dvc repro.")
    return CustomEmbedder(spectrogram, CustomNetwork(path), pooling.slices)


def custom_file(folder: Path) -> Path | None:
    """The custom network in the folder of a backbone, or None if it holds MobileNetV2."""
    if not (folder / NETWORK_CARD).is_file():
        return None
    return folder / (ONNX_BACKBONE if (folder / ONNX_BACKBONE).is_file() else BACKBONE)
