"""Who may use the app: programs of this machine that know its address, and pages of the app itself."""

import secrets
from collections.abc import Collection

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

TOKEN_BYTES = 24
# Nothing is fetched from elsewhere, nor sent there, and no other page may show one of these in a frame. The pages hold
# their scripts and styles themselves.
CONTENT_SECURITY = (
    "default-src 'self' 'unsafe-inline' data: blob:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": CONTENT_SECURITY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "same-origin",  # the address holds the token
    "x-content-type-options": "nosniff",
}


def new_token() -> str:
    """A random part of the address, which nobody can guess."""
    return secrets.token_urlsafe(TOKEN_BYTES)


class Access:
    """Refuse what does not come from a page of the app, and tell browsers to keep its pages to themselves.

    The token is the first part of each path, so that no request carries a right that it does not show (as cookies
    would, which browsers also send with requests of other sites). A foreign Host is that of a site whose name now
    points to this machine (DNS rebinding), a foreign Origin that of a site that knows the port.

    Parameters
    ----------
    app : ASGIApp
        It finds the token in ``root_path``.
    token : str
        From `new_token`.
    hosts : collection of str
        Names and ports under which the app is reached.
    """

    def __init__(self, app: ASGIApp, *, token: str, hosts: Collection[str]) -> None:
        self._app = app
        self._token = token
        self._hosts = frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":  # there are no web sockets
            return
        if reason := self._refusal(scope):
            await PlainTextResponse(reason, 403, HEADERS)(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        scope["root_path"] = f"/{self._token}"
        await self._app(scope, receive, send_with_headers)

    def _refusal(self, scope: Scope) -> str:
        """Why a request is refused; empty if it is not."""
        headers = Headers(scope=scope)
        if headers.get("host") not in self._hosts:
            return "This host is not the one in the address that project-echo app has printed."
        origin = headers.get("origin")
        if origin is not None and origin not in {f"http://{host}" for host in self._hosts}:
            return "This page was requested by another site."
        token = scope["path"].partition("/")[2].partition("/")[0]
        if not secrets.compare_digest(token.encode(), self._token.encode()):
            return "Open the address that project-echo app has printed; it is different each time it starts."
        return ""
