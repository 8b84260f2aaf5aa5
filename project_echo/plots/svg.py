"""Figures as SVG in a page: their text is text, and their colors are those of the page, light or dark."""

from io import BytesIO

import matplotlib
from markupsafe import Markup
from matplotlib.figure import Figure


def svg(figure: Figure, name: str) -> Markup:
    """The SVG of a figure, to be put into a page.

    Parameters
    ----------
    figure : Figure
    name : str
        Of letters, digits and hyphens, another for each figure of a page: the ids in the SVG begin with it.

    Returns
    -------
    Markup
    """
    content = BytesIO()
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": name, "svg.id": name}):
        figure.savefig(content, format="svg", transparent=True, metadata={"Date": None})
    text = content.getvalue().decode()
    return Markup(text[text.index("<svg") :])
