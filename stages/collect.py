"""Bring a corpus together: recordings with labels, unseen recordings, and the table that names them.

python stages/collect.py data/corpus
"""

from pathlib import Path

from project_echo import files
from project_echo.corpora.collect import collect
from project_echo.params import load_params
from project_echo.stage import run


def main(target: Path) -> None:
    chosen = load_params().collect
    with files.replacing_folder(target) as beside:
        collected = collect(Path(chosen.corpus), Path(chosen.folder), beside)
        files.write_table(collected.recordings, beside / "recordings.csv")
        files.write_table(collected.skipped, beside / "skipped.csv")
    recordings, unseen = collected.recordings, int(collected.recordings["unseen"].sum())
    labels = recordings.loc[~recordings["unseen"], "label"].nunique()
    print(
        f"{len(recordings) - unseen} recordings of {labels} labels, {unseen} unseen, {len(collected.skipped)} left out "
        f"({target / 'skipped.csv'})"
    )


if __name__ == "__main__":
    run(main)
