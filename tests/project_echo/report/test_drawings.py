"""The charts of the report in a real browser: with many labels and long names, on a wide page and on a phone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Browser, Page

from project_echo.core import files
from project_echo.plots import clip
from project_echo.plots.palette import PALETTE
from project_echo.plots.svg import VARIABLES, svg
from project_echo.report import charts, curves
from project_echo.report.activity import activity_chart
from project_echo.report.charts import Chart
from project_echo.report.field_charts import field_charts
from project_echo.report.uncertainty import reliability
from project_echo.web.render import ROOT
from tests.browser import accessibility_violations, open_page
from tests.project_echo.plots.figures import IMAGE, SOUND, activity_table
from tests.project_echo.report.test_curves import CURVE, HISTORY
from tests.project_echo.report.test_field_charts import metrics, windows
from tests.sounds import FEATURES

LABELS = ["boar", "a_name_that_no_chart_has_room_for", *[f"<b>label_{n:02}</b>" for n in range(12)]]
NARROW, WIDE = 390, 1400  # px

# Texts, lines and images that stand out of their drawing by more than half a unit.
OUTSIDE = """() => [...document.querySelectorAll(".drawing svg")].flatMap((svg) => {
  const view = svg.viewBox.baseVal, inverse = svg.getScreenCTM().inverse();
  return [...svg.querySelectorAll("path, text, image")].filter((element) => {
    const { x, y, width, height } = element.getBBox(), matrix = inverse.multiply(element.getScreenCTM());
    const corners = [[x, y], [x + width, y], [x, y + height], [x + width, y + height]];
    return corners.map(([x, y]) => new DOMPoint(x, y).matrixTransform(matrix))
      .some((point) => point.x < -0.5 || point.y < -0.5 || point.x > view.width + 0.5 || point.y > view.height + 0.5);
  }).map((element) => element.outerHTML.slice(0, 200));
})"""


def page_charts() -> list[Chart]:
    rows: list[dict[str, Any]] = [
        {"label": label, "series": series, "value": value, "low": 0.0, "high": 1.0}
        for label in LABELS
        for series, value in (("first run", 0.0), ("rerun", 1.0))
    ]
    bins = pd.DataFrame(
        {"from": [0.0, 0.9], "to": [0.1, 1.0], "confidence": [0.05, 0.95], "accuracy": [0.0, 1.0], "clips": [900, 100]}
    )
    bins = pd.concat([bins.assign(scaling=when) for when in ("before", "after")])
    spread = pd.DataFrame({"draw": range(3), "accuracy": [0.0, 0.5, 1.0]})
    empty = pd.DataFrame()
    return [
        charts.scores(pd.DataFrame(rows), {"first run": charts.ORANGE, "rerun": charts.BLUE}, "Scores", "Of both."),
        charts.confusion(np.eye(5, dtype=int), LABELS[:5], "A confusion"),
        charts.confusion(np.eye(30, dtype=int), [f"label_{n}" for n in range(30)], "A large confusion"),
        curves.learning_curve(CURVE, "accuracy among animals", "Learning"),
        curves.draw_accuracies(spread, {"value": 0.5, "low": 0.3, "high": 0.7}, "accuracy among animals"),
        curves.training_history(HISTORY, "Training"),
        reliability(bins, {"before": 0.1, "after": 0.05}),
        *field_charts(metrics(LABELS), windows(LABELS)),
        activity_chart(activity_table(["fox", "boar"], days=12), "fox", ["boar", "fox"]),
        activity_chart(activity_table(["fox", "boar"], days=1), "fox", ["boar", "fox"]),
        Chart("Sound", "", svg(clip.sound(SOUND, IMAGE, FEATURES)), empty),
        Chart("Copies", "", svg(clip.copies(np.stack([IMAGE] * 5), FEATURES)), empty),
        Chart("Evidence", "", svg(clip.evidence(IMAGE, np.ones(IMAGE.shape[:2]), FEATURES)), empty),
    ]


@pytest.fixture(scope="module")
def opened(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    path = tmp_path_factory.mktemp("drawings") / "page.html"
    write_page(path)
    with open_page(browser, path) as page:
        yield page


def write_page(path: Path) -> None:
    styles = "".join((ROOT / f"{name}.css").read_text(encoding="utf-8") for name in ("web/page", "report/report"))
    styles += (ROOT / "report/charts.css").read_text(encoding="utf-8")
    cards = "".join(
        f'<figure class="chart-card card"><div class="drawing" role="img" {"tabindex=0" * chart.scrolls} '
        f'aria-label="{chart.title}">{chart.svg}</div></figure>'
        for chart in page_charts()
    )
    head = '<meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>Charts</title>'
    body = f'<main class="page"><h1>Charts</h1><div class="chart-grid">{cards}</div></main>'
    files.write_text(f'<!doctype html><html lang="en"><head>{head}<style>{styles}</style></head>{body}</html>', path)


@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_nothing_stands_out_of_a_drawing_or_of_the_page(opened: Page, width: int) -> None:
    opened.set_viewport_size({"width": width, "height": 900})
    assert opened.evaluate(OUTSIDE) == []
    assert opened.evaluate("document.documentElement.scrollWidth") == width


def test_text_can_be_read_on_a_phone(opened: Page) -> None:
    opened.set_viewport_size({"width": NARROW, "height": 900})
    sizes = opened.evaluate(
        """() => [...document.querySelectorAll(".drawing text")].map(
          (text) => parseFloat(getComputedStyle(text).fontSize) * text.ownerSVGElement.getScreenCTM().a)"""
    )
    assert min(sizes) > 9


def test_the_font_is_that_of_the_page(opened: Page) -> None:
    fonts = opened.evaluate(
        """() => [...document.querySelectorAll("body, .drawing text")]
          .map((element) => getComputedStyle(element).fontFamily)"""
    )
    assert len(set(fonts)) == 1


def test_text_and_lines_are_light_in_the_dark(opened: Page) -> None:
    def text_colors() -> set[str]:
        return set(
            opened.evaluate(
                """() => [...document.querySelectorAll(".drawing text")].map((text) => getComputedStyle(text).fill)"""
            )
        )

    light = text_colors()
    opened.emulate_media(color_scheme="dark")
    try:
        assert not light & text_colors()
        assert accessibility_violations(opened) == []
    finally:
        opened.emulate_media(color_scheme="light")
    assert accessibility_violations(opened) == []


def test_the_page_has_every_color_and_those_of_labels_are_the_same_in_light(opened: Page) -> None:
    values = opened.evaluate(
        "(names) => names.map((name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim())",
        list(VARIABLES.values()),
    )
    shown = dict(zip(VARIABLES, values, strict=True))
    assert all(shown.values())
    assert [shown[color.lower()].lower() for color in PALETTE] == [color.lower() for color in PALETTE]


def test_ids_are_unique(opened: Page) -> None:
    ids = opened.evaluate("[...document.querySelectorAll('[id]')].map((element) => element.id)")
    assert len(ids) == len(set(ids))
