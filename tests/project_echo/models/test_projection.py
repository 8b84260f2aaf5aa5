"""Tests of project_echo.models.projection."""

import numpy as np

from project_echo.models.projection import DIMENSIONS, project


def test_projections_keep_distances():
    embeddings = np.random.default_rng(1).integers(0, 256, (40, 4000), dtype=np.uint8)

    projected = project(embeddings).astype(float)

    assert projected.shape == (40, DIMENSIONS)
    of_all, of_projected = (
        np.linalg.norm(values[:, np.newaxis] - values[np.newaxis], axis=2)[np.triu_indices(40, 1)]
        for values in (embeddings.astype(float), projected)
    )
    ratios = of_projected / of_all
    assert np.ptp(ratios) / ratios.mean() < 0.6


def test_sums_are_exact():
    embeddings = np.full((2, 60_000), 255, np.uint8)

    np.testing.assert_array_equal(project(embeddings)[0], project(embeddings[:1])[0])
    assert np.isfinite(project(embeddings)).all()
