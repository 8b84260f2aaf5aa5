"""Inference with LiteRT, which needs no TensorFlow."""

import threading
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from project_echo.core.quiet import silenced_stderr


class Network:
    """A LiteRT model that runs on one thread. Several threads may call it: they wait for each other.

    Parameters
    ----------
    path : Path
        The .tflite file. A copy in another process, such as a worker of joblib, loads it there.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with silenced_stderr():  # LiteRT prints the name of its delegate
            self._interpreter = Interpreter(str(path), num_threads=1)
            self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._output = self._interpreter.get_output_details()[0]["index"]
        self._lock = threading.Lock()

    def __call__(self, image: np.ndarray) -> np.ndarray:
        """Run the model: an image of shape (1, n_mels, frames, 3), float32, to probabilities of shape (1, labels)."""
        with self._lock:
            self._interpreter.set_tensor(self._input, image)
            self._interpreter.invoke()
            probabilities: np.ndarray = self._interpreter.get_tensor(self._output)
            return probabilities

    def __reduce__(self) -> tuple[type["Network"], tuple[Path]]:
        return Network, (self._path,)
