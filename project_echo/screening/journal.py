"""Journal of a screening: which recordings are done, and the probabilities of their slices.

RESULTS/.journal/settings.json       model and hop; results of other settings are not mixed in
RESULTS/.journal/<key>.npy           probabilities of the windows' slices, shape (windows, slices, labels), float32
RESULTS/.journal/<key>.embeddings.npy   if kept, embeddings of slices, shape (windows, slices, dimensions), float16
RESULTS/.journal/<key>.json          its metadata; written last, so it marks the recording as done
RESULTS/.journal/active/<key>.json   a process works on it, or died doing so; how much of it is processed

A process may be killed at any time: it leaves complete pairs, and temporary files that nobody reads. The key is a hash
of the settings and the recording. A worker may outlive its run (the main process was killed, a cluster goes on); with
the settings in the key, what it still writes is not taken for results of a later run with another model.
"""

import hashlib
import json
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
from project_echo.core.text import join_words

SETTINGS = "settings.json"
ACTIVE = "active"
EMBEDDINGS = ".embeddings.npy"


class Journal:
    """The journal in `folder`, under the settings that it has now, even if a later run changes them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        settings = folder / SETTINGS
        self._settings = settings.read_bytes() if settings.is_file() else b""

    @property
    def model(self) -> str:
        """SHA-256 of the card of the classifier that its results are from."""
        return str(json.loads(self._settings)["model"])

    def add(
        self,
        recording: str,
        probabilities: np.ndarray,
        metadata: dict[str, Any],
        embeddings: np.ndarray | None = None,
    ) -> None:
        """Record that a recording is done.

        Arrays are synced to disk before the metadata is written: after a power cut, missing metadata only
        means doing the work again, but metadata without its arrays would be an error.

        Parameters
        ----------
        recording : str
            Its name in the results.
        probabilities : np.ndarray of shape (windows, slices, labels), float32
            Of the slices of its windows.
        metadata : dict
            Whatever JSON can hold.
        embeddings : np.ndarray of shape (windows, kept slices, dimensions), float16, optional
            Those of an earlier screening are removed if there are none.
        """
        path = self._path(recording)
        if embeddings is None:
            path.with_suffix(EMBEDDINGS).unlink(missing_ok=True)
        else:
            _write_synced(embeddings, path.with_suffix(EMBEDDINGS))
        _write_synced(probabilities, path.with_suffix(".npy"))
        self.set_metadata(recording, metadata)

    def set_metadata(self, recording: str, metadata: dict[str, Any]) -> None:
        """Write the metadata of a recording whose probabilities are in the journal."""
        files.write_json(metadata, self._path(recording).with_suffix(".json"))

    def metadata(self, recording: str) -> dict[str, Any] | None:
        """Metadata of a recording, or None if it is not done, or a power cut damaged its files."""
        path = self._path(recording).with_suffix(".json")
        if not path.is_file():
            return None
        try:
            self.probabilities(recording)
            metadata: dict[str, Any] = files.read_json(path)
        except EchoError:
            return None
        return metadata

    def probabilities(self, recording: str) -> np.ndarray:
        """Probabilities of a recording, shape (windows, slices, labels), float32; EchoError if there are none."""
        return files.read_array(self._path(recording).with_suffix(".npy"))

    def embeddings(self, recording: str) -> np.ndarray | None:
        """Embeddings of a recording, shape (windows, kept slices, dimensions), float16; None if they are not kept."""
        try:
            return files.read_array(self._path(recording).with_suffix(EMBEDDINGS))
        except EchoError:
            return None

    def mark_active(self, recording: str, processed_s: float = 0.0, fraction: float = 0.0) -> None:
        """Note that a process works on a recording, and how much of it is processed.

        If the process dies, the mark stays and says which recording it was working on.

        Parameters
        ----------
        recording : str
            Its name in the results.
        processed_s : float
            How much of it is processed, s.
        fraction : float
            The same as a fraction of the whole, 0 to 1.
        """
        note = {"recording": recording, "processed_s": processed_s, "fraction": fraction}
        files.write_json(note, self._active_path(recording))

    def unmark_active(self, recording: str) -> None:
        """Note that the process has finished with the recording, whatever the outcome."""
        self._active_path(recording).unlink(missing_ok=True)

    def is_active(self, recording: str) -> bool:
        """Whether a process works on the recording, or died doing so."""
        return self._active_path(recording).exists()

    def active(self) -> dict[str, tuple[float, float]]:
        """Recordings that are being processed: seconds processed, and the fraction of the whole, 0 to 1."""
        active = {}
        for path in (self.folder / ACTIVE).glob("[!.]*.json"):  # temporary files begin with a dot
            with suppress(EchoError):  # removed meanwhile
                note = files.read_json(path)
                if path == self._active_path(note["recording"]):  # else it is of other settings
                    active[note["recording"]] = (note["processed_s"], note["fraction"])
        return active

    def pop_interrupted(self) -> set[str]:
        """Recordings that a process of an earlier run died on; forget them. Call it before any process starts."""
        interrupted = set(self.active())
        shutil.rmtree(self.folder / ACTIVE, ignore_errors=True)
        return interrupted

    def _active_path(self, recording: str) -> Path:
        return (self.folder / ACTIVE / self._path(recording).name).with_suffix(".json")

    def _path(self, recording: str) -> Path:
        return self.folder / hashlib.sha256(self._settings + b"\0" + recording.encode()).hexdigest()[:32]


def _write_synced(array: np.ndarray, path: Path) -> None:
    memory = BytesIO()
    np.save(memory, array, allow_pickle=False)
    with files.atomic_path(path) as temporary, temporary.open("wb") as stream:
        stream.write(memory.getbuffer())
        stream.flush()
        os.fsync(stream.fileno())


def open_journal(folder: Path, settings: dict[str, Any], resume: bool) -> Journal:
    """Open or create a journal.

    Parameters
    ----------
    folder : Path
        Folder of the journal.
    settings : dict
        What results depend on: see `batch.journal_settings`.
    resume : bool
        Whether to keep an existing journal; if not, it is replaced by an empty one.

    Returns
    -------
    Journal

    Raises
    ------
    EchoError
        If the journal was written with other settings, or its settings cannot be read.
    """
    path = folder / SETTINGS
    if folder.exists() and not (resume and path.is_file()):  # without settings: killed while it was created
        aside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f"{folder.name}-writing-"))
        folder.replace(aside)  # in one step, as a worker may still write into it
        shutil.rmtree(aside, ignore_errors=True)
    if path.is_file():
        before = files.read_json(path, "Screen again without resuming (--no-resume).")
        changed = sorted(key for key in before.keys() | settings.keys() if before.get(key) != settings.get(key))
        if changed:
            raise EchoError(
                f"{folder.parent} contains results from a different {join_words(changed)}; choose another "
                "output folder, or screen again without resuming (--no-resume)."
            )
    else:
        folder.mkdir(parents=True, exist_ok=True)
        files.write_json(settings, path)
    return Journal(folder)
