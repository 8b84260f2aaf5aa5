"""The map of sites: true to scale, legible with one site and with many, and harmless whatever sites are called."""

import math
import re
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from project_echo.app.results import site_map
from project_echo.app.results.map_labels import Box, place_names
from project_echo.app.results.site_map import (
    KM_PER_DEGREE,
    degree_text,
    distance_text,
    draw_map,
    fit,
    round_below,
    unwrapped,
)


def sites(*places: tuple[float, float], rate: float = 1.0) -> pd.DataFrame:
    rows = [(f"site {number}", *place, rate) for number, place in enumerate(places)]
    return pd.DataFrame(rows, columns=["site", "latitude", "longitude", "rate"])


def drawn(table: pd.DataFrame, width: int = 760) -> ElementTree.Element:
    return ElementTree.fromstring(str(draw_map(table, width)))


def circles(svg: ElementTree.Element) -> dict[str, tuple[float, ...]]:
    """Center and radius of each site, by the start of its title."""
    found = {}
    for circle in svg.iter("circle"):
        title = circle.findtext("title")
        if title:
            found[title.rpartition(": ")[0]] = tuple(float(circle.get(name, "")) for name in ("cx", "cy", "r"))
    return found


def bar_px_per_km(svg: ElementTree.Element) -> float:
    scale = next(group for group in svg.iter("g") if group.get("class") == "scale")
    match = re.search(r"h([\d.]+)", scale[0].get("d", ""))
    text = scale[1].text or ""
    assert match
    number, unit = text.replace(",", "").split()
    return float(match[1]) / (float(number) / (1000 if unit == "m" else 1))


@pytest.mark.parametrize("latitude", [0.0, 47.0, -64.0])
def test_distances_are_those_of_the_scale_in_both_directions(latitude: float) -> None:
    svg = drawn(sites((latitude, 8.0), (latitude, 8.2), (latitude + 0.1, 8.0)))
    (x0, y0, _), (x1, y1, _), (x2, y2, _) = circles(svg).values()
    east_km = 0.2 * KM_PER_DEGREE * math.cos(math.radians(latitude + 0.05))
    assert x1 - x0 == pytest.approx(east_km * bar_px_per_km(svg), rel=0.01)
    assert y0 - y2 == pytest.approx(0.1 * KM_PER_DEGREE * bar_px_per_km(svg), rel=0.01)
    assert (y0, x0) == pytest.approx((y1, x2))


@pytest.mark.parametrize("width", [340, 760])
@pytest.mark.parametrize("n", [1, 2, 12, 200])
def test_all_sites_are_on_the_map_and_no_text_covers_another(n: int, width: int) -> None:
    rng = np.random.default_rng(n)
    table = sites(*zip(47 + rng.normal(0, 0.1, n), 8 + rng.normal(0, 0.1, n), strict=True))
    svg = drawn(table.assign(rate=rng.exponential(10, n)), width)
    height = float(svg.get("height", ""))
    places = circles(svg)
    assert len(places) == n
    for x, y, radius in places.values():
        assert radius < x < width - radius
        assert radius < y < height - site_map.BOTTOM - radius
    boxes = [
        Box(x, y - 11, x + 7 * len(text.text or ""), y + 2)
        for text in svg.iter("text")
        if text.get("text-anchor") is None
        for x, y in [(float(text.get("x", "")), float(text.get("y", "")))]
    ]
    assert boxes
    assert not any(box.overlaps(other) for number, box in enumerate(boxes) for other in boxes[:number])
    assert all(box.left >= 0 and box.right <= width for box in boxes)


def test_areas_are_in_proportion_to_rates() -> None:
    table = sites((0, 0), (0, 1), (1, 0), (1, 1)).assign(rate=[16.0, 4.0, 1.0, 0.0])
    radii = [radius for _, _, radius in circles(drawn(table)).values()]
    assert sorted(radii, reverse=True) == pytest.approx([26, 13, 6.5, site_map.SILENT])


def test_without_events_no_circle_is_explained() -> None:
    assert len(list(drawn(sites((47, 8), (47, 9), rate=0.0)).iter("circle"))) == 2


def test_sites_at_one_place_and_at_the_poles_are_drawn() -> None:
    assert len(circles(drawn(sites((47, 8), (47, 8))))) == 2
    assert len(circles(drawn(sites((90, 0), (89, 180), (-90, 5))))) == 3


def test_the_date_line_is_crossed() -> None:
    assert np.ptp(unwrapped(np.array([179.9, -179.9, 180.0]))) == pytest.approx(0.2)
    assert unwrapped(np.array([-70.0, -71.5, 8.0])) == pytest.approx([-70, -71.5, 8])
    frame = fit(unwrapped(np.array([179.9, -179.9])), np.array([-17.0, -17.1]), 760)
    assert frame.width / frame.px_per_degree[0] < 0.5


def test_names_are_shown_and_never_run() -> None:
    name = '<script>alert("1")</script>&'
    svg = drawn(sites((47, 8)).assign(site=name))
    assert [text.text for text in svg.iter("text") if text.get("class") == "site"] == [
        f"{name[:23]}\N{HORIZONTAL ELLIPSIS}"
    ]
    assert list(circles(svg)) == [name]
    assert not list(svg.iter("script"))


def test_colors_are_those_of_the_page() -> None:
    text = str(draw_map(sites((47, 8), (48, 9)), 760))
    assert not re.search(r"#[0-9a-f]{3,6}\b|rgb", text)


def test_a_name_without_room_is_left_out() -> None:
    place = np.full(6, 50.0)
    assert len(list(place_names(place, place, np.full(6, 5.0), list("abcdef"), Box(0, 0, 100, 100)))) == 4
    assert list(place_names(place[:1], place[:1], place[:1], ["a"], Box(0, 0, 100, 100))) == []


def test_texts() -> None:
    assert [round_below(value) for value in (1, 1.9, 2.5, 7, 99)] == [1, 1, 2, 5, 50]
    assert [distance_text(km) for km in (0.05, 0.5, 1, 20, 2000)] == ["50 m", "500 m", "1 km", "20 km", "2,000 km"]
    assert [degree_text(value, "EW", 1) for value in (8.5, -8.5, 190, 0)] == ["8.5° E", "8.5° W", "170.0° W", "0.0°"]
    assert degree_text(-3, "NS", 0) == "3° S"
