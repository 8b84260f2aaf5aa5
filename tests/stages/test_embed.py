"""The embed stage: every view of every clip through the backbone once."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.models.card import BACKBONE
from project_echo.models.embedding import EPSILON, STEPS
from project_echo.models.litert import Network
from project_echo.models.pooling import read_pooled
from stages import embed

POOLING = {"blocks": [1], "bands": [2], "std": True, "sqrt": True}


def test_embeds_every_view_of_every_clip_and_replaces_earlier_embeddings(
    workspace: Path, spectrograms: Path, backbone: Path, set_params: Callable[..., None]
) -> None:
    folder = workspace / "embeddings"
    files.write_array(np.zeros(3), folder / "removed/clip.npy")
    set_params("embed", **POOLING)
    embed.main(spectrograms, backbone, folder)
    written = sorted(path.relative_to(folder) for path in folder.rglob("*.npy"))
    assert written == sorted(path.relative_to(spectrograms) for path in spectrograms.rglob("*.npy"))
    assert files.read_json(folder / "embeddings.json") == POOLING | {"sizes": [16, 16]}
    assert read_pooled(folder / "embeddings.json").sizes == (16, 16)
    embeddings = files.read_array(folder / "high/2.npy")
    assert (embeddings.shape, embeddings.dtype) == ((2, 32), np.int16)
    for image, embedding in zip(files.read_array(spectrograms / "high/2.npy"), embeddings, strict=True):
        (tap,) = Network(backbone / BACKBONE)(image)
        activations = tap.scale * tap.values.astype(np.float64)
        over_time = np.stack([activations.mean(axis=1), np.sqrt(activations.var(axis=1) + EPSILON)])
        bands = over_time.reshape(2, 2, 8, 8).mean(axis=2)
        np.testing.assert_allclose(embedding / STEPS, np.sqrt(bands + EPSILON).ravel(), atol=0.6 / STEPS)


def test_bands_that_do_not_divide_the_rows_are_an_error_that_names_the_parameter_and_nothing_is_written(
    workspace: Path, spectrograms: Path, backbone: Path, set_params: Callable[..., None]
) -> None:
    set_params("embed", blocks=[1], bands=[3])
    with pytest.raises(EchoError, match=r"embed\.bands: .* 3 bands"):
        embed.main(spectrograms, backbone, workspace / "embeddings")
    assert not (workspace / "embeddings").exists()
