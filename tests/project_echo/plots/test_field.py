"""Figures of an evaluation in the field show their tables, and can be read in print."""

import itertools
from collections.abc import Callable, Sequence
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from project_echo.plots import field, style
from project_echo.plots.style import styled
from tests.project_echo.plots.figures import LABELS

RECALLS = pd.DataFrame(
    [(-5.0, 40, 0.1, 0, 0.2), (0.0, 48, 0.5, 0.4, 0.6), (20.0, 44, 1.0, 0.9, 1.0)],
    columns=["snr_db", "calls", "recall", "low", "high"],
)
RECALL = np.linspace(0, 1, 11)


def curves_table(labels: Sequence[str]) -> pd.DataFrame:
    """Curves that end close to each other."""
    return pd.concat(
        pd.DataFrame({"label": label, "recall": RECALL, "precision": 1 - (0.9 - number / 500) * RECALL**2})
        for number, label in enumerate(labels)
    )


def precision_recall(labels: Sequence[str] = LABELS) -> Figure:
    return field.precision_recall(curves_table(labels), dict.fromkeys(labels, 0.64))


def recall_by_snr(_: Sequence[str] = LABELS) -> Figure:
    return field.recall_by_snr(RECALLS)


def test_each_label_has_a_curve_and_its_name_beside_it() -> None:
    (axes,) = precision_recall().axes
    assert [text.get_text() for text in axes.texts] == ["0.64  cane toad", "0.64  Füchse & co", "0.64  001"]
    curves, leaders = axes.lines[::2], axes.lines[1::2]
    for line, leader, text, (_, curve) in zip(
        curves, leaders, axes.texts, curves_table(LABELS).groupby("label", sort=False), strict=True
    ):
        np.testing.assert_array_equal(line.get_xydata(), curve[["recall", "precision"]])
        ends = np.asarray(leader.get_xydata())
        assert ends[0].tolist() == [1, curve["precision"].iloc[-1]]
        assert ends[-1][1] == text.get_position()[1]
        assert leader.get_color() == line.get_color()
    assert len({line.get_color() for line in curves}) == len(LABELS)


@pytest.mark.parametrize("n_labels", [1, 4, 30])
@styled()
def test_names_beside_the_curves_do_not_overlap_and_fit(n_labels: int) -> None:
    figure = precision_recall([f"chestnut-sided_warbler_{number:02}" for number in range(n_labels)])
    FigureCanvasAgg(figure).draw()
    boxes = sorted((text.get_window_extent() for text in figure.axes[0].texts), key=lambda box: box.y0)
    assert all(lower.y1 <= upper.y0 + 1 for lower, upper in itertools.pairwise(boxes))
    assert all(0 <= box.y0 < box.y1 <= figure.bbox.height and box.x1 <= figure.bbox.width for box in boxes)


def test_a_label_without_a_curve_is_not_drawn() -> None:
    figure = field.precision_recall(curves_table(LABELS[:1]), {LABELS[0]: 0.5, LABELS[1]: None})
    assert [text.get_text() for text in figure.axes[0].texts] == ["0.50  cane toad"]


def test_no_curve_at_all_is_an_empty_figure() -> None:
    figure = field.precision_recall(pd.DataFrame(columns=["label", "recall", "precision"]), {})
    assert not figure.axes[0].lines


def test_recall_by_signal_to_noise_ratio_has_intervals_and_numbers_of_calls() -> None:
    (axes,) = recall_by_snr().axes
    np.testing.assert_array_equal(axes.lines[0].get_xydata(), RECALLS[["snr_db", "recall"]])
    assert [label.get_text() for label in axes.get_xticklabels()] == ["-5\n40 calls", "0\n48 calls", "20\n44 calls"]
    assert [text.get_text() for text in axes.texts] == ["0.10", "0.50", "1.00"]
    (bars,) = axes.collections
    spans = [np.asarray(path.vertices)[:, 1].tolist() for path in bars.get_paths()]
    assert spans == [pytest.approx([row.low, row.high]) for row in RECALLS.itertuples()]


@pytest.mark.parametrize("draw", [precision_recall, recall_by_snr])
def test_other_settings_change_no_byte(draw: Callable[[Sequence[str]], Figure], tmp_path: Path) -> None:
    style.save(draw(LABELS), tmp_path / "first.png")
    with matplotlib.rc_context({"font.size": 20, "axes.facecolor": "red", "text.parse_math": True}):
        style.save(draw(LABELS), tmp_path / "second.png")
    assert (tmp_path / "first.png").read_bytes() == (tmp_path / "second.png").read_bytes()


def test_dollar_signs_of_a_label_are_text(tmp_path: Path) -> None:
    figure = precision_recall(["a$b$c", "$x", r"$\frac{$"])
    style.save(figure, tmp_path / "figure.png")
    texts = [text for text in figure.findobj(Text) if isinstance(text, Text) and "$" in text.get_text()]
    assert len(texts) >= 3
    assert not any(text.get_parse_math() for text in texts)
