import numpy as np
import pandas as pd
import pytest
from sklearn.covariance import OAS

from benchmarks.rejection import mahalanobis_distance, separation
from project_echo.core.seeds import generator
from project_echo.models.logistic import floor_variance


@pytest.mark.parametrize("width", [3, 40])
def test_mahalanobis_distance_equals_that_from_the_full_covariance_matrix(width: int) -> None:
    rng = generator(1, "rejection")
    targets = np.array([1, 0, 1, 0, 1])
    copies = rng.normal(size=(5, 2, width)) * np.linspace(0.01, 2, width) + targets[:, np.newaxis, np.newaxis]
    clips = rng.normal(size=(4, width))

    train, classes = copies.reshape(-1, width), np.repeat(targets, 2)
    scale = np.sqrt(floor_variance(train.var(axis=0)))
    means = np.stack([train[classes == target].mean(axis=0) for target in (0, 1)]) / scale
    precision = OAS(assume_centered=True).fit(train / scale - means[classes]).precision_
    differences = clips[:, np.newaxis] / scale - means
    expected = np.einsum("cmi,ij,cmj->cm", differences, precision, differences).min(axis=1)

    np.testing.assert_allclose(mahalanobis_distance(copies, targets, clips), expected, rtol=1e-6)


def test_threshold_is_chosen_on_validation_clips_and_area_measured_on_test_clips() -> None:
    scores = pd.DataFrame(
        [("validation", "dog", score) for score in range(10, 21)]
        + [("test", "dog", 12.0), ("test", "dog", 30.0), ("test", "none", 10.5), ("test", "none", 11.5)],
        columns=["part", "label", "score"],
    )
    area, false_positive_rate = separation(scores, "score")
    assert area == 1
    assert false_positive_rate == 0.5  # the threshold is 11, which detects ten of eleven
