"""Rendering of templates to pages that open from disk: styles and scripts are inlined, nothing is fetched."""

import math
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from project_echo.core.text import count, rounded_duration

ROOT = Path(__file__).parents[1]  # templates, styles and scripts lie beside the code that they belong to


def render(template: str, **values: Any) -> str:
    """Render a template. Text in `values` is escaped: it is shown, and never run.

    Parameters
    ----------
    template : str
        Its path below project_echo, such as report/report.html.
    **values
        Its variables.

    Returns
    -------
    str
        The page, as HTML.

    Raises
    ------
    jinja2.UndefinedError
        If the template uses a variable that is not among `values`.
    """
    return _environment().get_template(template).render(**values)


@cache  # with the templates that it has compiled, which takes longer than to render them
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(ROOT),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.globals |= {"inline": _inline, "count": count}
    environment.filters["escape_json"] = escape_json
    environment.filters["short"] = short
    environment.filters["duration"] = rounded_duration
    return environment


def _inline(name: str) -> Markup:
    """The text of a style or script of this package, not escaped."""
    return Markup((ROOT / name).read_text(encoding="utf-8"))


def escape_json(text: str) -> Markup:
    """JSON that is safe inside a script element: no text in it ends the element.

    References
    ----------
    HTML standard, section 4.12.1.3, "Restrictions for contents of script elements".
    """
    return Markup(text.replace("&", r"\u0026").replace("<", r"\u003c").replace(">", r"\u003e"))


def short(value: object) -> str:
    """A value of a table as short text: floats with at most three decimals, NaN as an empty text."""
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.3f}".rstrip("0").rstrip(".")
    return str(value)
