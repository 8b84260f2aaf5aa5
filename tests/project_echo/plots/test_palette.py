"""Colours of labels."""

from project_echo.plots.palette import GREY, PALETTE, colours

LABELS = ["cane_toad", "Füchse & co", "001"]


def test_colours_do_not_depend_on_the_order_of_labels_and_differ() -> None:
    by_label = colours(LABELS)
    assert by_label == colours(LABELS[::-1])
    assert len({by_label[label] for label in [*LABELS, "none"]}) == len(LABELS) + 1


def test_none_is_grey_and_takes_no_colour_of_an_animal() -> None:
    assert colours([*LABELS, "none"]) == colours(LABELS)
    assert colours([])["none"] == GREY


def test_more_labels_than_colours_still_have_one() -> None:
    labels = [f"l{number:02}" for number in range(20)]
    assert [colours(labels)[label] for label in labels] == [PALETTE[number % len(PALETTE)] for number in range(20)]
