"""Time and memory of the pipeline: from nothing, with nothing changed, and after a change of the head.

    python -m benchmarks.pipeline [--runs 3]

Each run clones the last commit into an empty folder and starts with the caches of DVC, Keras and pip empty. Prints a
Markdown table with medians. Memory is the peak of all processes of a command together (benchmarks/measure.py).
"""

import argparse
import statistics
import sys

from benchmarks.clones import clone_repository
from benchmarks.measure import describe_machine, measure_command

COMMANDS = {
    "`dvc repro` from nothing": ["repro"],
    "`dvc repro`, nothing changed": ["repro"],
    "`dvc exp run -S train.C=0.1`": ["exp", "run", "-S", "train.C=0.1"],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3, help="runs of each command (default 3)")
    runs = parser.parse_args().runs
    measurements: dict[str, list[tuple[float, int]]] = {name: [] for name in COMMANDS}
    for _ in range(runs):
        with clone_repository() as clone:
            for name, command in COMMANDS.items():
                measurements[name].append(measure_command([sys.executable, "-m", "dvc", *command], clone))
    print(f"{describe_machine()}, medians of {runs} runs\n")
    print("| command | seconds | peak memory, MB |")
    print("|---|---|---|")
    for name, of_command in measurements.items():
        seconds, peak = (statistics.median(column) for column in zip(*of_command, strict=True))
        print(f"| {name} | {seconds:.1f} | {peak / 1e6:.0f} |")


if __name__ == "__main__":
    main()
