"""The backbone stage: weights that were checked, in floats and in integers, or the earlier ones untouched."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from project_echo.core.errors import EchoError
from project_echo.models import mobilenet_v2, networks, pretrained
from project_echo.models.backend import keras
from project_echo.models.litert import Network
from project_echo.models.pooling import Pooling
from stages import backbone as stage

NAME = "mobilenet_v2.weights.h5"


def run(folder: Path) -> list[bytes]:
    """Run the stage; what it wrote."""
    keras.utils.clear_session()  # as in a process of its own, where layers are numbered from the start
    stage.main(Path("networks"), folder)
    assert sorted(path.name for path in folder.iterdir()) == ["backbone.tflite", NAME]
    return [path.read_bytes() for path in sorted(folder.iterdir())]


@pytest.fixture
def accepted(keras_backbone: Path, set_params: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> keras.Model:
    """Random weights, which the stage takes for those of ImageNet."""
    original = pretrained.from_file(keras_backbone / NAME)
    monkeypatch.setattr(pretrained, "DIGEST", pretrained.digest(original))
    set_params("backbone", weights=str(keras_backbone / NAME))
    set_params("embed", blocks=[3, 1], bands=[1, 1])
    return original


def test_writes_the_same_bytes_on_every_run_which_a_network_of_another_size_loads(
    workspace: Path, accepted: keras.Model
) -> None:
    assert run(workspace / "first") == run(workspace / "second")
    pooling = Pooling(blocks=("last",), bands=(1,), slices=1, std=False, sqrt=False)
    network = networks.backbone((32, 39, 3), pooling, workspace / "first" / NAME)
    for expected, weights in zip(accepted.get_weights(), network.get_weights(), strict=True):
        np.testing.assert_array_equal(weights, expected)
    shapes = Network(workspace / "first/backbone.tflite").shapes
    assert shapes == [(32, 62, 144), (64, 123, 96)]  # of images of 128 x 246, in the order of params.yaml


def test_what_it_wrote_before_is_used_again_without_the_source(
    workspace: Path, accepted: keras.Model, set_params: Callable[..., None]
) -> None:
    first = run(workspace / "backbone")
    set_params("backbone", weights="imagenet")
    set_params("embed", blocks=[1], bands=[1])
    integers, weights = run(workspace / "backbone")
    assert weights == first[1]
    assert len(integers) < len(first[0])


def test_other_weights_are_an_error_that_names_the_file_and_earlier_ones_are_kept(
    workspace: Path, keras_backbone: Path, set_params: Callable[..., None]
) -> None:
    set_params("backbone", weights=str(keras_backbone / NAME))
    folder = workspace / "models/backbone"
    folder.mkdir(parents=True)
    (folder / NAME).write_text("from before")
    with pytest.raises(EchoError) as error:
        stage.main(Path("networks"), folder)
    assert str(keras_backbone / NAME) in str(error.value)
    assert [path.read_text() for path in folder.iterdir()] == ["from before"]
    assert [path.name for path in folder.parent.iterdir()] == ["backbone"]


def test_integers_other_than_expected_are_an_error_and_nothing_is_written(
    workspace: Path, accepted: keras.Model, set_params: Callable[..., None]
) -> None:
    set_params("embed", blocks=["last"], bands=[1])
    with pytest.raises(EchoError, match=mobilenet_v2.DIGESTS["last"][:12]):
        run(workspace / "backbone")
    assert not (workspace / "backbone").exists()
