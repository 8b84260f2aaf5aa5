"""Folders that stages run in: a params.yaml that may be changed, and a split of the clips of `spectrograms`."""

from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from project_echo.core import files
from project_echo.core.tables import write_table
from tests.conftest import LABELS

ROOT = Path(__file__).parents[2]
NO_CLIPS = Path("no clips")  # where the embed stage reads images alone


def write_params(folder: Path) -> None:
    """Copy the repository's params.yaml into a folder."""
    (folder / "params.yaml").write_bytes((ROOT / "params.yaml").read_bytes())


def change_params(folder: Path, section: str, /, **values: Any) -> None:
    """Change parameters of one section: `change_params(folder, "train", epochs=3)`."""
    params = files.read_yaml(folder / "params.yaml")
    params[section] |= values
    (folder / "params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")


def write_split(path: Path, background: bool) -> None:
    """Write a split with four training, one validation and one test source of each of LABELS, and of background."""
    rows = [*_rows("low", LABELS[0], LABELS[0]), *_rows("high", LABELS[1], LABELS[1])]
    if background:
        rows += _rows("hum", "none", "hum")
    write_table(pd.DataFrame(rows, columns=["clip", "recording", "label", "kind", "source", "part"]), path)


def _rows(folder: str, label: str, kind: str) -> list[tuple[str, ...]]:
    return [
        (f"{folder}/{number}", f"{folder}/{number}.wav", label, kind, f"{folder}-{number}", part)
        for number, part in enumerate(["train"] * 4 + ["validation", "test"])
    ]
