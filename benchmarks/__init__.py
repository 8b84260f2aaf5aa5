"""Benchmarks behind the published figures: run `python -m benchmarks.<name>` from the top of the repository."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
