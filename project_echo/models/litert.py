"""The network in LiteRT, which needs no TensorFlow."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from project_echo.core.quiet import silenced_stderr

Network = Callable[[np.ndarray], np.ndarray]  # an image, shape (1, n_mels, frames, 3), float32, to (1, labels)


def load(path: Path) -> Network:
    """The network in a LiteRT file, on one thread."""
    with silenced_stderr():  # it announces its delegate
        interpreter = Interpreter(str(path), num_threads=1)
        interpreter.allocate_tensors()
    source = interpreter.get_input_details()[0]["index"]
    answer = interpreter.get_output_details()[0]["index"]

    def run(image: np.ndarray) -> np.ndarray:
        interpreter.set_tensor(source, image)
        interpreter.invoke()
        probabilities: np.ndarray = interpreter.get_tensor(answer)
        return probabilities

    return run
