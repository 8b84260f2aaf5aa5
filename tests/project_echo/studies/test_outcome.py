"""Which accuracy the last screen shows."""

import pytest

from project_echo.studies.outcome import figure_lines

SHARE = {"value": 0.8, "low": 0.6, "high": 0.9}
CROSSVAL = {"accuracy": SHARE, "most_confused": {"pair": [], "rate": 0.0}}


@pytest.mark.parametrize(
    ("recall", "decided", "names"),
    [
        ({"boar": 1, "fox": 1}, None, ["names the right animal"]),
        ({"boar": 1, "fox": 1}, {"accuracy": SHARE}, ["names the right animal", "accuracy among animals"]),
        ({"boar": 1, "none": 1}, {"accuracy": SHARE}, ["notices the animal", "accuracy against background"]),
        ({"boar": 1, "none": 1}, None, ["accuracy against background"]),  # right answers on background count as well
    ],
)
def test_an_accuracy_has_the_name_of_what_it_measures(
    recall: dict[str, int], decided: dict[str, object] | None, names: list[str]
) -> None:
    lines = figure_lines(CROSSVAL | {"recall": recall, "decided": decided}, {})
    assert [line.split("  ")[1] for line in lines] == names
