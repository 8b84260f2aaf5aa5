"""Write the report as one HTML file to mail, its media smaller and inside it.

python -m project_echo.report.single_file report report-single.html
"""

import base64
import html
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.media.compact import SUFFIXES, write_compact
from project_echo.pipeline.script import run

MEDIA = re.compile(r'\b(?P<attribute>src|poster)="(?P<path>media/[^"]+)"')
TYPES = {".mp4": "video/mp4", ".m4a": "audio/mp4", ".jpg": "image/jpeg"}


def main(report: Path, single_file: Path) -> None:
    page = report / "index.html"
    if not page.is_file():
        raise EchoError(f"{page} does not exist. Make the report first: dvc repro report.")
    if single_file.resolve().is_relative_to(report.resolve()):
        raise EchoError(f"{single_file} lies in {report}, which is the report itself. Choose another path.")
    text = page.read_text(encoding="utf-8")
    names = dict.fromkeys(match["path"] for match in MEDIA.finditer(text))
    with tempfile.TemporaryDirectory() as folder:
        uris = {name: data_uri(report / unquote(html.unescape(name)), Path(folder)) for name in names}
    files.write_text(embed(text, uris), single_file)
    print(f"{len(uris)} media files inside, {single_file.stat().st_size / 1e6:.1f} MB: {single_file}")


def data_uri(path: Path, folder: Path) -> str:
    """A small copy of a media file as a data URI.

    Parameters
    ----------
    path : Path
        The file.
    folder : Path
        Where to write the copy.

    Returns
    -------
    str

    Raises
    ------
    EchoError
        If the file is missing.
    UnusableMediaError
        If it cannot be read.
    """
    if not path.is_file():
        raise EchoError(f"{path} is missing. Make the report again: dvc repro report.")
    copy = folder / f"copy{SUFFIXES[path.suffix]}"
    write_compact(path, copy)
    return f"data:{TYPES[copy.suffix]};base64,{base64.b64encode(copy.read_bytes()).decode('ascii')}"


def embed(text: str, uris: Mapping[str, str]) -> str:
    """Put media into a page.

    Parameters
    ----------
    text : str
        The page, as HTML.
    uris : mapping of str to str
        A data URI for each path, as the page has it.

    Returns
    -------
    str
        The page, whose attributes src and poster have the data URIs.
    """
    return MEDIA.sub(lambda match: f'{match["attribute"]}="{uris[match["path"]]}"', text)


if __name__ == "__main__":
    run(main)
