"""Figures as SVG in a page: their text is text, and their colors are those of the page, light or dark."""

import re
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import matplotlib
from markupsafe import Markup
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from PIL import Image

from project_echo.plots.palette import GRAY, PALETTE

WIDTH = 420  # px, of a figure as wide as a card of a page
READABLE = 0.75  # share of its size at which the font of a figure can still be read
FONT = 13  # px

# Colors of figures, and the CSS variables that stand for them in a page. The values are those of a light page.
INK, MUTED, LINE, CARD = "#1c2421", "#55615c", "#d9dcd3", "#ffffff"
_LABELS = {color.lower(): f"--label-{number}" for number, color in enumerate(PALETTE, 1)}
VARIABLES = {INK: "--ink", MUTED: "--muted", LINE: "--line", CARD: "--card", **_LABELS, GRAY.lower(): "--label-none"}

STYLE = Path(__file__).with_name("page.mplstyle")
PIXELS_PER_INCH = 72  # of Matplotlib's SVG
_TITLE = "title:"
_KEPT = {"d", "x", "y", "transform"}  # attributes of paths and texts; ids and clip paths are not
_NUMBER = r"-?[\d.]+"
_RECTANGLE = re.compile(  # from corner to corner
    rf"M ({_NUMBER}) ({_NUMBER}) L ({_NUMBER}) \2 L \3 ({_NUMBER}) L \1 \4(?: L \1 \2)? z"
)
_TEXT_PROPERTIES = {"font-size", "font-weight", "text-anchor"}  # the family is that of the page


def css_color(color: str) -> str:
    """The color of a label or of text as CSS takes it: a variable, which differs in light and in dark.

    Parameters
    ----------
    color : str
        Hexadecimal, of `palette` or of this module.

    Returns
    -------
    str
        Such as "var(--label-1)".

    Raises
    ------
    KeyError
        If a page has no variable for the color.
    """
    return f"var({VARIABLES[color.lower()]})"


@contextmanager
def page_style() -> Iterator[None]:
    """Draw in the style of page.mplstyle: a context, or the decorator of a function that draws and calls `svg`."""
    with matplotlib.rc_context(fname=STYLE):
        yield


def new_figure(height: float, width: float = WIDTH) -> Figure:
    """An empty figure.

    Parameters
    ----------
    height, width : float
        Of its view box, px.

    Returns
    -------
    Figure
    """
    size = width / PIXELS_PER_INCH, height / PIXELS_PER_INCH
    return Figure(figsize=size, dpi=PIXELS_PER_INCH, layout="constrained")


def set_title(artist: Artist, text: str) -> None:
    """Set the text that appears where the mouse is over an artist."""
    artist.set_gid(f"{_TITLE}{text}")


@page_style()
def svg(figure: Figure) -> Markup:
    """The SVG of a figure, to be put into a page as it is.

    It has no ids, so that several fit into a page, and no size: it is as wide as what contains it, but one wider than
    `WIDTH` stays wide enough to be read. Numbers have two decimals. Nothing is clipped, so artists must stay within
    their axes.

    Parameters
    ----------
    figure : Figure
        Its colors are those of `VARIABLES`.

    Returns
    -------
    Markup

    Raises
    ------
    KeyError
        If a page has no variable for a color.
    """
    content = BytesIO()
    figure.savefig(content, format="svg", dpi=PIXELS_PER_INCH, metadata={"Date": None})
    drawn = ElementTree.fromstring(content.getvalue())
    markers = {f"#{path.get('id')}": path.get("d", "") for path in drawn.iter() if path.get("id")}
    page = Element("svg", {"viewBox": _rounded(drawn.get("viewBox", "")), "fill": css_color("#000000")})
    width = figure.get_figwidth() * PIXELS_PER_INCH
    if width > WIDTH + 1:
        page.set("style", f"min-width:{READABLE * width:.0f}px")
    page.extend(list(_children(drawn, markers)))
    return Markup(ElementTree.tostring(page, encoding="unicode"))


def _children(parent: Element, markers: dict[str, str]) -> Iterator[Element]:
    """What is drawn inside an element of Matplotlib. Groups without a title are dissolved."""
    for child in parent:
        tag = _local_name(child.tag)
        if tag == "g":
            title = (child.get("id") or "").removeprefix(_TITLE) if _has_title(child) else ""
            if title:
                group = Element("g")
                ElementTree.SubElement(group, "title").text = title
                group.extend(list(_children(child, markers)))
                yield group
            else:
                yield from _children(child, markers)
        elif tag in ("path", "text"):
            yield from _shape(tag, child)
        elif tag == "image":
            yield _image(child)
        elif tag == "use":
            yield from _shape("path", _marker(child, markers))


def _has_title(group: Element) -> bool:
    return (group.get("id") or "").startswith(_TITLE)


def _marker(use: Element, markers: dict[str, str]) -> Element:
    """The path of a marker at its place, instead of a link to it."""
    place = f"translate({use.get('x', '0')} {use.get('y', '0')})"
    return Element("path", {"d": markers[_link(use)], "transform": place, "style": use.get("style", "")})


def _shape(tag: str, drawn: Element) -> Iterator[Element]:
    """A path or text with the colors of the page; nothing if it is not visible."""
    declarations = [part.partition(":") for part in drawn.get("style", "").split(";")]
    style = {name.strip(): value.strip() for name, colon, value in declarations if colon}
    if tag == "path" and style.get("fill") == "none" and "stroke" not in style:
        return
    attributes = {name: _rounded(value) for name, value in drawn.items() if name in _KEPT}
    if "d" in attributes:
        attributes["d"] = _RECTANGLE.sub(r"M\1 \2H\3V\4H\1z", attributes["d"])
    if attributes.get("transform", "").startswith("rotate(0 "):
        del attributes["transform"]
    for name, value in style.items():
        if name.startswith("font") or name == "text-anchor":
            if name in _TEXT_PROPERTIES and value != "start":
                attributes[name] = value.removesuffix("px")
        elif value.startswith("#"):
            attributes[name] = css_color(value)
        elif name != "stroke-linejoin":
            attributes[name] = _rounded(value)
    shape = Element(tag, attributes)
    shape.text = drawn.text if tag == "text" else None
    yield shape


def _image(drawn: Element) -> Element:
    """An image with at most 256 colors, which make its file a third as large."""
    _, _, encoded = _link(drawn).partition(",")
    content = BytesIO()
    with Image.open(BytesIO(b64decode(encoded))) as image:
        colors = image.convert("RGB").convert("P", palette=Image.Palette.ADAPTIVE, colors=256)
    colors.save(content, "png", optimize=True)
    link = f"data:image/png;base64,{b64encode(content.getvalue()).decode()}"
    size = {name: drawn.get(name, "") for name in ("width", "height", "transform")}
    return Element("image", {**size, "preserveAspectRatio": "none", "href": link})


def _link(drawn: Element) -> str:
    return next(value for name, value in drawn.items() if _local_name(name) == "href")


def _local_name(name: str) -> str:
    return name.rpartition("}")[2]


def _rounded(text: str) -> str:
    """Numbers with two decimals at most, and white space as single spaces.

    Matplotlib writes six decimals, beyond which numbers may depend on the processor.
    """
    shortened = re.sub(r"-?\d+\.\d+", lambda match: f"{round(Decimal(match[0]), 2):f}".rstrip("0").rstrip("."), text)
    return " ".join(re.sub(r"(?<![\d.])-0(?![\d.])", "0", shortened).split())
