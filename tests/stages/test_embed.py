"""The embed stage: every view of every clip through the backbone once."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.features.slices import slice_edges
from project_echo.models.card import BACKBONE
from project_echo.models.embedding import EPSILON, steps
from project_echo.models.litert import Network
from project_echo.models.pooling import Pooling, read_pooled
from stages import embed
from tests.stages.workspaces import NO_CLIPS

POOLING: dict[str, Any] = {"blocks": [1], "bands": [2], "slices": 3, "std": True, "sqrt": True}


def test_embeds_every_view_of_every_clip_and_replaces_earlier_embeddings(
    workspace: Path, spectrograms: Path, backbone: Path, set_params: Callable[..., None]
) -> None:
    folder = workspace / "embeddings"
    files.write_array(np.zeros(3), folder / "removed/clip.npy")
    set_params("embed", **POOLING)
    embed.main(NO_CLIPS, spectrograms, backbone, folder)
    written = sorted(path.relative_to(folder) for path in folder.rglob("*.npy"))
    assert written == sorted(path.relative_to(spectrograms) for path in spectrograms.rglob("*.npy"))
    assert files.read_json(folder / "embeddings.json") == POOLING | {"sizes": [16, 16]}
    assert read_pooled(folder / "embeddings.json").sizes == (16, 16)
    embeddings = files.read_array(folder / "high/2.npy")
    assert (embeddings.shape, embeddings.dtype) == ((2, 3, 32), np.uint8)
    for image, embedding in zip(files.read_array(spectrograms / "high/2.npy"), embeddings, strict=True):
        (tap,) = Network(backbone / BACKBONE)(image)
        activations = tap.scale * tap.values.astype(np.float64)
        edges = slice_edges(activations.shape[1], 3)
        for number in range(3):
            bands = activations[:, edges[number] : edges[number + 2]].reshape(2, -1, 8)
            statistics = np.concatenate([bands.mean(axis=1).ravel(), np.sqrt(bands.var(axis=1) + EPSILON).ravel()])
            expected = steps(Pooling(**POOLING)) * np.sqrt(statistics + EPSILON)
            np.testing.assert_allclose(embedding[number], expected, atol=0.6)


def test_too_many_slices_are_an_error_that_names_the_parameter(
    workspace: Path, spectrograms: Path, backbone: Path, set_params: Callable[..., None]
) -> None:
    set_params("embed", **POOLING | {"slices": 20})
    with pytest.raises(EchoError, match=r"embed\.slices: .* 20 columns .* 20 slices"):
        embed.main(NO_CLIPS, spectrograms, backbone, workspace / "embeddings")


def test_bands_that_do_not_divide_the_rows_are_an_error_that_names_the_parameter_and_nothing_is_written(
    workspace: Path, spectrograms: Path, backbone: Path, set_params: Callable[..., None]
) -> None:
    set_params("embed", blocks=[1], bands=[3])
    with pytest.raises(EchoError, match=r"embed\.bands: .* 3 bands"):
        embed.main(NO_CLIPS, spectrograms, backbone, workspace / "embeddings")
    assert not (workspace / "embeddings").exists()
