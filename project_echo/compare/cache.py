"""DVC's command and its cache: what of a dvc.lock it holds."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any


def dvc(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of DVC, which takes about a second, and return its output and exit code."""
    return subprocess.run([sys.executable, "-m", "dvc", *arguments], capture_output=True, encoding="utf-8", check=False)


def folder() -> Path:
    """The folder of the cache, wherever DVC's configuration puts it."""
    return Path(dvc("cache", "dir").stdout.strip())


def entry(cache: Path, digest: str) -> Path:
    """The file of the cache with an MD5 digest; that of a folder ends in ``.dir`` and leads to its listing."""
    return cache / "files" / "md5" / digest[:2] / digest[2:]


def read_listing(cache: Path, digest: str) -> dict[str, str] | None:
    """Digests of the files of a folder.

    Parameters
    ----------
    cache : Path
        The folder of the cache.
    digest : str
        Of the folder, as in dvc.lock.

    Returns
    -------
    dict of str to str or None
        By path in the folder. None if the cache lacks the listing.
    """
    path = entry(cache, digest)
    if not path.is_file():
        return None
    return {item["relpath"]: item["md5"] for item in json.loads(path.read_bytes())}


def missing_outputs(cache: Path, outputs: dict[str, dict[str, Any]]) -> list[str]:
    """Name the outputs that the cache does not hold as a whole.

    Parameters
    ----------
    cache : Path
        The folder of the cache.
    outputs : dict
        Outputs in dvc.lock, by path. An empty folder needs no cache.

    Returns
    -------
    list of str
        Their paths.
    """
    return [path for path, output in outputs.items() if output.get("nfiles") != 0 and not _holds(cache, output["md5"])]


def _holds(cache: Path, digest: str) -> bool:
    if not digest.endswith(".dir"):
        return entry(cache, digest).is_file()
    listing = read_listing(cache, digest)
    return listing is not None and all(entry(cache, inner).is_file() for inner in set(listing.values()))
