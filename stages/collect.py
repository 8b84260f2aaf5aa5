"""Bring a corpus together: recordings with labels, unseen recordings, and the table that names them.

python stages/collect.py data/corpus
"""

from pathlib import Path

from project_echo.core import files
from project_echo.core.labels import NONE
from project_echo.corpora.collect import collect
from project_echo.corpora.config import Collect
from project_echo.pipeline.params import load_params
from project_echo.pipeline.script import run


def main(target: Path) -> None:
    params = load_params("collect", Collect)
    with files.atomic_folder(target) as beside:
        collected = collect(Path(params.corpus), Path(params.folder), beside)
        files.write_table(collected.recordings, beside / "recordings.csv")
        files.write_table(collected.skipped, beside / "skipped.csv")
    unseen = collected.recordings["unseen"]
    labels = collected.recordings.loc[~unseen, "label"]
    background = (labels == NONE).sum()
    print(
        f"{len(labels) - background} recordings of {len(set(labels) - {NONE})} labels, "
        f"{f'{background} of background, ' if background else ''}{unseen.sum()} unseen, {len(collected.skipped)} left "
        f"out ({target / 'skipped.csv'})"
    )


if __name__ == "__main__":
    run(main)
