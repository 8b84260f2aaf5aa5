"""The embed stage: every view of every clip through the backbone once."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.models import networks
from project_echo.models.pooling import Pooling
from stages import embed
from tests.sounds import FEATURES

POOLING = {"blocks": [1, 3], "bands": [2, 1], "std": True, "sqrt": True}


def test_embeds_every_view_of_every_clip_and_replaces_earlier_embeddings(
    workspace: Path, spectrograms: Path, backbone: Path, set_params: Callable[..., None]
) -> None:
    folder = workspace / "embeddings"
    files.write_array(np.zeros(3), folder / "removed/clip.npy")
    set_params("embed", **POOLING)
    embed.main(spectrograms, backbone, folder)
    written = sorted(path.relative_to(folder) for path in folder.rglob("*.npy"))
    assert written == sorted(path.relative_to(spectrograms) for path in spectrograms.rglob("*.npy"))
    assert files.read_json(folder / "embeddings.json") == POOLING
    network = networks.backbone(
        FEATURES.image_shape, FEATURES.top_db, Pooling(**POOLING), backbone / "mobilenet_v2.weights.h5"
    )
    images = files.read_array(spectrograms / "high/2.npy").astype(np.float32)
    embeddings = files.read_array(folder / "high/2.npy")
    assert embeddings.shape == (2, 2 * (2 * 96 + 144))
    np.testing.assert_allclose(embeddings, network(images, training=False), atol=1e-5)


def test_bands_that_do_not_divide_the_rows_are_an_error_that_names_the_parameter_and_nothing_is_written(
    workspace: Path, spectrograms: Path, backbone: Path, set_params: Callable[..., None]
) -> None:
    set_params("embed", blocks=[1], bands=[3])
    with pytest.raises(EchoError, match=r"embed\.bands: .* 3 bands"):
        embed.main(spectrograms, backbone, workspace / "embeddings")
    assert not (workspace / "embeddings").exists()
