"""Collect the corpus: labelled and unseen recordings, and the tables that list them.

python stages/collect.py data/corpus
"""

from pathlib import Path

from project_echo.core import files
from project_echo.core.labels import NONE, PARTIAL, animal_labels
from project_echo.core.tables import write_table
from project_echo.corpora.collect import collect
from project_echo.corpora.config import Collect
from project_echo.datasets.config import Split
from project_echo.pipeline.params import load_params
from project_echo.pipeline.script import run


def main(target: Path) -> None:
    params, split = load_params("collect", Collect), load_params("split", Split)
    with files.atomic_folder(target) as temporary:
        collected = collect(Path(params.corpus), Path(params.folder), temporary, split)
        write_table(collected.recordings, temporary / "recordings.csv")
        write_table(collected.skipped, temporary / "skipped.csv")
        write_table(collected.stated, temporary / "labels.csv")
    unseen = collected.recordings["unseen"]
    labels = collected.recordings.loc[~unseen, "label"]
    n_background, n_partial = (int((labels == name).sum()) for name in (NONE, PARTIAL))
    partial = f"{n_partial} partially labelled, " if n_partial else ""
    print(
        f"{len(labels) - n_background - n_partial} recordings of {len(animal_labels(labels.unique()))} labels, "
        f"{n_background} of background, {partial}{unseen.sum()} unseen, "
        f"{len(collected.skipped)} skipped ({target / 'skipped.csv'})"
    )


if __name__ == "__main__":
    run(main)
