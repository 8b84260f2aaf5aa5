"""Nobody but a person of this machine who knows the address uses the app, and no file leaks that was not opened."""

import shutil
import socket
from pathlib import Path
from urllib.parse import quote, urlencode

import psutil
import pytest

from project_echo.app.context import MAX_BODY_BYTES
from project_echo.app.server import PAGES, hosts_of
from project_echo.app.sounds import page as sounds
from project_echo.models.card import CARD
from project_echo.reviews.exchange import EVENTS, MEDIA
from project_echo.reviews.review import PAGE
from tests.project_echo.app.server import RunningApp

SECRET = "the nest is in the old oak"
HEADERS = {
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
}


@pytest.mark.parametrize(
    "path", ["/", "/wrong/", "/{short}/", "/{token}x/", "/{other}/", "//{token}/", "/train", "/ü/", "/%00/", "*"]
)
def test_without_the_token_nothing_is_shown(module_app: RunningApp, path: str) -> None:
    token = module_app.token
    target = quote(path.format(token=token, short=token[:-1], other=token.swapcase()), safe="/%*")
    for method in ("GET", "POST"):
        answer = module_app.request(method, target)
        assert answer.status == 403
        assert token not in answer.text


def test_with_the_token_every_page_is_shown(module_app: RunningApp) -> None:
    first = module_app.get()
    assert (first.status, first.headers["location"]) == (303, f"/{module_app.token}/recordings")
    for page in ("recordings", "train", "screen", "results", "review", "improve", "jobs"):
        assert module_app.get(page).status == 200, page


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost", "evil.example:{port}", ""])
def test_another_host_is_refused(module_app: RunningApp, host: str) -> None:
    """As of a site whose name now points to this machine (DNS rebinding)."""
    host = host.format(port=module_app.port)
    assert module_app.get("train", Host=host).status == 403
    assert module_app.post("train", Host=host).status == 403


def test_a_request_must_name_one_host(module_app: RunningApp) -> None:
    right = f"Host: 127.0.0.1:{module_app.port}\r\n"
    for lines in ("", right * 2, f"{right}Host: evil.example\r\n"):
        assert _status(module_app, f"GET /{module_app.token}/train HTTP/1.1\r\n{lines}\r\n") == 400
    assert _status(module_app, f"GET /{module_app.token}/train HTTP/1.0\r\n\r\n") == 403


@pytest.mark.parametrize(
    "origin",
    ["null", "", "http://evil.example", "https://127.0.0.1:{port}", "http://127.0.0.1", "http://127.0.0.1:{port}.x"],
)
def test_a_request_of_another_site_is_refused(module_app: RunningApp, origin: str) -> None:
    origin = origin.format(port=module_app.port)
    assert module_app.get("train", Origin=origin).status == 403
    assert module_app.post("train", Origin=origin).status == 403
    assert not module_app.context.queue.all()


def test_requests_of_the_apps_own_pages_are_answered(module_app: RunningApp) -> None:
    for host in (f"127.0.0.1:{module_app.port}", f"localhost:{module_app.port}"):
        assert module_app.get("train", Host=host, Origin=f"http://{host}").status == 200
        assert module_app.post("train", Host=host, Origin=f"http://{host}").status == 400  # it wants a folder


def test_browsers_leave_out_the_port_of_http() -> None:
    assert sorted(hosts_of(80)) == ["127.0.0.1", "127.0.0.1:80", "localhost", "localhost:80"]
    assert sorted(hosts_of(8080)) == ["127.0.0.1:8080", "localhost:8080"]


