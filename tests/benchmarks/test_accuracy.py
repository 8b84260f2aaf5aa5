from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from benchmarks.accuracy import FIRST_RUN, RERUN, check_same_test_clips, original_path
from benchmarks.clones import with_changes
from project_echo.core import files
from project_echo.core.tables import write_table
from project_echo.corpora.esc50 import Esc50, find_clips
from project_echo.features.augmentation import Augmentation
from project_echo.models.pooling import Pooling
from project_echo.models.recipe import Recipe, check_slices

PARAMS = files.read_yaml(Path(__file__).parents[2] / "params.yaml")


def predictions(*tested: tuple[int, str]) -> pd.DataFrame:
    return pd.DataFrame(tested, columns=["draw", "clip"])


def test_the_reference_may_have_more_draws() -> None:
    check_same_test_clips("MFCC", predictions((0, "a"), (0, "b")), predictions((0, "b"), (0, "a"), (1, "c")))


def test_different_clips_in_a_common_draw_are_an_error() -> None:
    with pytest.raises(ValueError, match="MFCC"):
        check_same_test_clips("MFCC", predictions((0, "a")), predictions((0, "a"), (0, "b")))


@pytest.mark.parametrize("changes", [FIRST_RUN, RERUN], ids=["first run", "rerun"])
def test_the_recipes_of_the_study_are_parameters_of_the_pipeline(changes: dict[str, Any]) -> None:
    params = with_changes(PARAMS, changes)
    recipe, pooling = Recipe(**params["train"]), Pooling(**params["embed"])
    check_slices(recipe.head, pooling.slices)
    assert (recipe.head, pooling.blocks) == ("dense", ("last",))
    assert Augmentation(**params["augmentation"]).second_call == 0


def test_a_recording_of_the_corpus_leads_to_its_original(tmp_path: Path) -> None:
    rows = [
        (f"1-{source}-A-{number}.wav", category, source)
        for number, category in enumerate(("dog", "rain"))
        for source in "abc"
    ]
    for name, *_ in rows:
        (tmp_path / "audio" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "audio" / name).write_bytes(b"sound")
    write_table(pd.DataFrame(rows, columns=["filename", "category", "src_file"]), tmp_path / "meta" / "esc50.csv")
    description = Esc50(layout="esc50", categories=["dog"], background=("rain",), unseen_sources=0, seed=1)
    found, _ = find_clips(description, tmp_path)
    assert len(found) == len(rows)
    assert all((original_path(tmp_path, recording.recording),) == recording.paths for recording in found)
