"""Templates to pages that open from disk: style and scripts stand inside, nothing is fetched."""

import math
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

HOME = Path(__file__).parents[1]  # templates, styles and scripts lie beside the code that they belong to


def render(template: str, **values: Any) -> str:
    """A template below project_echo (report/report.html), filled in. All text in `values` is shown, never run."""
    return _environment().get_template(template).render(**values)


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HOME),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.globals["inside"] = _inside
    environment.filters["json_inside"] = json_inside
    environment.filters["short"] = short
    return environment


def _inside(name: str) -> Markup:
    """A style or script of our own, to stand within the page as it is."""
    return Markup((HOME / name).read_text(encoding="utf-8"))


def json_inside(text: str) -> Markup:
    """JSON to stand within a script element: no text in it ends the element. Source: HTML standard, 4.12.1.3."""
    return Markup(text.replace("&", r"\u0026").replace("<", r"\u003c").replace(">", r"\u003e"))


def short(value: object) -> str:
    """A value of a table for people: numbers with three decimals at most, other things as they are."""
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.3f}".rstrip("0").rstrip(".")
    return str(value)
