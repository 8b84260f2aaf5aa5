"""The backbone stage: weights that were checked, in floats and in integers, or the earlier ones untouched."""

import shutil
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

pytestmark = pytest.mark.slow  # CI runs the stage with the pipeline, which checks the digests

NAME = "mobilenet_v2.weights.h5"


def run(folder: Path) -> list[bytes]:
    """Run the stage; what it wrote."""
    keras.utils.clear_session()  # as in a process of its own, where layers are numbered from the start
    stage.main(Path("networks"), folder)
    assert sorted(path.name for path in folder.iterdir()) == ["backbone.tflite", NAME]
    return contents(folder)


def contents(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted(folder.iterdir())]


@pytest.fixture(scope="module")
def original(keras_backbone: Path) -> keras.Model:
    """Random weights, which tests let the stage take for those of ImageNet."""
    return pretrained.from_file(keras_backbone / NAME)


@pytest.fixture(scope="module")
def accepted_digest(original: keras.Model) -> str:
    return pretrained.digest(original)


@pytest.fixture
def accepted(
    keras_backbone: Path, accepted_digest: str, set_params: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stage takes the random weights for those of ImageNet, and writes two blocks."""
    monkeypatch.setattr(pretrained, "DIGEST", accepted_digest)
    set_params("backbone", weights=str(keras_backbone / NAME))
    set_params("embed", blocks=[3, 1], bands=[1, 1])


@pytest.fixture
def first(workspace: Path, accepted: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the stage writes, which it does once for all tests, as it takes seconds."""
    kept = tmp_path_factory.getbasetemp() / "first backbone"
    if not kept.exists():
        run(workspace / "first")
        shutil.copytree(workspace / "first", kept)
    return kept


def test_writes_the_same_bytes_on_every_run_which_a_network_of_another_size_loads(
    workspace: Path, first: Path, original: keras.Model
) -> None:
    assert run(workspace / "second") == contents(first)
    pooling = Pooling(blocks=("last",), bands=(1,), slices=1, std=False, sqrt=False)
    network = networks.backbone((32, 39, 3), pooling, first / NAME)
    for expected, weights in zip(original.get_weights(), network.get_weights(), strict=True):
        np.testing.assert_array_equal(weights, expected)
    shapes = Network(first / "backbone.tflite").shapes
    assert shapes == [(32, 52, 144), (64, 103, 96)]  # of images of 128 x 205, in the order of params.yaml


def test_what_it_wrote_before_is_used_again_without_the_source(
    workspace: Path, first: Path, set_params: Callable[..., None]
) -> None:
    shutil.copytree(first, workspace / "backbone")
    set_params("backbone", weights="imagenet")
    set_params("embed", blocks=[1], bands=[1])
    integers, weights = run(workspace / "backbone")
    assert weights == contents(first)[1]
    assert len(integers) < len(contents(first)[0])


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


@pytest.mark.usefixtures("accepted")
def test_integers_other_than_expected_are_an_error_and_nothing_is_written(
    workspace: Path, set_params: Callable[..., None]
) -> None:
    set_params("embed", blocks=["last"], bands=[1])
    with pytest.raises(EchoError, match=mobilenet_v2.DIGESTS["last"][:12]):
        run(workspace / "backbone")
    assert not (workspace / "backbone").exists()
