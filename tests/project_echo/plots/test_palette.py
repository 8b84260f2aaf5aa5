"""Colors of labels."""

import pytest

from project_echo.core.labels import NONE
from project_echo.plots.palette import DASHES, GRAY, HATCHES, PALETTE, label_colors, label_styles

LABELS = ["cane_toad", "Füchse & co", "001"]


def test_colors_do_not_depend_on_the_order_of_labels_and_differ() -> None:
    by_label = label_colors(LABELS)
    assert by_label == label_colors(LABELS[::-1])
    assert len({by_label[label] for label in [*LABELS, "none"]}) == len(LABELS) + 1


def test_none_is_gray_and_takes_no_color_of_an_animal() -> None:
    assert label_colors([*LABELS, "none"]) == label_colors(LABELS)
    assert label_colors([])["none"] == GRAY


@pytest.mark.parametrize("n_labels", [1, 8, 9, 30, 40])
def test_labels_differ_in_color_or_in_dashes_and_hatch(n_labels: int) -> None:
    labels = [f"l{number:02}" for number in range(n_labels)]
    styles = label_styles([*labels, NONE])
    assert set(styles) == {*labels, NONE}
    assert len({(style.color, style.dashes) for style in styles.values()}) == n_labels + 1
    assert len({(style.color, style.hatch) for style in styles.values()}) == n_labels + 1
    assert {label: style.color for label, style in styles.items()} == label_colors(labels)


def test_the_first_labels_have_solid_lines_and_plain_areas() -> None:
    styles = label_styles([f"l{number}" for number in range(len(PALETTE))])
    assert {(style.dashes, style.hatch) for style in styles.values()} == {((), "")}
    assert len(set(DASHES)) == len(set(HATCHES)) == len(DASHES) == len(HATCHES)


def test_more_labels_than_colors_still_have_one() -> None:
    labels = [f"l{number:02}" for number in range(20)]
    assert [label_colors(labels)[label] for label in labels] == [PALETTE[number % len(PALETTE)] for number in range(20)]
