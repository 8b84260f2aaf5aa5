"""Figures as SVG in a page."""

import re
from collections.abc import Iterator
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest
from matplotlib.figure import Figure

from project_echo.plots.palette import GRAY, PALETTE
from project_echo.plots.svg import CARD, INK, LINE, MUTED, WIDTH, css_color, new_figure, page_style, set_title, svg


@pytest.fixture(autouse=True)
def _default_settings() -> Iterator[None]:
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        yield


@page_style()
def sample(color: str = PALETTE[0], width: float = WIDTH) -> Figure:
    figure = new_figure(200, width)
    axes = figure.subplots()
    axes.plot([0, 1 / 3, 1], [0, 1, 1], color=color)
    (bar,) = axes.bar([0.5], [0.25], 0.1, color=color)
    set_title(bar, "<a> & b")
    axes.plot([0.25], [0.25], marker="o", color=color)
    axes.text(0.5, 0.5, "$x & <y>", rotation=90, rotation_mode="anchor")
    return figure


def test_text_stays_text_and_is_escaped() -> None:
    drawn = ElementTree.fromstring(str(svg(sample())))
    assert "$x & <y>" in [text.text for text in drawn.iter("text")]
    assert [title.text for title in drawn.iter("title")] == ["<a> & b"]
    assert not any("font-family" in text.attrib for text in drawn.iter())


@pytest.mark.parametrize("color", [*PALETTE, GRAY, INK, MUTED, LINE, CARD])
def test_every_color_is_a_variable_of_the_page(color: str) -> None:
    text = str(svg(sample(color)))
    assert css_color(color) in text
    assert not re.search(r"#[0-9a-f]{6}", text)


def test_a_color_that_a_page_has_no_variable_for_is_an_error() -> None:
    with pytest.raises(KeyError, match="123456"):
        svg(sample("#123456"))


def test_nothing_refers_to_an_id_and_nothing_tells_the_day() -> None:
    text = str(svg(sample()))
    assert not re.search(r"\b(id|clip-path|xlink|url|date|Date)\b", text)
    assert text.startswith('<svg viewBox="0 0 420 200"')


def test_markers_are_drawn_at_their_place() -> None:
    drawn = ElementTree.fromstring(str(svg(sample())))
    assert any(path.get("transform", "").startswith("translate(") for path in drawn.iter("path"))


def test_numbers_have_two_decimals_at_most() -> None:
    assert not re.search(r"\d\.\d{3}", str(svg(sample())))


def test_bytes_are_the_same_whatever_the_settings_are() -> None:
    first = svg(sample())
    matplotlib.rcParams.update({"font.size": 20, "savefig.dpi": 30, "svg.fonttype": "path", "svg.hashsalt": "other"})
    assert svg(sample()) == first


def test_a_wide_figure_stays_readable() -> None:
    assert "min-width" not in svg(sample())
    assert "min-width:630px" in svg(sample(width=2 * WIDTH))


def test_an_image_is_embedded_at_its_own_size() -> None:
    with page_style():
        figure = new_figure(200)
        figure.subplots().imshow(np.zeros((10, 30, 3), np.uint8), interpolation="none", aspect="auto")
        drawn = ElementTree.fromstring(str(svg(figure)))
    (image,) = drawn.iter("image")
    assert (image.get("width"), image.get("height")) == ("30", "10")
    assert image.get("href", "").startswith("data:image/png;base64,")
