"""Label probabilities in sliding windows over a recording."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from project_echo.features import melspectrogram
from project_echo.features.config import Features
from project_echo.models.embedding import slice_spans

TIME_COLUMNS = ["start_s", "end_s"]
WINDOWS_PER_BLOCK = 16  # read at once, if windows do not overlap
Stretch = tuple[np.ndarray, np.ndarray]  # samples, and the start frames of the windows in them
Predict = Callable[[np.ndarray, np.ndarray], np.ndarray]  # of a stretch, to (windows, ...)


def predict_windows(
    blocks: Iterable[np.ndarray], features: Features, predict: Predict, hop_s: float, threads: int = 1
) -> np.ndarray:
    """Predict the label probabilities of every window of a recording, reading it block by block.

    Only a few blocks are in memory, and less than a window of those before them. The windows are those of
    melspectrogram.window_starts, wherever the blocks begin and end and however many threads there are.

    Parameters
    ----------
    blocks : iterable of np.ndarray of shape (n,), float32
        Samples of the recording in order, at the sample rate of the features. Not changed after they are given.
    features : Features
    predict : callable
        Predicts the probabilities of windows of samples; see `Classifier.predict_windows`. With several threads each
        calls it.
    hop_s : float
        Step between windows, s; rounded to whole spectrogram frames.
    threads : int
        How many blocks are processed at once, while this thread reads the next ones.

    Returns
    -------
    np.ndarray of shape (windows, ...), float32
        What `predict` returns. A recording shorter than a window has one window, padded with zeros.
    """

    def process(stretch: Stretch) -> np.ndarray:
        return predict(*stretch)

    stretches = _stretches(blocks, features, hop_s)
    return np.concatenate(list(_mapped(process, stretches, threads)))


def _stretches(blocks: Iterable[np.ndarray], features: Features, hop_s: float) -> Iterator[Stretch]:
    """Stretches of a recording that hold whole windows, each with the start frames of its windows; at least one."""
    step = melspectrogram.window_step(features, hop_s)
    buffer: np.ndarray = np.zeros(0, np.float32)
    to_skip = 0  # samples before the next window, where the hop is longer than a window
    is_short = True
    for block in blocks:
        buffer = np.concatenate([buffer, block[to_skip:]]) if len(buffer) else block[to_skip:]
        to_skip = max(0, to_skip - len(block))
        if len(buffer) >= features.window_samples:
            is_short = False
            starts = melspectrogram.window_starts(len(buffer), features, hop_s)
            yield buffer, starts
            next_start = (starts[-1] + step) * features.hop_length
            buffer, to_skip = buffer[next_start:], max(0, next_start - len(buffer))
    if is_short:
        yield buffer, np.zeros(1, int)


def _mapped(
    process: Callable[[Stretch], np.ndarray], stretches: Iterator[Stretch], threads: int
) -> Iterator[np.ndarray]:
    """The results of stretches, in order; at most two stretches for each thread are waiting or being processed."""
    if threads == 1:
        yield from map(process, stretches)
        return
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[np.ndarray]] = deque()
        try:
            for stretch in stretches:
                waiting.append(pool.submit(process, stretch))
                if len(waiting) == 2 * threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)  # if reading or a stretch failed


def window_times(n_windows: int, features: Features, hop_s: float, duration_s: float) -> tuple[np.ndarray, np.ndarray]:
    """Start and end of each window of a recording, shape (windows,), s. For the arguments see `slice_bounds`."""
    frames = np.arange(n_windows) * melspectrogram.window_step(features, hop_s)
    start_s = frames * features.hop_length / features.sample_rate
    return start_s, np.minimum(start_s + features.window_s, duration_s)


def slice_bounds(
    shape: Sequence[int], features: Features, hop_s: float, duration_s: float
) -> tuple[np.ndarray, np.ndarray]:
    """Start and end of what each slice of a recording stands for (`slice_spans`), shape (windows, slices), s.

    Parameters
    ----------
    shape : (windows, slices, ...)
    features : Features
    hop_s : float
        Step between windows, s.
    duration_s : float
        Duration of the recording, s, at which all slices end.

    Returns
    -------
    (np.ndarray, np.ndarray)
    """
    start_s, _ = window_times(shape[0], features, hop_s, duration_s)
    times = slice_spans(shape[1], features.window_s)
    bounds = start_s[:, np.newaxis, np.newaxis] + times
    clipped = np.minimum(bounds, duration_s)
    return clipped[..., 0], clipped[..., 1]
