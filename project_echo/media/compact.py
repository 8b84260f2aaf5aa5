"""Small copies of sound, video and pictures that browsers show, for pages to mail."""

from pathlib import Path
from typing import Any

import matplotlib.image

from project_echo.core import files
from project_echo.media import ffmpeg

_AUDIO: dict[str, Any] = {"acodec": "aac", "b:a": "48k", "ac": 1, "format": "mp4", "movflags": "+faststart"}
_VIDEO: dict[str, Any] = {"vcodec": "libx264", "preset": "medium", "crf": 32, "pix_fmt": "yuv420p", "threads": 4}
_VIDEO |= {"r": 15, "vf": "scale=-2:min(270\\,trunc(ih/2)*2)"}
_JPEG_QUALITY = 80
SUFFIXES = {".mp4": ".mp4", ".m4a": ".m4a", ".wav": ".m4a", ".png": ".jpg", ".jpg": ".jpg"}  # of files and their copies


def write_compact(source: Path, target: Path) -> None:
    """Write a small copy: video at most 270 lines high, sound of 48 kbit/s, pictures as JPEG.

    Parameters
    ----------
    source : Path
        With one of the suffixes in `SUFFIXES`.
    target : Path
        With the suffix of its copy.

    Raises
    ------
    UnusableMediaError
        If ffmpeg fails, or takes too long.
    """
    with files.atomic_path(target) as temporary:
        if target.suffix == ".jpg":
            picture = matplotlib.image.imread(source)
            matplotlib.image.imsave(temporary, picture, format="jpeg", pil_kwargs={"quality": _JPEG_QUALITY})
            return
        options = ffmpeg.BITEXACT | _AUDIO | (_VIDEO if target.suffix == ".mp4" else {"vn": None})
        output = ffmpeg.media_source().output(ffmpeg.file_url(temporary), **options)
        ffmpeg.run(ffmpeg.command(output, source))
