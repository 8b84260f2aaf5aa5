"""The backbone stage: weights that were checked, or the earlier ones untouched."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from project_echo.core.errors import EchoError
from project_echo.models import networks, pretrained
from project_echo.models.backend import keras
from project_echo.models.pooling import Pooling
from stages import backbone as stage

NAME = "mobilenet_v2.weights.h5"


def test_writes_the_same_bytes_on_every_run_which_a_network_of_another_size_loads(
    workspace: Path, backbone: Path, set_params: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    original = pretrained.from_file(backbone / NAME)
    monkeypatch.setattr(pretrained, "DIGEST", pretrained.digest(original))
    set_params("backbone", weights=str(backbone / NAME))
    for folder in ("first", "second"):
        keras.utils.clear_session()  # as in a process of its own, where layers are numbered from the start
        stage.main(workspace / folder)
        assert [path.name for path in (workspace / folder).iterdir()] == [NAME]
    first, second = (workspace / folder / NAME for folder in ("first", "second"))
    assert first.read_bytes() == second.read_bytes()
    network = networks.backbone((32, 39, 3), 80.0, Pooling(blocks=("last",), bands=(1,), std=False, sqrt=False), first)
    for expected, weights in zip(original.get_weights(), network.get_weights(), strict=True):
        np.testing.assert_array_equal(weights, expected)


def test_other_weights_are_an_error_that_names_the_file_and_earlier_ones_are_kept(
    workspace: Path, backbone: Path, set_params: Callable[..., None]
) -> None:
    set_params("backbone", weights=str(backbone / NAME))
    folder = workspace / "models/backbone"
    folder.mkdir(parents=True)
    (folder / NAME).write_text("from before")
    with pytest.raises(EchoError) as error:
        stage.main(folder)
    assert str(backbone / NAME) in str(error.value)
    assert [path.read_text() for path in folder.iterdir()] == ["from before"]
    assert [path.name for path in folder.parent.iterdir()] == ["backbone"]
