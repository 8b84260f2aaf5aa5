"""Bytes of which a player may ask for a part: browsers move the position only in what they can read in parts."""

import re

from starlette.requests import Request
from starlette.responses import Response

_RANGE = re.compile(r"bytes=(\d+)-(\d*)")


def send_bytes(request: Request, content: bytes, media_type: str) -> Response:
    """Answer with bytes, or with the part that the request asks for (RFC 9110, section 14).

    Parameters
    ----------
    request : Request
    content : bytes
    media_type : str

    Returns
    -------
    Response
    """
    headers = {"accept-ranges": "bytes"}
    asked = _RANGE.fullmatch(request.headers.get("range", ""))
    if asked is None:
        return Response(content, media_type=media_type, headers=headers)
    first = int(asked[1])
    last = min(int(asked[2]), len(content) - 1) if asked[2] else len(content) - 1
    if first > last:
        return Response(status_code=416, headers={**headers, "content-range": f"bytes */{len(content)}"})
    headers["content-range"] = f"bytes {first}-{last}/{len(content)}"
    return Response(content[first : last + 1], 206, headers, media_type)
