"""How long the pipeline takes, and how much memory: from nothing, with nothing changed, and for a change of the head.

    python -m benchmarks.pipeline [--runs 3]

Each run clones the last commit into an empty folder, with DVC's, Keras' and pip's caches empty. Prints a Markdown table
with medians. Memory is the largest sum of resident memory over all processes of a command, looked at ten times a
second; pages that processes share count for each, so it errs on the high side.
"""

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
COMMANDS = {
    "`dvc repro` from nothing": ["repro"],
    "`dvc repro`, nothing changed": ["repro"],
    "`dvc exp run -S train.C=0.1`": ["exp", "run", "-S", "train.C=0.1"],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3, help="runs of each command (default 3)")
    runs = parser.parse_args().runs
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in COMMANDS}
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            clone = Path(folder) / "clone"
            subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
            for name, command in COMMANDS.items():
                found[name].append(measure([sys.executable, "-m", "dvc", *command], clone))
    print(f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, medians of {runs} runs\n")
    print("| command | seconds | peak memory, MB |")
    print("|---|---|---|")
    for name, figures in found.items():
        seconds, memory = (statistics.median(column) for column in zip(*figures, strict=True))
        print(f"| {name} | {seconds:.1f} | {memory / 1e6:.0f} |")


def measure(command: list[str], folder: Path) -> tuple[float, float]:
    """Wall time in seconds and peak memory in bytes of a command, all of its processes included."""
    here = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "KERAS_HOME": str(folder.parent / "keras"),
        "PIP_NO_CACHE_DIR": "1",
    }
    peak = 0
    with tempfile.TemporaryFile() as log:
        start = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, env=here, stdout=log, stderr=log)
        while process.poll() is None:
            peak = max(peak, resident(process.pid))
            time.sleep(0.1)
        seconds = time.perf_counter() - start
        if process.returncode:
            log.seek(0)
            sys.exit(f"{' '.join(command)} failed:\n{log.read().decode()}")
    return seconds, peak


def resident(pid: int) -> int:
    """Resident memory of a process and all its descendants, in bytes."""
    total = 0
    try:
        for process in [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]:
            total += process.memory_info().rss
    except psutil.NoSuchProcess:  # one ended while we looked
        pass
    return total


if __name__ == "__main__":
    main()
