"""A map of sites as SVG: circles on a graticule, without a background, as the app works offline."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from markupsafe import Markup

from project_echo.app.results.map_labels import CHARACTER, Box, place_names

EARTH_KM = 6371.0088  # mean radius
KM_PER_DEGREE = math.pi * EARTH_KM / 180
MIN_EXTENT_KM = 0.2  # of the map, so that a single site, or two microphones, are not shown on their own scale
LOWEST, HIGHEST = 0.45, 0.8  # height of the map as a share of its width
MARGIN = 0.12  # of the extent, on each side
LEFT, RIGHT, TOP, BOTTOM = 16, 16, 16, 74  # px around the map; scale and legend are below
MAX_CIRCLE, MIN_CIRCLE, SILENT = 26.0, 5.0, 3.0  # px: largest radius with few and with many sites, and without events
FONT = 13  # px
STEPS = (1, 2, 5, 10)
ACTIVE = Markup('fill="var(--accent)" fill-opacity=".45" stroke="var(--accent)"')
QUIET = Markup('fill="var(--card)" stroke="var(--accent)"')


@dataclass(frozen=True)
class Frame:
    """Where places are drawn."""

    width: float  # of the map, px, without what is around it
    height: float
    west: float  # degrees
    north: float
    px_per_degree: tuple[float, float]  # of longitude and latitude

    def x(self, longitude: np.ndarray) -> np.ndarray:
        """Position from the left, px."""
        return LEFT + (longitude - self.west) * self.px_per_degree[0]

    def y(self, latitude: np.ndarray) -> np.ndarray:
        """Position from the top, px."""
        return TOP + (self.north - latitude) * self.px_per_degree[1]


def draw_map(sites: pd.DataFrame, width: int, unit: str = "events per recorded hour") -> Markup:
    """Draw sites at their places, north up, with circles whose areas are in proportion to a rate.

    Parameters
    ----------
    sites : pd.DataFrame
        A row per site, at least one: site, latitude and longitude (degrees), and rate (not negative).
    width : int
        Of the drawing, px. Its height follows from the sites.
    unit : str
        Of the rate.

    Returns
    -------
    Markup
        An SVG whose colors are variables of the page. A degree of longitude is as long as it is at the latitude in the
        middle. Names are left out where they would overlap.
    """
    longitude = unwrapped(sites["longitude"].to_numpy(float))
    latitude = sites["latitude"].to_numpy(float)
    frame = fit(longitude, latitude, width)
    x, y, rates = frame.x(longitude), frame.y(latitude), sites["rate"].to_numpy(float)
    largest = min(largest_radius(x, y), 0.09 * frame.height)  # within the margin
    highest = float(rates.max()) or 1.0
    radii = np.where(rates > 0, np.maximum(SILENT, largest * np.sqrt(rates / highest)), SILENT)
    order = np.argsort(-radii, kind="stable")  # small circles above large ones
    names = [str(name) for name in sites["site"]]
    parts, written = _graticule(frame)
    parts += [_circle(x[i], y[i], radii[i], rates[i], names[i], unit) for i in order]
    bounds = Box(LEFT, TOP, LEFT + frame.width, TOP + frame.height)
    for text, left, baseline in place_names(
        x[order], y[order], radii[order], [names[i] for i in order], bounds, written
    ):
        parts.append(Markup('<text class="site" x="{:.1f}" y="{:.1f}">{}</text>').format(left, baseline, text))
    parts += [_scale_bar(frame), *(_legend(frame, largest, rates.max(), unit) if rates.any() else [])]
    height = TOP + frame.height + BOTTOM
    head = Markup('<svg viewBox="0 0 {} {:.0f}" width="{}" height="{:.0f}" font-size="{}" fill="var(--ink)">')
    return head.format(width, height, width, height, FONT) + Markup("").join(parts) + Markup("</svg>")


def unwrapped(longitude: np.ndarray) -> np.ndarray:
    """Longitudes that are close together also across the date line: some may be above 180 degrees.

    Parameters
    ----------
    longitude : np.ndarray of shape (n,)
        Degrees, -180 to 180.

    Returns
    -------
    np.ndarray of shape (n,)
        The widest gap between neighbors lies outside.
    """
    ordered = np.sort(longitude % 360)
    gaps = np.diff(ordered, append=ordered[0] + 360)
    start = ordered[(int(np.argmax(gaps)) + 1) % len(ordered)]  # the first one east of the widest gap
    around: np.ndarray = start + (longitude - start) % 360
    return around - 360 if start > 180 else around


def fit(longitude: np.ndarray, latitude: np.ndarray, width: int) -> Frame:
    """The frame that shows places with a margin, LOWEST to HIGHEST times as high as wide.

    Parameters
    ----------
    longitude, latitude : np.ndarray of shape (n,)
        Degrees, longitudes from `unwrapped`.
    width : int
        Of the drawing, px.

    Returns
    -------
    Frame
    """
    middle = (longitude.min() + longitude.max()) / 2, (latitude.min() + latitude.max()) / 2
    km_per_degree = KM_PER_DEGREE * max(0.01, math.cos(math.radians(middle[1]))), KM_PER_DEGREE
    wide = max(np.ptp(longitude) * km_per_degree[0], MIN_EXTENT_KM) * (1 + 2 * MARGIN)
    high = max(np.ptp(latitude) * km_per_degree[1], LOWEST * MIN_EXTENT_KM) * (1 + 2 * MARGIN)
    map_width = width - LEFT - RIGHT
    map_height = map_width * min(HIGHEST, max(LOWEST, high / wide))
    px_per_km = min(map_width / wide, map_height / high)
    px = px_per_km * km_per_degree[0], px_per_km * km_per_degree[1]
    return Frame(map_width, map_height, middle[0] - map_width / 2 / px[0], middle[1] + map_height / 2 / px[1], px)


def largest_radius(x: np.ndarray, y: np.ndarray) -> float:
    """Radius of the largest circle, px: smaller the closer sites are to their neighbors, so that most do not overlap.

    Parameters
    ----------
    x, y : np.ndarray of shape (n,)
        Places, px.

    Returns
    -------
    float
    """
    if len(x) < 2:
        return MAX_CIRCLE
    distances = np.hypot(x[:, np.newaxis] - x, y[:, np.newaxis] - y)
    np.fill_diagonal(distances, np.inf)
    return float(np.clip(0.7 * np.median(distances.min(axis=1)), MIN_CIRCLE, MAX_CIRCLE))


def round_below(value: float) -> float:
    """The largest of 1, 2, 5, 10, 20, 50, ... (and their tenths) that is not above a value."""
    power = 10.0 ** math.floor(math.log10(value))
    return max(step * power for step in STEPS if step * power <= value * (1 + 1e-9))


def distance_text(km: float) -> str:
    """A round distance: "200 m", "5 km"."""
    return f"{km * 1000:,.0f} m" if km < 0.999 else f"{km:,.0f} km"


def degree_text(degrees: float, signs: str, digits: int) -> str:
    """Degrees as a map has them, such as 8.54° E; `signs` are the letters of positive and negative ones."""
    value = (degrees + 180) % 360 - 180 if signs == "EW" else degrees
    letter = "" if round(value, digits) == 0 else signs[int(value < 0)]
    return f"{abs(value):.{digits}f}° {letter}".rstrip()


def _ticks(low: float, high: float, n: float) -> tuple[np.ndarray, int]:
    """At most `n` round degrees in a range, or one more, and the number of their decimals."""
    step = round_below(2.5 * (high - low) / n)
    return np.arange(math.ceil(low / step), math.floor(high / step) + 1) * step, max(0, -math.floor(math.log10(step)))


def _graticule(frame: Frame) -> tuple[list[Markup], list[Box]]:
    """The frame, meridians and parallels with their degrees inside it, and where those are written."""
    right, bottom = LEFT + frame.width, TOP + frame.height
    box = Markup('<rect x="{}" y="{}" width="{:.1f}" height="{:.1f}" fill="var(--card)" stroke="var(--muted)"/>')
    parts, written = [box.format(LEFT, TOP, frame.width, frame.height)], []
    line = Markup('<path d="M{:.1f} {:.1f}L{:.1f} {:.1f}" stroke="var(--line)"/>')
    text = Markup('<text class="degrees" x="{:.1f}" y="{:.1f}" font-size="11" fill="var(--muted)">{}</text>')

    def write(left: float, baseline: float, degrees: str) -> None:
        parts.append(text.format(left, baseline, degrees))
        written.append(Box(left, baseline - 11, left + CHARACTER * len(degrees), baseline + 3))

    east = frame.west + frame.width / frame.px_per_degree[0]
    degrees, digits = _ticks(frame.west, east, frame.width / 60)
    for longitude, x in zip(degrees, frame.x(degrees), strict=True):
        parts.append(line.format(x, TOP, x, bottom))
        if x < right - 80:
            write(x + 4, bottom - 5, degree_text(longitude, "EW", digits))
    south = frame.north - frame.height / frame.px_per_degree[1]
    degrees, digits = _ticks(south, frame.north, frame.height / 40)
    for latitude, y in zip(degrees, frame.y(degrees), strict=True):
        parts.append(line.format(LEFT, y, right, y))
        if TOP + 20 < y < bottom - 20:
            write(LEFT + 4, y - 4, degree_text(latitude, "NS", digits))
    return parts, written


def _circle(x: float, y: float, radius: float, rate: float, name: str, unit: str) -> Markup:
    circle = Markup('<circle cx="{:.1f}" cy="{:.1f}" r="{:.1f}" {}><title>{}</title></circle>')
    return circle.format(x, y, radius, ACTIVE if rate > 0 else QUIET, f"{name}: {rate_text(rate)} {unit}")


def rate_text(rate: float) -> str:
    """A rate with three figures or more: "0", "0.25", "12.4", "1,240"."""
    return f"{rate:,.0f}" if rate >= 100 or rate == 0 else f"{rate:.3g}"


def _scale_bar(frame: Frame) -> Markup:
    """A round distance as long as it is on the map, with an arrow to the north."""
    km = round_below(frame.width * 0.3 / frame.px_per_degree[1] * KM_PER_DEGREE)
    length, y = km / KM_PER_DEGREE * frame.px_per_degree[1], TOP + frame.height + 24
    return Markup(
        '<g class="scale"><path d="M{0} {1:.1f}v6h{2:.1f}v-6" fill="none" stroke="var(--ink)" stroke-width="1.5"/>'
        '<text x="{0}" y="{3:.1f}">{4}</text></g>'
        '<g class="north"><path d="M{5:.1f} {6:.1f}l6 16l-6 -4l-6 4z"/>'
        '<text x="{5:.1f}" y="{3:.1f}" text-anchor="middle" font-weight="600">N</text></g>'
    ).format(LEFT, y, length, y + 24, distance_text(km), LEFT + length + 26, y - 10)


def _legend(frame: Frame, largest: float, highest: float, unit: str) -> list[Markup]:
    """Two circles with their rates, and the unit, right of the scale."""
    right, y = LEFT + frame.width, TOP + frame.height + 30
    circle = Markup(
        '<circle cx="{:.1f}" cy="{:.1f}" r="{:.1f}" fill="var(--accent)" fill-opacity=".45" stroke="var(--accent)"/>'
    )
    text = Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="end"{}>{}</text>')
    parts: list[Markup] = []
    for share in (1.0, 0.25):
        shown = rate_text(share * highest)
        radius = max(SILENT, largest * math.sqrt(share))
        parts.append(text.format(right, y + 5, "", shown))
        right -= 0.62 * FONT * len(shown) + 6 + radius
        parts.append(circle.format(right, y, radius))
        right -= radius + 16
    parts.append(text.format(LEFT + frame.width, TOP + frame.height + 70, Markup(' fill="var(--muted)"'), unit))
    return parts
