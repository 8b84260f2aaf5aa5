"""Inference with LiteRT, which needs no TensorFlow."""

import threading
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from project_echo.core.quiet import silenced_stderr
from project_echo.features.config import LOUDEST
from project_echo.models.embedding import Tap


class Network:
    """A backbone in a LiteRT file, from an image to the activations of its blocks.

    It runs on one thread, with an interpreter of its own for each thread that calls it.

    Parameters
    ----------
    path : Path
        The .tflite file. A copy in another process, such as a worker of joblib, loads it there.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._of_thread = threading.local()
        # Read once: the interpreter takes a tenth of a millisecond to tell.
        (self._input,) = self._interpreter().get_input_details()
        self._outputs = self._interpreter().get_output_details()
        self.shapes: list[tuple[int, ...]] = [tuple(output["shape"].tolist()[1:]) for output in self._outputs]

    def __call__(self, image: np.ndarray) -> list[Tap]:
        """Run the network.

        Parameters
        ----------
        image : np.ndarray of shape (n_mels, frames, 3), int8

        Returns
        -------
        list of Tap
            Of each block.
        """
        interpreter = self._interpreter()
        image = image[np.newaxis]
        if self._input["dtype"] == np.float32:
            image = image / np.float32(LOUDEST)
        interpreter.set_tensor(self._input["index"], image)
        interpreter.invoke()
        taps = []
        for output in self._outputs:
            (values,) = interpreter.get_tensor(output["index"])
            scale, zero_point = output["quantization"]
            if values.dtype == np.int8:
                taps.append(Tap(np.subtract(values, zero_point, dtype=np.float32), scale, exact=True))
            else:
                taps.append(Tap(values, 1.0, exact=False))
        return taps

    def _interpreter(self) -> Interpreter:
        if not hasattr(self._of_thread, "interpreter"):
            with silenced_stderr():  # LiteRT prints the name of its delegate
                interpreter = Interpreter(str(self._path), num_threads=1)
                interpreter.allocate_tensors()
            self._of_thread.interpreter = interpreter
        return self._of_thread.interpreter

    def __reduce__(self) -> tuple[type["Network"], tuple[Path]]:
        return Network, (self._path,)
