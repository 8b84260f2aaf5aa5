"""A local server of a review whose answers are kept on disk, as the app serves it."""

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from project_echo.core.errors import EchoError
from project_echo.reviews.stored_answers import append_changes, check_changes, embed_changes, read_changes


class AnswerServer:
    """Serves a review on a port of its own; it can be stopped, and started again on the same port."""

    def __init__(self, review: Path, stored: Path) -> None:
        self.review, self.stored = review, stored
        self.answering = threading.Event()  # while it is not set, requests with changes are not answered
        self.answering.set()
        self.bodies: list[bytes] = []  # of requests with changes
        self.port = 0
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/index.html"

    def start(self) -> None:
        handler = partial(_Handler, self, directory=str(self.review))
        self.http = ThreadingHTTPServer(("127.0.0.1", self.port), handler)
        self.port = self.http.server_port
        # shutdown waits for the next poll
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        self.http.shutdown()
        self.http.server_close()


class _Handler(SimpleHTTPRequestHandler):
    def __init__(self, served: AnswerServer, *args: Any, **options: Any) -> None:
        self.served = served
        super().__init__(*args, **options)

    def log_message(self, *_args: object) -> None:
        """Keep the output of the tests short."""

    def do_GET(self) -> None:
        if self.path == "/index.html":
            page = (self.served.review / "index.html").read_text(encoding="utf-8")
            self.answer(200, embed_changes(page, read_changes(self.served.stored)), "text/html; charset=utf-8")
        elif self.path == "/favicon.ico":
            self.answer(204)
        else:
            super().do_GET()

    def do_POST(self) -> None:
        assert self.path == "/answers" and self.headers["Content-Type"] == "application/json"
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.served.bodies.append(body)
        self.served.answering.wait(10)
        try:
            changes = check_changes(body)
        except EchoError as error:
            self.answer(422, str(error), "text/plain; charset=utf-8")
            return
        append_changes(self.served.stored, changes)
        self.answer(204)

    def answer(self, status: int, text: str = "", content_type: str = "") -> None:
        self.send_response(status)
        if text:
            self.send_header("Content-Type", content_type)
        self.end_headers()
        self.wfile.write(text.encode())
