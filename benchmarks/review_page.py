"""How fast the review page opens, scrolls and takes answers, by number of events, in Chromium.

    python -m benchmarks.review_page [--events 20 200 2000] [--runs 5]

Prints a Markdown table, medians of `--runs`. A page is open when its first event is shown. For scrolling (by the wheel)
and for keys, it is the longest time that one step keeps the page from drawing, as CPU time of its main thread, so that
other work on the machine does not count. People notice a delay of more than 100 ms.

References
----------
J. Nielsen, "Usability Engineering", 1993, section 5.5.
"""

import argparse
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page

from tests.browser import chromium, open_page
from tests.project_echo.review.many_events import write_page

FRAME = "() => new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)))"
KEYS = "arsjku"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, nargs="+", default=[20, 200, 2000], help="events of a page")
    parser.add_argument("--runs", type=int, default=5, help="runs of each (default 5)")
    options = parser.parse_args()
    print(f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores\n")
    print("| events | opens in, ms | longest step of the wheel, ms | longest key, ms |")
    print("|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        for n in options.events:
            html = write_page(Path(folder) / str(n), n)
            runs = [measure(browser, html) for _ in range(options.runs)]
            cells = [f"{statistics.median(values):.0f}" for values in zip(*runs, strict=True)]
            print(f"| {n} | {' | '.join(cells)} |", flush=True)


def measure(browser: Browser, html: Path) -> tuple[float, float, float]:
    """Milliseconds that a page takes to open, for its longest step of the wheel, and for its longest key."""
    started = time.monotonic()
    with open_page(browser, html) as page:
        page.wait_for_selector("[role=option][aria-selected=true]")
        opened = time.monotonic() - started
        page.hover("#list")
        wheel = longest_ms(page, [partial(page.mouse.wheel, 0, 1500)] * 60)
        keys = longest_ms(page, [partial(page.keyboard.press, key) for key in KEYS])
    return 1000 * opened, wheel, keys


def longest_ms(page: Page, steps: Sequence[Callable[[], None]]) -> float:
    """The longest CPU time that the page's main thread takes for one of the steps, ms."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def busy_s() -> float:
        page.evaluate(FRAME)
        metrics = session.send("Performance.getMetrics")["metrics"]
        return float(next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration"))

    readings = [busy_s()]
    for step in steps:
        step()
        readings.append(busy_s())
    return 1000 * float(np.diff(readings).max())


if __name__ == "__main__":
    main()
