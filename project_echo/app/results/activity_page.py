"""When animals are heard: events per recorded hour by day and hour, as the report shows them."""

import threading
from functools import lru_cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from project_echo.app.results.shown import results_of, show_section
from project_echo.core.labels import display_name
from project_echo.report.activity import activity_chart
from project_echo.report.charts import Chart
from project_echo.screening.results import read_results

SHOWN = 4  # labels that have a chart if none are chosen: those with most events
MAX_CHARTS = 32  # in memory
_drawing = threading.Lock()  # Matplotlib's settings are those of the whole process


def show_activity(request: Request) -> HTMLResponse:
    """The charts of some labels, of all sites or of some."""
    name, results = results_of(request)
    query = request.query_params
    counts = results.events["label"].value_counts()
    frequent = sorted(results.labels, key=lambda label: -counts.get(label, 0))[:SHOWN]
    labels = [label for label in results.labels if label in query.getlist("label")]
    sites = [site for site in results.sites if site in query.getlist("site")]
    path = results.folder / "activity.csv"
    changed_ns = path.stat().st_mtime_ns if path.is_file() else 0
    shown = labels or [label for label in results.labels if label in frequent]
    charts = [
        chart
        for label in shown
        if changed_ns and (chart := _chart(results.folder, changed_ns, label, tuple(sites), tuple(results.labels)))
    ]
    return show_section(
        request,
        "results/activity",
        name,
        results.folder,
        labels=[(label, display_name(label), results.colors[label]) for label in results.labels],
        shown=shown,
        sites=results.sites,
        plain_sites=[(site, site, "") for site in results.sites],
        chosen_sites=sites,
        charts=charts,
    )


@lru_cache(maxsize=MAX_CHARTS)
def _chart(folder: Path, changed_ns: int, label: str, sites: tuple[str, ...], labels: tuple[str, ...]) -> Chart | None:
    """The chart of a label; None if no recording has a known time."""
    table = read_results(folder).activity
    if sites:
        table = table[table["site"].isin(sites)]
    if not (table["label"] == label).any():
        return None
    with _drawing:
        return activity_chart(table, label, labels)


ROUTES = [Route("/results/activity", show_activity)]
