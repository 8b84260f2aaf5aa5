"""What has been screened already: a folder that knows the model and the settings, and a pair of files per recording.

RESULTS/.journal/settings.json       model and settings; with others nothing is mixed
RESULTS/.journal/<key>.npy           probabilities of the recording's windows, shape (windows, labels), float32
RESULTS/.journal/<key>.json          the rest, and the sign that the recording is done: it is written last
RESULTS/.journal/begun/<key>.json    somebody is at work on it, or died over it; and how far it is

Whatever is killed, and whenever, leaves whole pairs and temporary files that nobody reads.
"""

import hashlib
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from project_echo import files
from project_echo.errors import EchoError

SETTINGS = "settings.json"
BEGUN = "begun"


@dataclass(frozen=True)
class Journal:
    folder: Path

    def add(self, recording: str, probabilities: np.ndarray, about: dict[str, Any]) -> None:
        """Note that a recording is done; `about` is whatever JSON holds."""
        place = self._place(recording)
        files.write_array(probabilities, place.with_suffix(".npy"))
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
        for place in (self.folder / BEGUN).glob("*.json"):
            with suppress(EchoError):  # it has ended meanwhile
                note = files.read_json(place)
                found[note["recording"]] = (note["heard_s"], note["share"])
        return found

    def probabilities(self, recording: str) -> np.ndarray:
        return files.read_array(self._place(recording).with_suffix(".npy"))

    def _begun(self, recording: str) -> Path:
        return (self.folder / BEGUN / self._place(recording).name).with_suffix(".json")

    def _place(self, recording: str) -> Path:
        return self.folder / hashlib.sha256(recording.encode()).hexdigest()[:32]


def open_journal(folder: Path, settings: dict[str, Any], resume: bool) -> Journal:
    """The journal in `folder`, begun if there is none, or begun anew if it is not to `resume`.

    Raises EchoError if it was written with other settings.
    """
    path = folder / SETTINGS
    if folder.exists() and not (resume and path.is_file()):  # one without settings was being deleted when it ended
        shutil.rmtree(folder)
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
