"""Parts of recordings to listen to, with their spectrograms, and the player that shows both."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from project_echo.app.addresses import address_of, requested_path
from project_echo.app.context import link, show
from project_echo.app.sounds.excerpts import Excerpt, Part, cut_excerpt, draw_spectrogram, features
from project_echo.app.sounds.headers import read_header
from project_echo.app.sounds.positions import position, position_ticks
from project_echo.app.sounds.ranges import send_bytes
from project_echo.core.errors import EchoError
from project_echo.core.names import printable
from project_echo.media.file_types import file_type
from project_echo.web.timeline import Timeline, frequency_ticks

AT_ONCE = 2  # recordings that are decoded
KEPT = 4  # excerpts in memory: at most 12 MB each
LONGEST_S = 120.0
STRETCH_S = 60.0  # of a long recording, in the player
UNUSABLE = 422  # status of what cannot be heard, and why

Result = TypeVar("Result")


class Sounds:
    """Cuts excerpts, few at a time, and keeps the last ones: a player asks for the same sound several times."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._kept: OrderedDict[Part, Excerpt] = OrderedDict()
        # A player asks for sound and picture at the same time; the second waits for the first.
        self._locks: WeakValueDictionary[Part, asyncio.Lock] = WeakValueDictionary()

    async def excerpt(self, request: Request, part: Part) -> Excerpt:
        """The sound of a part of a recording. Raises EchoError if there is none, or if nobody waits for it any more."""
        lock = self._locks.setdefault(part, asyncio.Lock())
        async with lock:
            excerpt = self._kept.pop(part, None)
            if excerpt is None:
                excerpt = await self.in_turn(request, lambda: cut_excerpt(part))
            self._kept[part] = excerpt
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return excerpt

    async def in_turn(self, request: Request, work: Callable[[], Result]) -> Result:
        """Do work in another thread when there is room for it, unless the browser has gone on to something else."""
        async with self._turns:
            if await request.is_disconnected():
                raise EchoError("This sound is no longer needed.")
            return await run_in_threadpool(work)


def sounds_of(app: Starlette) -> Sounds:
    """The sounds of an app; they belong to its event loop."""
    if not hasattr(app.state, "sounds"):
        app.state.sounds = Sounds()
    sounds: Sounds = app.state.sounds
    return sounds


async def send_excerpt(request: Request) -> Response:
    """A part of a recording as a WAV file: ``path``, ``start_s``, ``end_s``."""
    try:
        part = await run_in_threadpool(requested_part, request)
        excerpt = await sounds_of(request.app).excerpt(request, part)
    except EchoError as error:
        return PlainTextResponse(str(error), UNUSABLE)
    return send_bytes(request, excerpt.wav, "audio/wav")


async def send_spectrogram(request: Request) -> Response:
    """The spectrogram of the same part, as a PNG without axes."""
    sounds = sounds_of(request.app)
    try:
        part = await run_in_threadpool(requested_part, request)
        excerpt = await sounds.excerpt(request, part)
        picture = await sounds.in_turn(request, lambda: draw_spectrogram(excerpt))
    except EchoError as error:
        return PlainTextResponse(str(error), UNUSABLE)
    return Response(picture, media_type="image/png")


async def show_player(request: Request) -> Response:
    """The player of a part of a recording, for pages with listening.js; without ``end_s``, of a stretch of it."""
    return await _show(request, "sounds/sound.html")


async def show_listen(request: Request) -> Response:
    """The same as a page of its own."""
    return await _show(request, "sounds/listen.html")


async def _show(request: Request, template: str) -> Response:
    try:
        part, total_s = await run_in_threadpool(_requested_stretch, request)
        excerpt = await sounds_of(request.app).excerpt(request, part)
    except EchoError as error:
        path = Path(request.query_params.get("path", ""))
        values: dict[str, Any] = {"title": path.name, "error": str(error), "sound": None}
        return await run_in_threadpool(show, request, template, page="recordings", status=UNUSABLE, **values)
    values = await run_in_threadpool(_describe, request, part, excerpt, total_s)
    return await run_in_threadpool(show, request, template, page="recordings", error="", **values)


def requested_part(request: Request) -> Part:
    """The part that an address names.

    Raises
    ------
    PermissionError
        If the file lies outside all opened folders.
    EchoError
        If it is no recording, or the times are not those of a part that can be heard.
    """
    path = requested_path(request)
    start_s, end_s = (_seconds(request, name) for name in ("start_s", "end_s"))
    if not 0 <= start_s < end_s <= start_s + LONGEST_S:
        raise EchoError(f"From {start_s:g} to {end_s:g} s: choose a part of at most {LONGEST_S:g} s.")
    return _part(path, start_s, end_s)


def _requested_stretch(request: Request) -> tuple[Part, float]:
    """The part that the player shows, and the length of the recording, s (0 if it is not known)."""
    if "end_s" in request.query_params:
        return requested_part(request), 0.0
    path = requested_path(request)
    _part(path, 0, 0)
    header = read_header(path)
    start_s = max(0.0, _seconds(request, "start_s", 0.0))
    if header.duration_s:
        start_s = min(start_s, max(0.0, header.duration_s - 1))
        return _part(path, start_s, min(start_s + STRETCH_S, header.duration_s)), header.duration_s
    return _part(path, start_s, start_s + STRETCH_S), 0.0


def _part(path: Path, start_s: float, end_s: float) -> Part:
    """A part of a recording. Raises EchoError if the file is none."""
    name = printable(path.name)
    try:
        status = path.stat()
        is_media = path.is_file() and file_type(path).is_media
    except OSError as error:
        raise EchoError(f"{name} cannot be opened ({error.strerror}). Connect its disk, or check its path.") from None
    if not is_media:
        raise EchoError(f"{name} is not audio or video.")
    return Part(path, status.st_size, status.st_mtime_ns, start_s, end_s)


def _seconds(request: Request, name: str, default: float | None = None) -> float:
    text = request.query_params.get(name, "")
    if not text and default is not None:
        return default
    try:
        seconds = float(text)
    except ValueError:
        seconds = float("nan")
    if not abs(seconds) < 1e9:
        raise EchoError(f"{name} is {text!r}, not a number of seconds.")
    return seconds


def _describe(request: Request, part: Part, excerpt: Excerpt, total_s: float) -> dict[str, Any]:
    """What the template of the player shows."""
    address = address_of(part.path)
    query: dict[str, object] = {"path": address, "start_s": f"{part.start_s:g}", "end_s": f"{part.end_s:g}"}
    title = printable(part.path.name)
    is_long = total_s > part.end_s or part.start_s > 0
    timeline = Timeline(
        title,
        link(request, "sounds/excerpt", **query),
        False,
        "",
        link(request, "sounds/spectrogram", **query),
        excerpt.duration_s,
        frequency_ticks(features()),
        position_ticks(part.start_s, excerpt.duration_s),
    )
    recorded = read_header(part.path).recorded
    begin = recorded + timedelta(seconds=part.start_s) if recorded else None
    return {
        "title": title,
        "sound": timeline,
        "address": address,
        "part": part,
        "total_s": total_s,
        "last_s": int(max(0, total_s - 1) // STRETCH_S * STRETCH_S),
        "is_long": is_long,
        "clock": f"{begin:%Y-%m-%d %H:%M:%S}" if begin else "",
        "stretch_s": STRETCH_S,
        "position": position,
    }


ROUTES = [
    Route("/sounds/excerpt", send_excerpt),
    Route("/sounds/spectrogram", send_spectrogram),
    Route("/sounds/player", show_player),
    Route("/sounds/listen", show_listen),
]
