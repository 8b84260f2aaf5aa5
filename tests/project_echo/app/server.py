"""The app, served in a thread of the tests, and requests to it as a browser or another program would send them."""

import http.client
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

from project_echo.app.access import new_token
from project_echo.app.context import Context
from project_echo.app.jobs.queue import JobQueue
from project_echo.app.opened import OpenedFolders
from project_echo.app.server import HOST, build_server, create_app, listen
from project_echo.app.workspace import Workspace
from tests.project_echo.conftest import wait_for

FORM = "application/x-www-form-urlencoded"
TIMEOUT_S = 60.0  # for an answer


class Answer(NamedTuple):
    """What the server says; names of headers are in lower case."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode()


@dataclass(frozen=True)
class RunningApp:
    """An app that answers."""

    context: Context
    port: int
    token: str

    @property
    def origin(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def url(self) -> str:
        """The address that is printed; it ends with a slash."""
        return f"{self.origin}/{self.token}/"

    def get(self, path: str = "", **headers: str | None) -> Answer:
        """Get a page by its path after the token, such as ``jobs/1``, not following a redirect."""
        return self.request("GET", f"/{self.token}/{path}", headers=headers)

    def post(self, path: str, form: Mapping[str, object] | bytes = b"", **headers: str | None) -> Answer:
        """Send a form; a list is a field with several values."""
        body = form if isinstance(form, bytes) else urlencode(form, doseq=True).encode()
        return self.request("POST", f"/{self.token}/{path}", body, {"Content-Type": FORM, **headers})

    def request(
        self, method: str, target: str, body: bytes = b"", headers: Mapping[str, str | None] | None = None
    ) -> Answer:
        """Send a request as it is, with Host unless another one is given; a header that is None is not sent."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=TIMEOUT_S)
        lines: dict[str, str | None] = {"Host": f"{HOST}:{self.port}", **(headers or {})}
        try:
            connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
            for name, value in lines.items():
                if value is not None:
                    connection.putheader(name.replace("_", "-"), value)
            if body:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body or None)
            response = connection.getresponse()
            sent = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, sent, response.read())
        finally:
            connection.close()


class StillQueue(JobQueue):
    """A queue whose jobs wait for ever."""

    def _work(self, is_short: bool) -> None:
        pass


@contextmanager
def serve(folder: Path, queue: JobQueue | None = None) -> Iterator[RunningApp]:
    """Serve an app whose workspace is a folder, on a free port; its jobs are real processes unless a queue is given."""
    workspace = Workspace(folder)
    workspace.folder.mkdir(parents=True, exist_ok=True)
    with listen(0) as listener:
        token, port = new_token(), listener.getsockname()[1]
        context = Context(workspace, OpenedFolders(folder), queue or JobQueue(workspace.jobs))
        server = build_server(create_app(context, token, port))
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            wait_for(lambda: server.started or not thread.is_alive())
            yield RunningApp(context, port, token)
        finally:
            server.should_exit = True
            thread.join()
            context.queue.close()