def test_every_answer_tells_browsers_to_keep_it_to_themselves(
    module_app: RunningApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [
        module_app.get("train"),
        module_app.get(),
        module_app.get("no/such/page"),
        module_app.post("train"),
        module_app.post("jobs/running"),
        module_app.get("train", Host="evil.example"),
        module_app.request("GET", "/wrong/"),
    ]
    monkeypatch.setattr(type(module_app.context.queue), "get", lambda queue, number: 1 / 0)
    answers.append(module_app.get("jobs/1"))
    assert [answer.status for answer in answers] == [200, 303, 404, 400, 405, 403, 403, 500]
    for answer in answers:
        assert answer.headers.items() >= HEADERS.items(), answer.status
        policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
        assert policy["frame-ancestors"] == "'none'"
        assert policy["form-action"] == "'self'"
        assert "http" not in policy["default-src"]
        assert "access-control-allow-origin" not in answer.headers
        assert "set-cookie" not in answer.headers


def test_errors_of_files_say_which_and_those_of_the_app_say_what(
    module_app: RunningApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(error: Exception) -> str:
        def get(queue: object, number: int) -> None:
            raise error

        monkeypatch.setattr(type(module_app.context.queue), "get", get)
        answer = module_app.get("jobs/1")
        assert answer.status == (403 if isinstance(error, PermissionError) and not error.errno else 500)
        return answer.text

    assert "jobs/0001.json: No space left" in fail(OSError(28, "No space left on device", "jobs/0001.json"))
    assert "nights.csv: Permission denied" in fail(PermissionError(13, "Permission denied", "nights.csv"))
    assert "nights.csv" not in fail(PermissionError("nights.csv is in no folder that was opened"))
    assert "ZeroDivisionError" in fail(ZeroDivisionError("division by zero"))


@pytest.fixture(scope="module")
def full_app(module_app: RunningApp) -> RunningApp:
    """With a model and its report, a review, an opened folder, and secrets beside all of them."""
    workspace = module_app.context.workspace
    opened = workspace.folder.parent / "opened"
    report = workspace.report("boars").parent
    results = workspace.results / "may"
    for folder in (workspace.models / "boars", report / "media", workspace.reviews / "may" / MEDIA, results, opened):
        folder.mkdir(parents=True)
    (workspace.models / "boars" / CARD).write_text("{}", encoding="utf-8")
    for page in (report / "index.html", workspace.reviews / "may" / PAGE, workspace.reviews / "may" / EVENTS):
        page.write_text("<html><body>shown</body></html>", encoding="utf-8")
    module_app.context.opened.open(str(opened))
    for folder in (workspace.folder.parent, workspace.folder.parent / "opened-not"):
        folder.mkdir(exist_ok=True)
        (folder / "secret.txt").write_text(SECRET, encoding="utf-8")
    (results / "events.csv").write_text("recording,label,start_s,end_s,confidence,peak\n", encoding="utf-8")
    for folder in (report, workspace.reviews / "may" / MEDIA, results, opened):
        (folder / "link.txt").symlink_to(workspace.folder.parent / "secret.txt")
        (folder / "link").symlink_to(workspace.folder.parent)
    shutil.copytree(workspace.models, workspace.folder.parent / "models", symlinks=True)
    shutil.copytree(workspace.reviews / "may", workspace.folder.parent / "may", symlinks=True)
    for page in (*workspace.folder.parent.glob("models/*/report/index.html"), workspace.folder.parent / "may" / PAGE):
        page.write_text(f"<body>{SECRET}</body>", encoding="utf-8")
    for name in ("boars", "boars-study"):
        (workspace.models / f"linked-{name}").symlink_to(workspace.folder.parent / "models" / name)
    (workspace.reviews / "linked").symlink_to(workspace.folder.parent / "may")
    return module_app


UP = [
    "..",
    "%2e%2e",
    "..%2f..",
    "%2e%2e%2f%2e%2e",
    ".%2e",
    "..%5c..",
    "..%00",
    "%252e%252e",
    "....//",
    ".%2f..",
    "%c0%ae%c0%ae",
]


@pytest.mark.parametrize("path", ["models/linked-boars/report/index.html", "reviews/linked/index.html"])
def test_a_model_or_a_review_that_is_a_link_out_of_the_workspace_is_not_shown(full_app: RunningApp, path: str) -> None:
    for asked in (path, path.replace("index.html", "media/link.txt"), path.replace("index.html", "events.csv")):
        answer = full_app.get(asked)
        assert answer.status in (403, 404)
        assert SECRET not in answer.text
    assert full_app.get(path).status == 403


@pytest.mark.parametrize("page", ["results", "results/events.csv", "results/sites", "results/notes", "results/files"])
def test_results_with_a_table_that_is_a_link_out_of_the_workspace_are_not_shown(
    full_app: RunningApp, page: str
) -> None:
    workspace = full_app.context.workspace
    folder = workspace.results / "linked"
    folder.mkdir(exist_ok=True)
    (folder / "events.csv").unlink(missing_ok=True)
    (folder / "events.csv").symlink_to(workspace.folder.parent / "secret.txt")
    assert full_app.get(f"{page}?name=linked").status == 403


@pytest.mark.parametrize("place", ["", "models/boars/report", "models/boars/report/media", "reviews/may", "reviews"])
def test_no_path_leads_out_of_the_opened_folders(full_app: RunningApp, place: str) -> None:
    outside = full_app.context.workspace.folder.parent
    asked = [f"{'/'.join([up] * times)}/secret.txt" for up in UP for times in (1, 3, 4)]
    asked += [f"{outside}/secret.txt", f"/{outside}/secret.txt", quote(str(outside / "secret.txt"), safe="")]
    asked += [
        "link.txt",
        "link/secret.txt",
        "media/link.txt",
        "media/link/secret.txt",
        "secret.txt%00.html",
        "%00",
        "\\",
    ]
    asked += ["a" * 5000, "file:///etc/passwd", "C:%5cWindows%5cwin.ini", "%ff%fe"]
    for path in asked:
        target = f"/{full_app.token}/{place}/{path}".replace("\\", "%5c")
        answer = full_app.request("GET", target)
        assert answer.status in (303, 307, 400, 403, 404), target
        assert SECRET not in answer.text


# Of all pages that take none in their path.
PATHS = [
    route.path[1:]
    for page in (*PAGES, sounds)
    for route in page.ROUTES
    if "{" not in route.path and "GET" in (route.methods or ())
]
NAMES = ["folder", "path", "file", "recording", "model", "results", "review", "group", "as"]


@pytest.mark.parametrize("path", PATHS)
def test_no_query_leads_out_of_the_opened_folders(full_app: RunningApp, path: str) -> None:
    outside = full_app.context.workspace.folder.parent
    hidden = [outside / "secret.txt", outside / "opened" / ".." / "secret.txt", outside / "opened" / "link.txt"]
    hidden += [outside / "opened-not" / "secret.txt", Path("secret.txt"), Path("../../../secret.txt"), Path("link.txt")]
    for value in map(str, [*hidden, outside, outside / "opened" / "link", Path("link"), Path(".."), "\0", "\udcff"]):
        for name in ("may", value):
            query = urlencode(dict.fromkeys(NAMES, value) | {"name": name}, errors="surrogateescape")
            answer = full_app.get(f"{path}?{query}")
            assert answer.status in (200, 303, 400, 403, 404), value
            assert SECRET.encode() not in answer.content
            assert b"secret" not in answer.content or b"PK" not in answer.content[:2], "it is in an archive"


def test_a_review_that_cannot_be_read_does_not_hide_the_others(full_app: RunningApp) -> None:
    answer = full_app.get("review")
    assert (answer.status, "may/index.html is not the page of a review" in answer.text) == (200, True)
    assert full_app.get("improve").status == 200


def test_files_of_the_workspace_are_shown(full_app: RunningApp) -> None:
    """So that the tests above would see what leaks."""
    for path in ("models/boars/report/index.html", "reviews/may/index.html"):
        answer = full_app.get(path)
        assert (answer.status, "shown" in answer.text) == (200, True), path


def test_only_this_machine_reaches_it(module_app: RunningApp) -> None:
    ports = [
        connection.laddr.ip
        for connection in psutil.Process().net_connections("inet")
        if connection.status == psutil.CONN_LISTEN and connection.laddr.port == module_app.port
    ]
    assert ports == ["127.0.0.1"]


def test_there_are_no_web_sockets(module_app: RunningApp) -> None:
    upgrade = (
        f"Host: 127.0.0.1:{module_app.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    )
    assert _status(module_app, f"GET /{module_app.token}/train HTTP/1.1\r\n{upgrade}\r\n") == 200  # a page as others
    assert _status(module_app, f"GET /train HTTP/1.1\r\n{upgrade}\r\n") == 403


def test_a_huge_form_is_refused(module_app: RunningApp) -> None:
    answer = module_app.post("train", b"folder=" + b"a" * MAX_BODY_BYTES)
    assert answer.status == 400
    assert "aaaa" not in answer.text
    assert module_app.post("train", "&".join(f"a{n}=1" for n in range(2000)).encode()).status == 400


def test_a_form_that_is_none_is_refused(module_app: RunningApp) -> None:
    for body in (b"\xff\xfe\xfa", b"{", b"folder=%ff%00&name=%00", b"folder=\xc3\xbc"):
        assert module_app.post("train", body).status == 400


def test_a_head_request_has_no_content(module_app: RunningApp) -> None:
    answer = module_app.request("HEAD", f"/{module_app.token}/train")
    assert (answer.status, answer.content) == (200, b"")
    assert module_app.request("DELETE", f"/{module_app.token}/train").status == 405


def _status(app: RunningApp, request: str) -> int:
    """The status of an answer to a request as it stands."""
    with socket.create_connection(("127.0.0.1", app.port), timeout=60) as connection:
        connection.sendall(request.encode())
        return int(connection.makefile("rb").readline().split()[1])
