"""The backbone stage: checked weights on disk, or the old ones untouched."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from project_echo.core.errors import EchoError
from project_echo.models import networks, pretrained
from project_echo.models.backend import keras
from stages import backbone as stage


def test_writes_weights_that_a_network_of_another_size_loads(
    workspace: Path, backbone: Path, set_params: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    source = backbone / "mobilenet_v2.weights.h5"
    original = pretrained.from_file(source)
    monkeypatch.setattr(pretrained, "DIGEST", pretrained.digest(original))
    set_params("backbone", weights=str(source))
    stage.main(workspace / "models/backbone")
    assert [path.name for path in (workspace / "models/backbone").iterdir()] == ["mobilenet_v2.weights.h5"]
    written = workspace / "models/backbone/mobilenet_v2.weights.h5"
    network = networks.backbone((32, 39, 3), 80.0, ["last"], [1], False, written)
    for expected, found in zip(original.get_weights(), network.get_weights(), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_same_weights_give_the_same_bytes(
    workspace: Path, backbone: Path, set_params: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    source = backbone / "mobilenet_v2.weights.h5"
    monkeypatch.setattr(pretrained, "DIGEST", pretrained.digest(pretrained.from_file(source)))
    set_params("backbone", weights=str(source))
    for name in ("first", "second"):
        keras.utils.clear_session()  # as in a process of its own: layers are numbered from the start
        stage.main(workspace / name)
    written = [(workspace / name / "mobilenet_v2.weights.h5").read_bytes() for name in ("first", "second")]
    assert written[0] == written[1]


def test_random_weights_are_refused_and_what_was_there_stays(
    workspace: Path, backbone: Path, set_params: Callable[..., None]
) -> None:
    set_params("backbone", weights=str(backbone / "mobilenet_v2.weights.h5"))
    target = workspace / "models/backbone"
    target.mkdir(parents=True)
    (target / "mobilenet_v2.weights.h5").write_text("from before")
    with pytest.raises(EchoError, match="not MobileNetV2's ImageNet weights"):
        stage.main(target)
    assert [path.read_text() for path in target.iterdir()] == ["from before"]
    assert [path.name for path in target.parent.iterdir()] == ["backbone"]
