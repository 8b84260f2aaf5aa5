"""Time and memory of a search by example in a large screening.

    python -m benchmarks.search --hours 1000

Writes a folder of results with embeddings of random sounds, a window every 5 s, and searches it for a file, from the
start of the process to the table of matches, without the page. Uses models/classifier, which `dvc repro train` makes.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import soundfile

from benchmarks import ROOT
from benchmarks.measure import describe_machine
from project_echo.core import files
from project_echo.core.seeds import generator
from project_echo.core.tables import write_table
from project_echo.models.classifier import Classifier, load_classifier
from project_echo.screening import columns
from project_echo.screening.batch import journal_settings
from project_echo.screening.embeddings import window_shape
from project_echo.screening.embeddings_files import EMBEDDINGS, write_embeddings
from project_echo.screening.journal import SETTINGS, Journal
from project_echo.screening.output import JOURNAL

HOP_S = 5.0
RECORDING_S = 3600.0
COMMAND = """
import resource, sys
from pathlib import Path
from project_echo.searches.search import list_matches
print(len(list_matches(Path(sys.argv[1]), [sys.argv[2]], Path(sys.argv[3]), 50, int(sys.argv[4]))))
usage = resource.getrusage(resource.RUSAGE_SELF)
print(usage.ru_maxrss, usage.ru_utime + usage.ru_stime)
"""


class RandomJournal(Journal):
    """A journal of recordings with random embeddings."""

    def __init__(self, folder: Path, shape: tuple[int, int]) -> None:
        super().__init__(folder)
        self.shape = shape

    def embeddings(self, recording: str) -> np.ndarray:
        """Random embeddings, shape (windows, kept slices, dimensions), float16."""
        size = (round(RECORDING_S / HOP_S), *self.shape)
        return generator(1, "search", recording).standard_normal(size, np.float32).astype(np.float16)

    def metadata(self, recording: str) -> dict[str, float]:
        """The duration."""
        return {"duration_s": RECORDING_S}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=int, default=1000, help="hours of sound (default 1000)")
    parser.add_argument("--runs", type=int, default=7, help="searches, whose median counts (default 7)")
    parser.add_argument("--jobs", type=int, default=-1, help="threads (default: all cores)")
    arguments = parser.parse_args()
    model = ROOT / "models" / "classifier"
    with tempfile.TemporaryDirectory() as temporary:
        results, example = Path(temporary) / "results", Path(temporary) / "example.wav"
        classifier = load_classifier(model)
        write_results(results, classifier, arguments.hours)
        noise = generator(1, "example").standard_normal(2 * classifier.features.sample_rate).astype(np.float32) / 10
        soundfile.write(example, noise, classifier.features.sample_rate)
        sizes = [path.stat().st_size for path in (results / EMBEDDINGS).iterdir()]
        windows = arguments.hours * round(RECORDING_S / HOP_S)
        print(f"{describe_machine()}\n")
        print(f"{arguments.hours:,} hours, {windows:,} windows, {sum(sizes) / 1e6:,.0f} MB in {len(sizes)} files")
        command = [sys.executable, "-c", COMMAND, str(results), str(example), str(model), str(arguments.jobs)]
        runs = list(time_runs(command, arguments.runs))
        seconds, kilobytes, busy = zip(*runs, strict=True)
        print(f"Search: {statistics.median(seconds):.2f} s (of {min(seconds):.2f} to {max(seconds):.2f})")
        print(f"Processor time: {statistics.median(busy):.2f} s")
        print(f"Highest memory of the process: {max(kilobytes) / 1e3:,.0f} MB")


def write_results(folder: Path, classifier: Classifier, hours: int) -> None:
    """Write the folder of a screening of recordings of an hour, with embeddings and without events."""
    files.write_json(journal_settings(classifier.folder, classifier, HOP_S), folder / JOURNAL / SETTINGS)
    names = [f"disk/site{number % 20:02}/{number:05}.wav" for number in range(hours)]
    write_table(pd.DataFrame({"recording": names}), folder / "recordings.csv")
    write_table(pd.DataFrame(columns=list(columns.EVENTS)), folder / "events.csv")
    journal = RandomJournal(folder / JOURNAL, window_shape(classifier))
    slices = classifier.embedder.slices
    write_embeddings(names, journal, classifier.features, slices, HOP_S, folder / EMBEDDINGS)


def time_runs(command: list[str], n: int) -> Iterator[tuple[float, float, float]]:
    """Seconds, kilobytes and seconds of processor time of each run, after one that does not count."""
    for number in range(n + 1):
        start = time.perf_counter()
        lines = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
        elapsed_s = time.perf_counter() - start
        if number:
            yield elapsed_s, float(lines[1]), float(lines[2])


if __name__ == "__main__":
    main()
