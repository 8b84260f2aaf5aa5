"""Figures are the same bytes on every run, whatever animals are called."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from project_echo.plots import style

LABELS = ["cane_toad", "Füchse & co", "001"]


def confusion() -> Figure:
    return style.confusion(np.array([[2, 0, 1], [0, 3, 0], [0, 0, 0]]), LABELS, "Confusion")


def per_class() -> Figure:
    table = pd.DataFrame({"label": LABELS, "support": [3, 3, 0]})
    return style.per_class(table.assign(precision=[1, 0.5, 0], recall=[0.5, 1, 0], f1=[0.7, 0.7, 0]))


def history_table() -> pd.DataFrame:
    columns = {name: np.linspace(1, 0.2, 5) for name in ("loss", "val_loss", "accuracy", "val_accuracy")}
    return pd.DataFrame({"epoch": range(1, 6), **columns})


def history() -> Figure:
    return style.history(history_table())


def end() -> Figure:
    """The history of a regression, which has no epochs."""
    return style.history(history_table().tail(1))


def predictions() -> Figure:
    table = pd.DataFrame({"truth": LABELS, "prediction": [LABELS[0], LABELS[0], LABELS[2]]})
    return style.predictions(table.assign(**dict.fromkeys(LABELS, 1 / 3)), LABELS)


def timeline() -> Figure:
    windows = pd.DataFrame({"start_s": [0.0, 1.0], "end_s": [5.0, 6.0], **{label: [0.2, 0.6] for label in LABELS}})
    answer = {"recording": "unseen/a b.mp4", "label": LABELS[2], "truth": "fox", "verdict": "wrong", "stability": 0.5}
    return style.timeline(windows, answer)


@pytest.mark.parametrize("draw", [confusion, per_class, history, end, predictions, timeline])
def test_a_figure_is_the_same_bytes_twice(tmp_path: Path, draw: Callable[[], Figure]) -> None:
    for name in ("first.png", "second.png"):
        style.save(draw(), tmp_path / name)
    first = (tmp_path / "first.png").read_bytes()
    assert first.startswith(b"\x89PNG")
    assert first == (tmp_path / "second.png").read_bytes()


def test_the_epoch_that_was_kept_is_marked_and_a_single_row_is_drawn_as_bars() -> None:
    (loss, accuracy), (loss_end, accuracy_end) = history().axes, end().axes
    for axes in (loss, accuracy):
        assert [line.get_label() for line in axes.lines] == ["train", "validation", "kept"]
        assert list(axes.lines[2].get_xdata()) == [5, 5]
    for axes in (loss_end, accuracy_end):
        assert [label.get_text() for label in axes.get_yticklabels()] == ["train", "validation"]
        assert len(axes.patches) == 2


def test_a_label_with_dollar_signs_is_only_a_name(tmp_path: Path) -> None:
    style.save(style.confusion(np.eye(2), ["fox", r"$\frac{$"], "Confusion"), tmp_path / "figure.png")


def test_the_confusion_shows_its_counts_at_their_places() -> None:
    axes = confusion().axes[0]
    assert axes.get_title("left") == "Confusion"
    assert [(text.get_position(), text.get_text()) for text in axes.texts][:3] == [
        ((0, 0), "2"),
        ((1, 0), "0"),
        ((2, 0), "1"),
    ]


def test_a_label_has_one_colour_in_all_figures_and_no_other_has_it() -> None:
    colours = style.colours(LABELS)
    assert colours == style.colours(LABELS[::-1])
    assert len({colours[label] for label in [*LABELS, "none"]}) == len(LABELS) + 1


def test_more_labels_than_colours_still_have_one() -> None:
    labels = [f"l{place:02}" for place in range(20)]
    assert set(labels) <= set(style.colours(labels))
