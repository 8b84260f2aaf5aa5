"""The folder of results: nobody else's files are written over, and what a killed run left half-written is swept."""

import shutil
from pathlib import Path

from project_echo.errors import EchoError

JOURNAL = ".journal"
WRITTEN = ["recordings.csv", "events.csv", "windows.parquet", "activity.csv", "activity.png", "skipped.csv"]
WRITTEN += ["alerts.csv", "clips", "raven", "audacity", "kaleidoscope"]


def prepare(output: Path) -> None:
    """Make the folder ready. Raises EchoError if it is a file, or holds what looks like results of something else."""
    if output.exists() and not output.is_dir():
        raise EchoError(f"--output {output} is a file. Name a folder.")
    foreign = [name for name in WRITTEN if (output / name).exists()]
    if foreign and not (output / JOURNAL).is_dir():
        raise EchoError(
            f"--output {output} holds {', '.join(foreign)}, which another program or person put there and this one "
            "would replace. Name a folder of its own."
        )
    for place in (output, output / JOURNAL):
        for left in [*place.glob(".writing-*"), *place.glob(".*-writing-*")]:
            # A worker that outlived the killed run may come before us.
            shutil.rmtree(left, ignore_errors=True) if left.is_dir() else left.unlink(missing_ok=True)
    for left in (output / JOURNAL).glob("*.begun"):  # an earlier layout
        left.unlink(missing_ok=True)
