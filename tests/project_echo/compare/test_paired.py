"""Predictions of two revisions on the same clips."""

from project_echo.compare import paired
from tests.project_echo.evaluation.pairs import predictions


def test_common_draws_test_the_same_clips() -> None:
    before, after = predictions(2), predictions(2)
    assert len(paired.common_draws(before, after)[0]) == len(before)
    other_clip = after.replace({"clip": {"owl-1": "owl-1-0002.500"}})
    first, second = paired.common_draws(before, other_clip)
    assert set(first["draw"]) == set(second["draw"]) == {"0"}
    first, _ = paired.common_draws(before, after[after["draw"] == "1"])
    assert set(first["draw"]) == {"1"}
    assert paired.common_draws(before, after.replace("owl", "boar"))[0].empty
