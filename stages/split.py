"""Assign every source to train, validation or test.

python stages/split.py data/clips data/split.csv
"""

from pathlib import Path

from project_echo.core.tables import read_table, write_table
from project_echo.datasets.config import Split
from project_echo.datasets.split import check_labels, check_sources, describe, split_by_source
from project_echo.pipeline.params import load_params
from project_echo.pipeline.script import run


def main(clips: Path, split: Path) -> None:
    params = load_params("split", Split)
    table = read_table(clips / "clips.csv")
    check_labels(table)
    check_sources(table, params)
    table = split_by_source(table, params)
    write_table(table[["clip", "recording", "label", "kind", "source", "part"]], split)
    print(describe(table))


if __name__ == "__main__":
    run(main)
