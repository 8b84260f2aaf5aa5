"""What runs the LiteRT file: LiteRT itself, or OpenVINO, which some processors run faster."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from project_echo.errors import EchoError
from project_echo.quiet import muted

ENGINES = ("litert", "openvino")
Network = Callable[[np.ndarray], np.ndarray]  # an image, shape (1, n_mels, frames, 3), float32, to (1, labels)


def load(path: Path, engine: str) -> Network:
    """The network in a LiteRT file on one thread. Raises EchoError if the engine is not installed."""
    return _openvino(path) if engine == "openvino" else _litert(path)


def _litert(path: Path) -> Network:
    from ai_edge_litert.interpreter import Interpreter  # noqa: PLC0415

    with muted():  # it announces its delegate
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


def _openvino(path: Path) -> Network:
    """In bfloat16 where the processor computes in it, which halves the time, else in float32 (OpenVINO's default)."""
    try:
        import openvino  # noqa: PLC0415
    except ImportError:
        raise EchoError("OpenVINO is not installed: pip install openvino. Or leave --engine away.") from None
    core = openvino.Core()
    model = core.read_model(path)
    shape = model.input().get_partial_shape()
    shape[0] = 1
    model.reshape(shape)
    able = "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    compiled = core.compile_model(
        model,
        "CPU",
        {
            "INFERENCE_NUM_THREADS": 1,
            "NUM_STREAMS": 1,
            "INFERENCE_PRECISION_HINT": "bf16" if able else "f32",
        },
    )
    request = compiled.create_infer_request()

    def run(image: np.ndarray) -> np.ndarray:
        request.infer({0: image})
        probabilities: np.ndarray = request.get_output_tensor().data.copy()
        return probabilities

    return run
