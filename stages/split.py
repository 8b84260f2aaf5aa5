"""Assign every source to train, validation or test.

python stages/split.py data/clips data/split.csv
"""

from pathlib import Path

from project_echo import files, splits
from project_echo.params import load_params
from project_echo.stage import run


def main(clips: Path, split: Path) -> None:
    sizes = load_params().split
    table = splits.by_source(
        files.read_table(clips / "clips.csv"), sizes.train, sizes.validation, sizes.test, sizes.seed
    )
    files.write_table(table[["clip", "recording", "label", "kind", "source", "part"]], split)
    print(splits.describe(table))


if __name__ == "__main__":
    run(main)
