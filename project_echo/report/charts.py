"""Charts of the report, each with a summary in words and a table for readers who do not see it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from markupsafe import Markup

from project_echo.core.labels import display_name
from project_echo.core.text import count, percent
from project_echo.plots import marks
from project_echo.plots.palette import PALETTE
from project_echo.plots.svg import FONT, INK, LINE, MUTED, WIDTH, new_figure, page_style, set_title, svg
from project_echo.report import phrases

BLUE, ORANGE = PALETTE[0], PALETTE[4]  # of two series, the later or better known one first
CHARACTER = 0.62 * FONT  # width of a character, px, rather too much than too little
LARGEST_CELL, SMALLEST_CELL = 62, 15  # px; a name beside a cell needs the smallest
NUMBER_CELL = 38  # px, that a number in a cell needs
LEAST = 0.01  # a share below it is not written as 0%
LONGEST_NAME = 20  # characters


@dataclass(frozen=True)
class Chart:
    """A chart: its title, a summary in words, its SVG, and the data as a table."""

    title: str
    summary: str
    svg: Markup
    table: pd.DataFrame

    @property
    def scrolls(self) -> bool:
        """Whether it may be wider than its card, and scrolls there."""
        return "min-width" in self.svg.partition(">")[0]


def short_name(label: str) -> str:
    """The display name of a label as it fits into a chart."""
    name = display_name(label)
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}\N{HORIZONTAL ELLIPSIS}"


@page_style()
def confusion(counts: np.ndarray, labels: Sequence[str], title: str, note: str = "") -> Chart:
    """Confusion matrix in shares of the true label; the counts are the text of its cells and the table.

    Parameters
    ----------
    counts : np.ndarray of shape (labels, labels), int
        Rows are the truth, columns the prediction.
    labels : sequence of str
        In the order of `counts`.
    title : str
        Plain text.
    note : str
        A sentence to follow the summary.

    Returns
    -------
    Chart
    """
    shares = counts / np.maximum(1, counts.sum(axis=1, keepdims=True))
    names, full_names = [short_name(label) for label in labels], [display_name(label) for label in labels]
    names_px = CHARACTER * max(map(len, names)) + 12
    size = min(LARGEST_CELL, max(SMALLEST_CELL, (WIDTH - names_px - 12) / len(names)))
    # Names below the columns stand in lines of a word each, or upright if a word is too long for that.
    upright = CHARACTER * max(len(word) for name in names for word in name.split(" ")) > size
    below_px = 18 + (names_px if upright else 20 + 16 * max(name.count(" ") for name in names))
    figure = new_figure(below_px + 24 + size * len(names), max(WIDTH, names_px + size * len(names)))
    axes = figure.subplots()
    for row, column in zip(*np.nonzero(counts), strict=True):
        share = shares[row, column]
        text = (
            f"{full_names[row]}, predicted {full_names[column]}: {counts[row, column]:.0f} of {counts[row].sum():.0f}"
        )
        marks.cell(axes, column, row, BLUE, marks.LEGIBLE * share, text)
        if size >= NUMBER_CELL:
            shown = percent(share, 0) if share >= LEAST else f"<{percent(LEAST, 0)}"
            number = axes.text(column, row, shown, ha="center", va="center", color=INK)
            set_title(number, text)
    ends = np.arange(len(names) + 1) - 0.5
    axes.hlines(ends, -0.5, len(names) - 0.5, color=LINE, linewidth=1)
    axes.vlines(ends, -0.5, len(names) - 0.5, color=LINE, linewidth=1)
    if upright:
        axes.set_xticks(range(len(names)), names, rotation=90, va="center", ha="right", rotation_mode="anchor")
    else:
        axes.set_xticks(range(len(names)), [name.replace(" ", "\n") for name in names])
    axes.set_yticks(range(len(names)), names)
    axes.set(xlim=(-0.5, len(names) - 0.5), ylim=(len(names) - 0.5, -0.5), aspect="equal", anchor="W")
    axes.spines[:].set_visible(False)
    axes.set_xlabel("predicted")
    axes.annotate("true", (0, 1), (-7, 5), "axes fraction", "offset points", ha="right", color=MUTED)
    table = pd.DataFrame(counts.astype(int), columns=full_names)
    table.insert(0, "true", full_names, allow_duplicates=True)
    correct, total = int(np.trace(counts)), int(counts.sum())
    summary = f"{phrases.share(correct / max(1, total))} of {count(total, 'prediction')} are right (on the diagonal)."
    return Chart(title, " ".join(filter(None, [summary, note])), svg(figure), table)


@page_style()
def scores(table: pd.DataFrame, colors: Mapping[str, str], title: str, summary: str) -> Chart:
    """Shares of labels as points with their 95% confidence intervals, a row for each label.

    Parameters
    ----------
    table : pd.DataFrame
        A row per label and series: columns label, series, value, low, high; those may be NaN.
    colors : mapping of str to str
        By series.
    title, summary : str
        Plain text.

    Returns
    -------
    Chart
        Its table has a row per label and series.
    """
    labels = list(dict.fromkeys(table["label"]))
    step = 20 if len(colors) > 1 else 24
    height = step * len(colors) + (10 if len(colors) > 1 else 0)
    figure = new_figure(44 + height * len(labels) + (22 if len(colors) > 1 else 0))
    axes = figure.subplots()
    for row in table.itertuples():
        if not np.isfinite(row.value):
            continue
        y = height * labels.index(row.label) + step * (list(colors).index(row.series) - (len(colors) - 1) / 2)
        color, value = colors[row.series], percent(row.value, 0)
        name = display_name(row.label) if len(colors) == 1 else f"{display_name(row.label)}, {row.series}"
        marks.interval(axes, [row.low, row.high], [y, y], color)
        text = f"{name}: {percent(row.value)}, 95% confidence interval {percent(row.low)} to {percent(row.high)}"
        marks.point(axes, row.value, y, color, text)
        axes.annotate(value, (1, y), (10, 0), textcoords="offset points", va="center_baseline", annotation_clip=False)
    axes.set(xlim=(0, 1), ylim=(height * (len(labels) - 0.5), -height / 2))
    axes.set_yticks([height * n for n in range(len(labels))], [short_name(label) for label in labels])
    axes.tick_params(axis="y", labelcolor=INK)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1])
    marks.percentages(axes, "x")
    axes.grid(axis="x")
    axes.spines[:].set_visible(False)
    if len(colors) > 1:
        marks.legend(axes, dict(colors))
    shown = table.assign(label=table["label"].map(display_name))
    columns = ["label", *(["series"] if len(colors) > 1 else []), "value", "low", "high"]
    return Chart(title, summary, svg(figure), shown[columns])
