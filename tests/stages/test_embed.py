"""The embed stage: every view of every clip through the backbone, once."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.models import networks
from stages import embed


def test_writes_an_embedding_of_every_view_of_every_clip(
    workspace: Path, spectrograms: Path, backbone: Path, set_params: Callable[..., None]
) -> None:
    set_params("embed", blocks=[1, 3], bands=[2, 1], deviations=True, root=True)
    embed.main(spectrograms, backbone, workspace / "embeddings")
    written = sorted(path.relative_to(workspace / "embeddings") for path in (workspace / "embeddings").rglob("*.npy"))
    assert written == sorted(path.relative_to(spectrograms) for path in spectrograms.rglob("*.npy"))
    assert files.read_json(workspace / "embeddings/embeddings.json") == {
        "blocks": [1, 3],
        "bands": [2, 1],
        "deviations": True,
        "root": True,
    }
    weights = backbone / "mobilenet_v2.weights.h5"
    network = networks.backbone((32, 39, 3), 80.0, [1, 3], [2, 1], True, weights, root=True)
    images = files.read_array(spectrograms / "high/2.npy").astype(np.float32)
    found = files.read_array(workspace / "embeddings/high/2.npy")
    assert found.shape == (2, 2 * (2 * 96 + 144))
    np.testing.assert_allclose(found, network.predict(images), atol=1e-5)


def test_other_blocks_replace_the_embeddings_of_before(
    workspace: Path, spectrograms: Path, backbone: Path, set_params: Callable[..., None]
) -> None:
    stale = workspace / "embeddings/gone/clip.npy"
    files.write_array(np.zeros(3), stale)
    set_params("embed", blocks=[1], bands=[4], deviations=False)
    embed.main(spectrograms, backbone, workspace / "embeddings")
    assert not stale.exists()
    assert files.read_array(workspace / "embeddings/low/0.npy").shape == (2, 4 * 96)


def test_bands_that_the_image_cannot_be_shared_by_are_an_error_and_nothing_is_written(
    workspace: Path, spectrograms: Path, backbone: Path, set_params: Callable[..., None]
) -> None:
    set_params("embed", blocks=[1], bands=[3])
    with pytest.raises(EchoError, match=r"embed\.bands: .* cannot be shared by 3 bands"):
        embed.main(spectrograms, backbone, workspace / "embeddings")
    assert not (workspace / "embeddings").exists()
