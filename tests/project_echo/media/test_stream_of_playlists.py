"""A file that names other files or addresses opens none of them, whatever its own name."""

import os
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from project_echo.media.errors import UnusableMediaError
from project_echo.media.stream import Stream
from project_echo.media.track import Track, choose_track
from tests.sounds import RATE, hiss, write_wav


@pytest.fixture
def server() -> Iterator[tuple[str, list[str]]]:
    """An address on this machine, and the requests that it received."""
    requests: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            requests.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Handler) as listener:
        Thread(target=listener.serve_forever, args=(0.01,)).start()
        yield f"http://127.0.0.1:{listener.server_port}/good.wav", requests
        listener.shutdown()


SCRIPTS = {
    "hls": "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{}\n#EXT-X-ENDLIST\n",
    "hls, key": '#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-KEY:METHOD=AES-128,URI="{0}"\n#EXTINF:2,\n{0}\n',
    "m3u": "#EXTM3U\n#EXTINF:2,good\n{}\n",
    "ffconcat": "ffconcat version 1.0\nfile '{}'\n",
    "pls": "[playlist]\nNumberOfEntries=1\nFile1={}\nLength1=2\nVersion=2\n",
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns={}\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 9 RTP/AVP 0\n",
    "asx": '<asx version="3.0"><entry><ref href="{}"/></entry></asx>',
    "dash": '<?xml version="1.0"?><MPD type="static" xmlns="urn:mpeg:dash:schema:mpd:2011"><Period><AdaptationSet '
    'contentType="audio"><Representation id="1"><BaseURL>{}</BaseURL></Representation></AdaptationSet></Period></MPD>',
    "rtsp text": "RTSPtext\n{}\n",
}


@pytest.mark.parametrize("linked", [False, True], ids=["itself", "linked"])
@pytest.mark.parametrize("target", ["name", "path", "address"])
@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS.keys())
def test_a_file_that_names_others_is_refused_and_no_other_is_opened(
    tmp_path: Path, server: tuple[str, list[str]], script: str, target: str, linked: bool
) -> None:
    address, requests = server
    good = write_wav(tmp_path / "good.wav", hiss(1))
    os.utime(good, (0, good.stat().st_mtime))  # an access time in the past: reading would change it
    path = tmp_path / ("list.txt" if linked else "a.wav")
    path.write_text(script.format({"name": "good.wav", "path": good, "address": address}[target]), encoding="utf-8")
    if linked:
        (tmp_path / "a.wav").symlink_to(path)
    with pytest.raises(UnusableMediaError, match="not a media file"):
        choose_track(tmp_path / "a.wav")
    with pytest.raises(UnusableMediaError, match="not a media file"):
        list(Stream(tmp_path / "a.wav", Track(0, None, 1.0, RATE, 1), RATE, 5000, 10))
    assert good.stat().st_atime == 0
    assert requests == []
