"""Inference with LiteRT, which needs no TensorFlow."""

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from project_echo.core.quiet import silenced_stderr

Network = Callable[[np.ndarray], np.ndarray]  # an image, shape (1, n_mels, frames, 3), float32, to (1, labels)


def load(path: Path) -> Network:
    """Load a LiteRT model that runs on one thread. Several threads may call it; they wait for each other."""
    with silenced_stderr():  # LiteRT prints the name of its delegate
        interpreter = Interpreter(str(path), num_threads=1)
        interpreter.allocate_tensors()
    input_index = interpreter.get_input_details()[0]["index"]
    output_index = interpreter.get_output_details()[0]["index"]
    lock = threading.Lock()

    def run(image: np.ndarray) -> np.ndarray:
        with lock:
            interpreter.set_tensor(input_index, image)
            interpreter.invoke()
            probabilities: np.ndarray = interpreter.get_tensor(output_index)
            return probabilities

    return run
