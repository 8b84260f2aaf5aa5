"""Make a synthetic field deployment to practice screening and review on, with a table of all calls.

    python -m project_echo.corpora.demo.field field

Recorders at three sites record a minute every second hour of two nights: field/night-1/pond/20240611_190000.wav.
field/truth.csv has a row for each call, or series of calls. Voices and scenes are those of the demo corpus, but the
individuals are new: a classifier trained on the corpus has never heard them. Hours and habitats are assumptions.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from project_echo.core import files, seeds
from project_echo.core.errors import EchoError
from project_echo.core.parallel import map_all
from project_echo.core.tables import write_table
from project_echo.corpora.demo import encode
from project_echo.corpora.demo.scenes import Recorder, Scene, record
from project_echo.corpora.demo.sounds import Samples, active_level_db, db_to_amplitude, n_samples
from project_echo.corpora.demo.voices import draw_individual, track_with_calls
from project_echo.pipeline.script import run

SEED, SAMPLE_RATE, DURATION_S = 20240611, 32000, 60.0
START = datetime(2024, 6, 11, 19)
NIGHTS, HOURS = 2, range(0, 14, 2)  # after START
# Probability that a voice is heard in a recording of a site, at 19, 21, 23, 1, 3, 5 and 7 o'clock.
SITES: dict[str, dict[str, tuple[float, ...]]] = {
    "pond": {
        "cane_toad": (0.2, 0.7, 0.8, 0.7, 0.5, 0.1, 0.0),
        "tree_frog": (0.3, 0.8, 0.9, 0.6, 0.3, 0.1, 0.0),
        "owl": (0.0, 0.1, 0.2, 0.2, 0.2, 0.0, 0.0),
        "songbird": (0.4, 0.0, 0.0, 0.0, 0.0, 0.8, 0.9),
    },
    "wood": {
        "boar": (0.2, 0.5, 0.8, 0.7, 0.5, 0.2, 0.0),
        "fox": (0.0, 0.2, 0.4, 0.5, 0.4, 0.1, 0.0),
        "owl": (0.1, 0.6, 0.7, 0.7, 0.6, 0.2, 0.0),
        "songbird": (0.5, 0.0, 0.0, 0.0, 0.1, 0.9, 0.9),
    },
    "farm": {
        "fox": (0.1, 0.4, 0.7, 0.7, 0.6, 0.2, 0.0),
        "cane_toad": (0.0, 0.2, 0.3, 0.2, 0.1, 0.0, 0.0),
        "dog": (0.8, 0.7, 0.5, 0.4, 0.3, 0.5, 0.8),
        "owl": (0.0, 0.3, 0.3, 0.3, 0.2, 0.0, 0.0),
    },
}
TRUTH = ["recording", "site", "label", "start_s", "end_s"]


def main(folder: Path) -> None:
    """Write the recordings and truth.csv.

    Parameters
    ----------
    folder : Path
        A new or empty folder.

    Raises
    ------
    EchoError
        If the folder is a file or contains anything.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise EchoError(f"{folder} already exists and is not an empty folder. Choose another folder.")
    with files.atomic_folder(folder) as temporary:
        truth = make_field(temporary)
        write_table(truth, temporary / "truth.csv")
    counts = ", ".join(f"{label} {n}" for label, n in truth["label"].value_counts().sort_index().items())
    print(f"{NIGHTS * len(SITES) * len(HOURS)} recordings of a minute in {folder}; calls in truth.csv: {counts}")


def make_field(folder: Path) -> pd.DataFrame:
    """Write all recordings.

    Parameters
    ----------
    folder : Path
        Folder to write to.

    Returns
    -------
    pd.DataFrame
        The columns of TRUTH: a row per call.
    """
    items = [(folder, night, site, slot) for night in range(NIGHTS) for site in SITES for slot in range(len(HOURS))]
    return pd.DataFrame([row for rows in map_all(_write, items, "recordings") for row in rows], columns=TRUTH)


def _write(folder: Path, night: int, site: str, slot: int) -> list[tuple[Any, ...]]:
    start = START + timedelta(days=night, hours=HOURS[slot])
    name = f"night-{night + 1}/{site}/{start:%Y%m%d_%H%M%S}.wav"
    samples, stored_rate, calls = recording(night, site, slot)
    encode.write(samples, SAMPLE_RATE, folder / name, stored_rate)
    return [(name, site, *call) for call in calls]


def recording(night: int, site: str, slot: int) -> tuple[Samples, int, list[tuple[str, float, float]]]:
    """Sound of a minute at a site. A site has the same scene, recorder and individuals in all nights.

    Parameters
    ----------
    night : int
        From 0.
    site : str
        One of SITES.
    slot : int
        Index into HOURS.

    Returns
    -------
    samples : np.ndarray of shape (n,), float32
        At SAMPLE_RATE.
    stored_rate : int
        Sample rate of the recorder, Hz.
    calls : list of (str, float, float)
        Voice, start and end in seconds.
    """
    generator = seeds.generator(SEED, "field", site, night, slot)
    site_generator = seeds.generator(SEED, "field", site)
    scene, recorder = Scene.draw(site_generator), Recorder.draw(site_generator)
    scene = replace(scene, snr_db=generator.uniform(4, 20))
    n = n_samples(DURATION_S, SAMPLE_RATE)
    mix, calls = np.zeros(n, dtype=np.float32), []
    for voice, probabilities in SITES[site].items():
        if generator.random() < probabilities[slot]:
            track, spans_s = _bout(site, voice, n, generator)
            mix += track
            calls += [(voice, *span_s) for span_s in spans_s]
    return record(mix, [], scene, recorder, generator, SAMPLE_RATE), recorder.sample_rate, calls


def _bout(site: str, voice: str, n: int, generator: np.random.Generator) -> tuple[Samples, list[tuple[float, float]]]:
    """One of the site's two individuals of a voice, calling for a while, 0 to 8 dB below the loudest; and its calls."""
    animal = draw_individual(voice, seeds.generator(SEED, "field", site, voice, int(generator.integers(2))))
    from_s = generator.uniform(0, 40)
    track, spans_s = track_with_calls(animal, generator, SAMPLE_RATE, n, from_s, from_s + generator.uniform(4, 25))
    level_db = active_level_db(track, SAMPLE_RATE)
    if np.isfinite(level_db):
        track *= np.float32(db_to_amplitude(generator.uniform(-8, 0) - level_db))
    return track, spans_s


if __name__ == "__main__":
    run(main)
