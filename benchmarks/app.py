"""How fast the app filters events in Chromium, and how much memory its server takes.

    python -m benchmarks.app [--recordings 2000] [--events 20000]

Makes a workspace with results of recordings that do not exist, serves it, and prints a Markdown table. The time of a
filter is from the press of a key in "Recording contains" until the changed table is drawn; the page waits for a moment
after each key, which is subtracted in the second row. Memory is that of the server without its jobs, resident.
"""

import argparse
import itertools
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
from playwright.sync_api import Browser, Page

from benchmarks import ROOT
from benchmarks.browser import chromium
from benchmarks.measure import describe_machine
from project_echo.core.seeds import generator
from project_echo.screening.journal import open_journal
from project_echo.screening.output import JOURNAL
from project_echo.screening.writers import write_skipped, write_tables

LABELS = ("boar", "cane_toad", "fox", "tree_frog")
SITES = 20
RECORDING_S = 3600.0
NAME = "season"
SCRIPT = ROOT / "project_echo" / "app" / "pages" / "results.js"
KEYS = 20
FILTERINGS, POLLS = 200, 1000
# Resolves with the milliseconds from the next key until the table has changed and is drawn.
NEXT_CHANGE = """() => new Promise((resolve) => {
  let start = 0;
  document.addEventListener("keydown", () => { start = performance.now(); }, { once: true, capture: true });
  const observer = new MutationObserver(() => {
    observer.disconnect();
    requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - start)));
  });
  observer.observe(document.querySelector("#event-table"), { childList: true });
})"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recordings", type=int, default=2000, help="number of recordings (default 2000)")
    parser.add_argument("--events", type=int, default=20_000, help="number of events (default 20000)")
    arguments = parser.parse_args()
    print(f"{describe_machine()}; {arguments.recordings:,} recordings, {arguments.events:,} events\n")
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder)
        write_results(workspace / "results" / NAME, arguments.recordings, arguments.events)
        with serve(workspace) as (server, address), chromium() as browser:
            print("| what | result |\n|---|---|")
            for what, result in measure(server, address, browser):
                print(f"| {what} | {result} |", flush=True)


def write_results(folder: Path, n_recordings: int, n_events: int) -> None:
    """Write the tables of a screening: recordings of an hour each, of several sites, on days one after the other."""
    rng = generator(1, "app")
    numbers = np.arange(n_recordings)
    sites = [f"site {number % SITES + 1}" for number in numbers]
    hours = pd.Timestamp("2026-05-01 18:00") + pd.to_timedelta(numbers // SITES, unit="h")
    names = [f"/recorders/{site}/{hour:%Y%m%d_%H%M%S}.wav" for site, hour in zip(sites, hours, strict=True)]
    recordings = pd.DataFrame(
        {
            "recording": names,
            "site": sites,
            "recorded_at": hours.strftime("%Y-%m-%dT%H:%M:%S"),
            "duration_s": RECORDING_S,
            "note": "",
            "windows": 720,
        }
    )
    starts = np.sort(rng.uniform(0, RECORDING_S - 10, n_events)).round(1)
    confidences = rng.uniform(0.3, 1, n_events)
    events = pd.DataFrame(
        {
            "recording": rng.choice(names, n_events),
            "label": rng.choice(LABELS, n_events),
            "start_s": starts,
            "end_s": starts + rng.uniform(0.5, 8, n_events).round(1),
            "mean_confidence": confidences,
            "peak_confidence": np.minimum(1, confidences + 0.1),
        }
    )
    open_journal(folder / JOURNAL, {}, resume=True)
    write_tables(events.sort_values(["recording", "start_s"]), recordings, LABELS, folder)
    write_skipped([], folder)


@contextmanager
def serve(workspace: Path) -> Iterator[tuple[psutil.Process, str]]:
    """Run the app; yields the process of its server, and the address."""
    command = [sys.executable, "-m", "project_echo.cli", "app", str(workspace), "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            address = line.split()[-1]
            get(address)
            yield psutil.Process(process.pid), address
        finally:
            process.terminate()


def measure(server: psutil.Process, address: str, browser: Browser) -> Iterator[tuple[str, str]]:
    """What is measured, and the result, as text."""
    page_address = f"{address}results?name={NAME}"
    yield "memory of the server after start", memory(server)
    start = time.monotonic()
    page = browser.new_page()
    page.goto(page_address)
    yield "page opens, the first time", f"{1000 * (time.monotonic() - start):.0f} ms"
    yield "memory after the first filtering", memory(server)
    yield "page opens again", spread([time_opening(page, page_address) for _ in range(5)])
    times = time_keys(page)
    yield f"key press to changed table, {KEYS} keys", spread(times)
    yield "of which the page does not wait", spread([took - delay_ms() for took in times])
    for n in range(FILTERINGS):
        get(f"{address}results/table?name={NAME}&recording={n}&confidence_from=0.{n % 9}&sort=-confidence")
    yield f"memory after {FILTERINGS} filterings more", memory(server)
    for _ in range(FILTERINGS):
        get(f"{address}results/table?name={NAME}&label=fox&hour_from=22&hour_to=4")
    yield f"memory after {FILTERINGS} filterings more", memory(server)
    for _ in range(POLLS):
        get(f"{address}jobs/running")
    yield f"memory after {POLLS:,} polls of running jobs", memory(server)


def time_opening(page: Page, address: str) -> float:
    """Milliseconds until a page is loaded and drawn."""
    start = time.monotonic()
    page.goto(address)
    page.evaluate("() => new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)))")
    return 1000 * (time.monotonic() - start)


def time_keys(page: Page) -> list[float]:
    """Milliseconds from each key in the filter of the recording until the table has changed and is drawn."""
    page.focus("#recording")
    times = []
    for key in itertools.islice(itertools.cycle(["s", "i", "Backspace", "Backspace"]), KEYS):
        page.evaluate(f"() => {{ window.nextChange = ({NEXT_CHANGE})(); }}")
        page.keyboard.press(key)
        times.append(float(page.evaluate("() => window.nextChange")))
    return times


def delay_ms() -> float:
    """How long the page waits after a key."""
    match = re.search(r"FILTER_DELAY_MS = (\d+)", SCRIPT.read_text(encoding="utf-8"))
    if not match:
        raise ValueError(f"{SCRIPT} has no FILTER_DELAY_MS")
    return float(match[1])


def memory(server: psutil.Process) -> str:
    """Resident memory of a process."""
    return f"{server.memory_info().rss / 1e6:.0f} MB"


def spread(times_ms: list[float]) -> str:
    """Median and maximum."""
    return f"{statistics.median(times_ms):.0f} ms (at most {max(times_ms):.0f} ms)"


def get(address: str) -> None:
    """Request a page, and wait for all of it."""
    with urllib.request.urlopen(address) as answer:
        answer.read()


if __name__ == "__main__":
    main()
