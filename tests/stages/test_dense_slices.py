"""The dense head takes a window as a whole: slices are an error before anything is trained."""

from collections.abc import Callable
from pathlib import Path

import pytest

from project_echo.core import files
from project_echo.core.errors import EchoError
from stages import check, crossval

POOLED = {"blocks": [1], "bands": [2], "slices": 7, "std": False, "sqrt": True, "sizes": [4]}
NAMED = r"params\.yaml: embed\.slices is 7.*train\.head"


@pytest.fixture(autouse=True)
def dense(workspace: Path, set_params: Callable[..., None]) -> None:
    (workspace / "corpora").mkdir()
    (workspace / "corpora" / "demo.yaml").touch()
    set_params("train", head="dense")


def test_the_check_stage_names_both_keys_and_accepts_a_single_slice(set_params: Callable[..., None]) -> None:
    with pytest.raises(EchoError, match=NAMED):
        check.main()
    set_params("embed", slices=1)
    check.main()


def test_the_crossval_stage_says_so_of_the_embeddings_it_is_given(workspace: Path) -> None:
    files.write_json(POOLED, workspace / "embeddings.json")
    with pytest.raises(EchoError, match=NAMED):
        crossval.main(*[workspace] * 4, *[workspace / name for name in ("crossval.csv", "metrics.json", "plots")])
    assert not (workspace / "metrics.json").exists()
