"""BirdNET 2.4's embeddings of overlapping windows, for field.py; runs in an environment without this project.

    birdnet/bin/python -m benchmarks.birdnet_windows embeddings.npz 0.5 recordings/*.wav

WAV files at 48 kHz. Writes an array of shape (windows, 1024) for each file, by its name; see birdnet_embeddings.py.
"""

import argparse
from pathlib import Path

import numpy as np
import soundfile

from benchmarks.birdnet_embeddings import SAMPLE_RATE, WINDOW_S, load_model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", type=Path, help=".npz file to write")
    parser.add_argument("hop_s", type=float, help="step between windows, s")
    parser.add_argument("recordings", type=Path, nargs="+", help="WAV files")
    arguments = parser.parse_args()
    interpreter = load_model()
    source = interpreter.get_input_details()[0]["index"]
    embedding = interpreter.get_output_details()[0]["index"] - 1
    n, hop = WINDOW_S * SAMPLE_RATE, round(arguments.hop_s * SAMPLE_RATE)
    arrays: dict[str, np.ndarray] = {}
    for path in arguments.recordings:
        samples, rate = soundfile.read(path, dtype="float32")
        if rate != SAMPLE_RATE:
            raise SystemExit(f"{path} is at {rate} Hz, not at {SAMPLE_RATE}")
        samples = np.pad(samples, (0, max(0, n - len(samples))))
        rows = []
        for start in range(0, len(samples) - n + 1, hop):
            interpreter.set_tensor(source, samples[np.newaxis, start : start + n])
            interpreter.invoke()
            rows.append(interpreter.get_tensor(embedding)[0].copy())
        arrays[path.name] = np.stack(rows)
    np.savez(arguments.target, allow_pickle=False, **arrays)


if __name__ == "__main__":
    main()
