"""What has been screened already: a folder that knows the model and the settings, and a pair of files per recording.

RESULTS/.journal/settings.json       model and settings; with others nothing is mixed
RESULTS/.journal/<key>.npy           probabilities of the recording's windows, shape (windows, labels), float32
RESULTS/.journal/<key>.json          the rest, and the sign that the recording is done: it is written last
RESULTS/.journal/begun/<key>.json    somebody is at work on it, or died over it; and how far it is

Whatever is killed, and whenever, leaves whole pairs and temporary files that nobody reads. The key is of the settings
as well as of the recording: a worker may outlive its run (the main process is killed, a cluster goes on), and what it
still writes is not to be taken for the work of the next run, with another model.
"""

import hashlib
import os
import shutil
import tempfile
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from project_echo.core import files
from project_echo.core.errors import EchoError

SETTINGS = "settings.json"
BEGUN = "begun"


class Journal:
    """The journal that lies in `folder` now; it goes by the settings of this moment, whoever comes after."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        settings = folder / SETTINGS
        self._settings = settings.read_bytes() if settings.is_file() else b""

    def add(self, recording: str, probabilities: np.ndarray, about: dict[str, Any]) -> None:
        """Note that a recording is done; `about` is whatever JSON holds.

        Probabilities are on the disk, not only on their way to it, before anything says that they are there: after a
        power cut an empty or missing sign is work done again, and a sign of what was never written would be an error.
        """
        place = self._place(recording)
        memory = BytesIO()
        np.save(memory, probabilities, allow_pickle=False)
        with files.atomic_path(place.with_suffix(".npy")) as beside, beside.open("wb") as stream:
            stream.write(memory.getbuffer())
            stream.flush()
            os.fsync(stream.fileno())
        files.write_json(about, place.with_suffix(".json"))

    def find(self, recording: str) -> dict[str, Any] | None:
        """What was noted about a recording, or None if it is still to do, as after a power cut in the middle."""
        place = self._place(recording).with_suffix(".json")
        if not place.is_file():
            return None
        try:
            self.probabilities(recording)
            about: dict[str, Any] = files.read_json(place)
        except EchoError:
            return None
        return about

    def begin(self, recording: str, heard_s: float = 0.0, share: float = 0.0) -> None:
        """Note that somebody is at work on it: should the process die, it is known over what. And how far it is."""
        files.write_json({"recording": recording, "heard_s": heard_s, "share": share}, self._begun(recording))

    def end(self, recording: str) -> None:
        self._begun(recording).unlink(missing_ok=True)

    def begun(self, recording: str) -> bool:
        return self._begun(recording).exists()

    def under_way(self) -> dict[str, tuple[float, float]]:
        """Every recording that somebody is at work on: seconds heard of it, and the share that they are, 0 to 1."""
        found = {}
        for place in (self.folder / BEGUN).glob("[!.]*.json"):  # those with a dot are being written
            with suppress(EchoError):  # it has ended meanwhile
                note = files.read_json(place)
                if place == self._begun(note["recording"]):  # not of other settings
                    found[note["recording"]] = (note["heard_s"], note["share"])
        return found

    def forget_begun(self) -> set[str]:
        """Before anybody is at work: the recordings over which something died earlier, and a clean slate."""
        died_over = set(self.under_way())
        shutil.rmtree(self.folder / BEGUN, ignore_errors=True)
        return died_over

    def probabilities(self, recording: str) -> np.ndarray:
        return files.read_array(self._place(recording).with_suffix(".npy"))

    def _begun(self, recording: str) -> Path:
        return (self.folder / BEGUN / self._place(recording).name).with_suffix(".json")

    def _place(self, recording: str) -> Path:
        return self.folder / hashlib.sha256(self._settings + b"\0" + recording.encode()).hexdigest()[:32]


def open_journal(folder: Path, settings: dict[str, Any], resume: bool) -> Journal:
    """The journal in `folder`, begun if there is none, or begun anew if it is not to `resume`.

    Raises EchoError if it was written with other settings.
    """
    path = folder / SETTINGS
    if folder.exists() and not (resume and path.is_file()):  # one without settings was being begun when it ended
        aside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f"{folder.name}-writing-"))
        folder.replace(aside)  # at once: somebody may be writing in it still
        shutil.rmtree(aside, ignore_errors=True)
    if path.is_file():
        before = files.read_json(path)
        changed = sorted(key for key in before.keys() | settings.keys() if before.get(key) != settings.get(key))
        if changed:
            raise EchoError(
                f"{folder.parent} was begun with another {' and another '.join(changed)}: results of both would be "
                f"mixed. Give another --output, or begin anew with --no-resume."
            )
    else:
        folder.mkdir(parents=True, exist_ok=True)
        files.write_json(settings, path)
    return Journal(folder)
