"""A custom network as the backbone: from sound to its embeddings, by its card."""

import hashlib
from pathlib import Path

import numpy as np

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.custom_networks.card import NetworkCard, card_path, read_network_card
from project_echo.custom_networks.file import parse_network, read_bytes, unusable
from project_echo.custom_networks.slices import mean_over_slices, quantize, row_times, window_starts
from project_echo.custom_networks.tensors import TensorInfo, find_embedding, find_input, fitted_shape
from project_echo.features.config import LOUDEST, Features
from project_echo.features.slices import slice_times

IMAGE_AXES = 4  # of a log-mel input: one, mel bands, frames, channels


class CustomNetwork:
    """A custom network, in a LiteRT or an ONNX file beside its card, from sound to embeddings.

    It runs on one thread, and several threads may call it at once.

    Parameters
    ----------
    path : Path
        The .tflite or .onnx file. A copy in another process, such as a worker of joblib, loads it there.
    sha256 : str, optional
        That the file must have.
    card : NetworkCard, optional
        By default that beside the file.

    Attributes
    ----------
    path : Path
    card : NetworkCard
    sha256 : str
        Of the file.
    steps, width : int
        Embeddings that one run of the network gives, one after the other in time, and the length of each.

    Raises
    ------
    EchoError
        If the file or its card is missing, damaged or was changed, or they do not fit each other.
    """

    def __init__(self, path: Path, sha256: str | None = None, card: NetworkCard | None = None) -> None:
        self.path, self.card = path, card or read_network_card(path)
        data = read_bytes(path)
        self.sha256 = hashlib.sha256(data).hexdigest()
        if sha256 not in {None, self.sha256}:
            raise EchoError(f"{path} was changed: it is not the network used before. Restore it, or train again.")
        file = parse_network(data, path, self.card.embedding.tensor)
        source = find_input(file.tensors, self.card.input.tensor, path)
        target = find_embedding(file.tensors, self.card.embedding.tensor, path)
        self._shape = _input_shape(self.card, source, path)
        try:
            self._run = file.runtime(source, self._shape, target)
            probe = self._run(np.zeros(self._shape, np.float32))
        except (RuntimeError, ValueError) as error:
            raise EchoError(unusable(path, error)) from error
        self.steps, self.width = self._rows(probe).shape
        if self.width == 1:
            raise EchoError(
                f"{card_path(path)}: embedding.tensor = {self.card.embedding.tensor!r} gives a single value at a time. "
                "Correct embedding.time_axis, or name another tensor."
            )

    def __call__(self, window: np.ndarray) -> np.ndarray:
        """Embeddings of one of our windows.

        Parameters
        ----------
        window : np.ndarray of shape (n,), float32
            Samples at the card's rate, of any number: the last of the network's own windows is padded with zeros. For a
            network of kind log_mel, the image of shape (n_mels, frames, 3), int8.

        Returns
        -------
        np.ndarray of shape (rows, width), float32
            Of each time step of each of the network's windows, in the order of `times`.

        Raises
        ------
        EchoError
            If a value is not finite.
        """
        if self.card.input.kind == "log_mel":
            inputs = [window.astype(np.float32) / np.float32(LOUDEST)]
        else:
            size = self.card.window_samples
            starts = window_starts(len(window), self.card)
            padded = np.pad(window, (0, max(0, starts[-1] + size - len(window)))).astype(np.float32)
            inputs = [padded[start : start + size] for start in starts]
        scale = np.float32(self.card.input.scale)
        rows = np.concatenate([self._rows(self._run(scale * values)) for values in inputs])
        if not np.isfinite(rows).all():
            raise EchoError(
                f"{self.path}: tensor {self.card.embedding.tensor!r} has values that are not finite (NaN or infinity). "
                f"Check input and embedding in {card_path(self.path)}, or use another network."
            )
        return rows

    def embed(self, window: np.ndarray, slices: int) -> np.ndarray:
        """Embeddings of the slices of one of our windows, as they are stored.

        Parameters
        ----------
        window : np.ndarray
            See `__call__`.
        slices : int
            As in `features.slices.slice_times`.

        Returns
        -------
        np.ndarray of shape (slices, width), uint8
        """
        window_s = self.window_s(window)
        rows = self(window)
        means = mean_over_slices(rows, self.times(window), slice_times(slices, window_s))
        return quantize(means, self.card.embedding.highest)

    def times(self, window: np.ndarray) -> np.ndarray:
        """Start and end of what each embedding of a window was computed from, shape (rows, 2), s from its start.

        Time steps are taken to divide the network's window evenly.
        """
        n_samples = 1 if self.card.input.kind == "log_mel" else len(window)
        return row_times(n_samples, self.card, self.steps)

    def window_s(self, window: np.ndarray) -> float:
        """Length of one of our windows, s."""
        if self.card.input.kind == "log_mel":
            return self.card.window_s
        return len(window) / self.card.sample_rate_hz

    @property
    def image_shape(self) -> tuple[int, ...]:
        """Shape of the images that a network of kind log_mel takes: (n_mels, frames, 3)."""
        return self._shape[1:]

    def check_features(self, features: Features) -> None:
        """Raise EchoError if sound or images by these features are not what the network takes."""
        if features.sample_rate != self.card.sample_rate_hz:
            raise EchoError(
                f"features.sample_rate is {features.sample_rate} Hz, and {self.path.name} takes sound at "
                f"{self.card.sample_rate_hz} Hz ({card_path(self.path)}). Set features.sample_rate to "
                f"{self.card.sample_rate_hz}."
            )
        if self.card.input.kind == "log_mel":
            if self.image_shape != features.image_shape:
                raise EchoError(
                    f"{self.path.name} takes images of shape {self.image_shape}, and those of features have "
                    f"{features.image_shape}. Change n_mels, window_s or hop_length of features."
                )
            if features.window_s != self.card.window_s:
                raise EchoError(
                    f"features.window_s is {features.window_s:g} s, and {card_path(self.path)} says "
                    f"{self.card.window_s:g} s. Make them the same."
                )

    def _rows(self, values: np.ndarray) -> np.ndarray:
        """The output of a run as an embedding for each time step, shape (steps, width)."""
        axis = self.card.embedding.time_axis
        if axis is None:
            return values.reshape(1, -1)
        if axis >= values.ndim:
            raise EchoError(
                f"{card_path(self.path)}: embedding.time_axis = {axis}: the tensor has shape {values.shape}. "
                f"Give one of 0 to {values.ndim - 1}, or leave it out."
            )
        return np.moveaxis(values, axis, 0).reshape(values.shape[axis], -1)

    def __reduce__(self) -> tuple[type["CustomNetwork"], tuple[Path, str, NetworkCard]]:
        return CustomNetwork, (self.path, self.sha256, self.card)


