"""Where animals are heard: a map of the sites, and the form of their coordinates."""

from collections.abc import Mapping

import pandas as pd
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from project_echo.app.context import Form, context_of, field, go, takes_form
from project_echo.app.results.coordinates import (
    TABLE,
    Located,
    locate_sites,
    parse_positions,
    read_positions,
    write_positions,
)
from project_echo.app.results.loaded_results import LoadedResults, load
from project_echo.app.results.recording_files import find_recording
from project_echo.app.results.shown import folder_of, show_section
from project_echo.app.results.site_map import draw_map
from project_echo.core.errors import EchoError
from project_echo.core.labels import display_name

WIDTHS = {"wide": 760, "narrow": 340}  # px: on a desk and on a phone, so that text keeps its size
MAX_READ = 3  # recordings of a site that are looked for; the first one that is there is read
MAX_FIELDS = 300  # sites in the form; a form has a limit


def show_sites(request: Request) -> HTMLResponse:
    """The map, its table, and the form."""
    name = request.query_params.get("name", "")
    return _show(request, name, request.query_params.get("label", ""))


def _show(
    request: Request, name: str, label: str, *, typed: Mapping[str, tuple[str, str]] | None = None, refused: str = ""
) -> HTMLResponse:
    """The page; if the form was refused, with what was typed into it and the reason."""
    results = load(folder_of(request, name))
    problem = ""
    try:
        table = read_positions(results.folder)
    except EchoError as error:
        table, problem = {}, str(error)
    opened = context_of(request).opened
    names = results.recordings.groupby("site")["recording"].apply(lambda group: list(group[:MAX_READ]))
    located = locate_sites(names.to_dict(), table, lambda recording: find_recording(recording, opened).path)
    sites = site_table(results, label if label in results.labels else "", located)
    known = sites.dropna(subset=["latitude"])
    return show_section(
        request,
        "results/sites",
        name,
        results.folder,
        labels=[(name_, display_name(name_)) for name_ in results.labels],
        label=label,
        maps={kind: draw_map(known, width) for kind, width in WIDTHS.items()} if len(known) else {},
        sites=sites.to_dict("records"),
        n_known=len(known),
        typed=typed or {site: (str(place.latitude), str(place.longitude)) for site, place in table.items()},
        refused=refused,
        status=400 if refused else 200,
        located=located,
        problem=problem,
        file=results.folder / TABLE,
        max_fields=MAX_FIELDS,
    )


def site_table(results: LoadedResults, label: str, located: dict[str, Located]) -> pd.DataFrame:
    """Sites with their places and how often they hear a label.

    Parameters
    ----------
    results : LoadedResults
    label : str
        Empty for all labels.
    located : dict of str to Located
        Sites whose place is known.

    Returns
    -------
    pd.DataFrame
        A row per site: site, recordings, hours, events, rate (events per recorded hour), latitude and longitude
        (degrees, NaN if not known).
    """
    events = results.events[results.events["label"] == label] if label else results.events
    table = pd.DataFrame({"hours": results.hours(), "recordings": results.recordings["site"].value_counts()})
    table = table.loc[results.sites]
    table["events"] = events["site"].astype(object).value_counts()
    table["events"] = table["events"].fillna(0).astype(int)
    table["rate"] = (table["events"] / table["hours"]).where(table["hours"] > 0, 0.0)
    for column in ("latitude", "longitude"):
        table[column] = pd.Series(
            {site: getattr(place.position, column) for site, place in located.items()}, dtype=float
        )
    return table.rename_axis("site").reset_index()


def save_sites(request: Request, form: Form) -> Response:
    """Keep the coordinates that a person has typed."""
    name = field(form, "name")
    folder = folder_of(request, name)
    columns = [form.get(column, []) for column in ("site", "latitude", "longitude")]
    if len({len(column) for column in columns}) != 1:
        raise EchoError("The form is not complete. Go back, and send it again.")
    rows = [(site, latitude, longitude) for site, latitude, longitude in zip(*columns, strict=True)]
    label = field(form, "label")
    try:
        positions = parse_positions(rows)
    except EchoError as error:
        typed = {site: (latitude, longitude) for site, latitude, longitude in rows}
        return _show(request, name, label, typed=typed, refused=str(error))
    write_positions(positions, folder)
    return go(request, "results/sites", name=name, label=label)


ROUTES = [Route("/results/sites", show_sites), Route("/results/sites", takes_form(save_sites), methods=["POST"])]
