"""What a reader finds in the charts of the report."""

from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from project_echo.report.charts import Chart


def drawing(chart: Chart) -> Element:
    """The SVG of a chart, which must be well-formed."""
    return ElementTree.fromstring(str(chart.svg))


def texts(chart: Chart) -> list[str]:
    """All texts that are drawn."""
    return [element.text or "" for element in drawing(chart).iter("text")]


def hovers(chart: Chart) -> list[str]:
    """All texts for the mouse."""
    return [element.text or "" for element in drawing(chart).iter("title")]


def opacities(chart: Chart) -> dict[str, float]:
    """Opacities of the cells of a heat map, by their texts for the mouse."""
    return {
        group.findtext("title", ""): float(path.get("opacity", 1))
        for group in drawing(chart).iter("g")
        if (path := group.find("path")) is not None
    }


def colors(chart: Chart) -> set[str]:
    """All colors, as CSS."""
    return {
        value for element in drawing(chart).iter() for name in ("fill", "stroke") if (value := element.get(name))
    } - {"none"}