def save_network(path: Path, folder: Path, name: str) -> Path:
    """Save a network with its embedding as an output, and its card, in a folder.

    Parameters
    ----------
    path : Path
        The .tflite or .onnx file, beside its card.
    folder : Path
    name : str
        Of the file, without suffix.

    Returns
    -------
    Path
        The file. It keeps the names and indices of tensors, so the card is the same.
    """
    card = read_network_card(path)
    file = parse_network(read_bytes(path), path, card.embedding.tensor)
    target = find_embedding(file.tensors, card.embedding.tensor, path)
    saved = folder / f"{name}{path.suffix}"
    with files.atomic_path(saved) as temporary:
        temporary.write_bytes(file.with_output(target))
    files.write_text(card_path(path).read_text(encoding="utf-8"), card_path(saved))
    return saved


def _input_shape(card: NetworkCard, source: TensorInfo, path: Path) -> tuple[int, ...]:
    """The shape that the input is run with. Raises EchoError if it does not fit the card."""
    where = f"{card_path(path)}: input.tensor = {card.input.tensor!r} has shape {source.shape}"
    if card.input.kind == "log_mel":
        shape = tuple(1 if length is None else length for length in source.shape[:1])
        image = source.shape[1:]
        if len(source.shape) != IMAGE_AXES or shape != (1,) or image[-1] != 3 or None in image:
            raise EchoError(f"{where}, and a log_mel input has (1, n_mels, frames, 3). Set input.kind to waveform.")
        return (1, *(length for length in image if length is not None))
    fitted = fitted_shape(source.shape, card.window_samples)
    if fitted is None:
        raise EchoError(
            f"{where}, which are not the {card.window_samples} samples of window_s = {card.window_s:g} at "
            f"{card.sample_rate_hz} Hz. Correct window_s or sample_rate_hz."
        )
    return fitted
