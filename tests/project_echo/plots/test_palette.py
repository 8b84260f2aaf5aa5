"""Colors of labels."""

from project_echo.plots.palette import GRAY, PALETTE, label_colors

LABELS = ["cane_toad", "Füchse & co", "001"]


def test_colors_do_not_depend_on_the_order_of_labels_and_differ() -> None:
    by_label = label_colors(LABELS)
    assert by_label == label_colors(LABELS[::-1])
    assert len({by_label[label] for label in [*LABELS, "none"]}) == len(LABELS) + 1


def test_none_is_gray_and_takes_no_color_of_an_animal() -> None:
    assert label_colors([*LABELS, "none"]) == label_colors(LABELS)
    assert label_colors([])["none"] == GRAY


def test_more_labels_than_colors_still_have_one() -> None:
    labels = [f"l{number:02}" for number in range(20)]
    assert [label_colors(labels)[label] for label in labels] == [PALETTE[number % len(PALETTE)] for number in range(20)]
