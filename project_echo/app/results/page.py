"""Results: the screenings that have finished, and the events of one of them."""

from typing import Any

import pandas as pd
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from project_echo.app.addresses import address_of
from project_echo.app.context import context_of, link, show
from project_echo.app.jobs.job import Job
from project_echo.app.made_by import made_by
from project_echo.app.results import activity_page as results_activity
from project_echo.app.results import files_page as results_files
from project_echo.app.results import sites_page as results_sites
from project_echo.app.results.event_details import event_details, event_timeline
from project_echo.app.results.event_query import read_filter, read_number, texts, write_filter
from project_echo.app.results.event_table import SORTS, filter_events
from project_echo.app.results.exports import find_screening
from project_echo.app.results.loaded_results import LoadedResults, summarize
from project_echo.app.results.recording_files import find_recording
from project_echo.app.results.shown import attachment, results_of, show_section
from project_echo.app.sounds.excerpts import features
from project_echo.core.errors import EchoError
from project_echo.core.labels import display_name
from project_echo.core.spreadsheets import escape_formulas
from project_echo.web.timeline import frequency_ticks

PAGE_ROWS = 100


def show_page(request: Request) -> HTMLResponse:
    """All results, or the events of those that the address names."""
    if not request.query_params.get("name"):
        return _show_list(request)
    name, results = results_of(request)
    chosen, _ = read_filter(request.query_params)
    return show_section(
        request,
        "results",
        name,
        results.folder,
        labels=[(label, display_name(label), results.colors[label]) for label in results.labels],
        sites=results.sites,
        plain_sites=[(site, site, "") for site in results.sites],
        sorts=SORTS,
        chosen=chosen,
        fields=texts(write_filter(chosen)),
        has_times=bool(results.events["at"].notna().any()),
        **_table(request, name, results),
        **_event(request, results),
    )


def show_table(request: Request) -> HTMLResponse:
    """The table of events by itself: what the script of the page puts in place of the one that is shown."""
    name, results = results_of(request)
    return show(request, "results/table.html", page="results", **_table(request, name, results))


def show_event(request: Request) -> HTMLResponse:
    """An event by itself."""
    name, results = results_of(request)
    return show(request, "results/event.html", page="results", name=name, **_event(request, results))


def download(request: Request) -> Response:
    """The events that the filter lets pass, as a table for spreadsheets."""
    name, results = results_of(request)
    chosen, _ = read_filter(request.query_params)
    events = filter_events(results.events, chosen)
    table = escape_formulas(events.astype({"recording": object, "label": object, "site": object}))
    content = table.to_csv(index=False, lineterminator="\n", date_format="%Y-%m-%dT%H:%M:%S")
    return Response(content, headers=attachment(f"{name} events.csv"), media_type="text/csv")


def _show_list(request: Request) -> HTMLResponse:
    """A card for each screening."""
    context = context_of(request)
    jobs = context.queue.all()
    cards: list[dict[str, Any]] = []
    for name in context.workspace.result_names():
        folder = context.workspace.results / name
        model = made_by(folder, context.workspace)
        again = _screen_again(request, find_screening(jobs, folder))
        card = {"name": name, "again": again, "model": model, "summary": None, "problem": ""}
        try:
            cards.append(card | {"summary": summarize(folder)})
        except EchoError as error:
            cards.append(card | {"problem": str(error)})
    return show(request, "results/results.html", page="results", cards=cards)


def _screen_again(request: Request, job: Job | None) -> str:
    """Address of the form to screen, filled in as for a job."""
    if job is None:
        return link(request, "screen")
    model = str(job.arguments["model"]).replace("\\", "/").rpartition("/")[2]
    return link(request, "screen", folder=job.arguments["recordings"], model=model)


def _table(request: Request, name: str, results: LoadedResults) -> dict[str, Any]:
    """Variables of results_table.html: a page of the events that the filter lets pass."""
    chosen, problems = read_filter(request.query_params)
    events = filter_events(results.events, chosen)
    n_pages = max(1, -(-len(events) // PAGE_ROWS))
    page = min(max(1, read_number(request.query_params, "page", 1)), n_pages)
    shown = events.iloc[(page - 1) * PAGE_ROWS : page * PAGE_ROWS]
    query = {"name": name, **write_filter(chosen)}
    untimed = int(results.events["at"].isna().sum()) if chosen.needs_time else 0
    return {
        "rows": _rows(request, shown, results),
        "address": link(request, "results", **query, page=page if page > 1 else None),
        "pages_around": _pages_around(request, query, page, n_pages),
        "page_number": page,
        "n_pages": n_pages,
        "n_events": len(events),
        "n_all": len(results.events),
        "n_untimed": untimed,
        "problems": problems,
        "table_download": link(request, "results/events.csv", **query),
        "event_number": read_number(request.query_params, "event", -1),
    }


def _rows(request: Request, events: pd.DataFrame, results: LoadedResults) -> list[dict[str, Any]]:
    """The rows of the table, for people."""
    opened = context_of(request).opened
    found = {name: find_recording(name, opened) for name in events["recording"].unique()}
    return [
        {
            "number": row.Index,
            "label": display_name(row.label),
            "color": results.colors[row.label],
            "confidence": f"{row.mean_confidence:.2f}",
            "time": "" if pd.isna(row.at) else f"{row.at:%Y-%m-%d %H:%M:%S}",
            "start": f"{row.start_s:,.1f}",
            "length": f"{row.end_s - row.start_s:,.1f}",
            "site": row.site,
            "folder": row.recording.rpartition("/")[0],
            "recording": row.recording.rpartition("/")[2],
            "problem": found[row.recording].problem,
        }
        for row in events.itertuples()
    ]


def _pages_around(request: Request, query: dict[str, Any], page: int, n_pages: int) -> list[tuple[str, str]]:
    """Links to other pages of the table: text and address."""
    targets = {"First": 1, "Previous": page - 1, "Next": page + 1, "Last": n_pages}
    return [
        (text, link(request, "results", **query, page=target))
        for text, target in targets.items()
        if 1 <= target <= n_pages and target != page
    ]


def _event(request: Request, results: LoadedResults) -> dict[str, Any]:
    """Variables of results_event.html: the event that the address names, or what says that there is none."""
    number = read_number(request.query_params, "event", -1)
    details = event_details(results, number)
    values: dict[str, Any] = {"event": details, "timeline": None, "event_problem": "", "is_asked": number >= 0}
    if details is None:
        return values
    file = find_recording(details.recording, context_of(request).opened)
    if file.path is None:
        return {**values, "event_problem": file.advice}
    part = {"path": address_of(file.path), "start_s": f"{details.start_s:.3f}", "end_s": f"{details.end_s:.3f}"}
    sound, picture = (link(request, f"sounds/{kind}", **part) for kind in ("excerpt", "spectrogram"))
    return {**values, "timeline": event_timeline(results, details, sound, picture, frequency_ticks(features()))}


ROUTES = [
    Route("/results", show_page),
    Route("/results/table", show_table),
    Route("/results/event", show_event),
    Route("/results/events.csv", download),
    *results_activity.ROUTES,
    *results_sites.ROUTES,
    *results_files.ROUTES,
]
