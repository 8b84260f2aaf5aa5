"""A synthetic field to practise screening and review on, with the truth about who called when.

    python -m project_echo.corpora.demo.field field

Recorders of three sites, a minute every second hour of two nights: field/night-1/pond/20240611_190000.wav, and
field/truth.csv, a row for each animal that calls for a while. Voices and places are the demo corpus's, its individuals
are not: what is learned on it meets strangers here. Hours and habitats are field sense.
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
from project_echo.corpora.demo import encode
from project_echo.corpora.demo.places import Place, Recorder, record
from project_echo.corpora.demo.sounds import Samples, amplitude, length, loudness_db
from project_echo.corpora.demo.voices import calling, individual
from project_echo.pipeline.script import run

SEED, RATE, MINUTE_S = 20240611, 32000, 60.0
EVENING = datetime(2024, 6, 11, 19)
NIGHTS, HOURS = 2, range(0, 14, 2)  # after 19:00
# How likely each is heard in a recording of a site, at 19, 21, 23, 1, 3, 5 and 7 o'clock.
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
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise EchoError(f"{folder} is there already, and nothing in it is to be replaced. Name another folder.")
    with files.atomic_folder(folder) as beside:
        table = make(beside)
        files.write_table(table, beside / "truth.csv")
    counts = ", ".join(f"{label} {n}" for label, n in table["label"].value_counts().sort_index().items())
    print(f"{NIGHTS * len(SITES) * len(HOURS)} recordings of a minute in {folder}; truth.csv says who calls: {counts}")


def make(folder: Path) -> pd.DataFrame:
    """Write all recordings below `folder`; who calls when, by the columns of TRUTH."""
    asked = [(folder, night, site, slot) for night in range(NIGHTS) for site in SITES for slot in range(len(HOURS))]
    return pd.DataFrame([row for rows in map_all(_write, asked, "recordings") for row in rows], columns=TRUTH)


def _write(folder: Path, night: int, site: str, slot: int) -> list[tuple[Any, ...]]:
    began = EVENING + timedelta(days=night, hours=HOURS[slot])
    name = f"night-{night + 1}/{site}/{began:%Y%m%d_%H%M%S}.wav"
    samples, stored_rate, heard = sound(night, site, slot)
    encode.write(samples, RATE, folder / name, stored_rate)
    return [(name, site, *who) for who in heard]


def sound(night: int, site: str, slot: int) -> tuple[Samples, int, list[tuple[str, float, float]]]:
    """A minute at a site: samples of shape (n,) at RATE, the rate in Hz that it is stored at, and who is heard when.

    A site keeps its place and its recorder, and its animals are the same individuals in all nights.
    """
    draw = seeds.generator(SEED, "field", site, night, slot)
    about = seeds.generator(SEED, "field", site)
    place, recorder = Place.draw(about), Recorder.draw(about)
    place = replace(place, snr_db=draw.uniform(4, 20))  # how near they come
    n = length(MINUTE_S, RATE)
    together, heard = np.zeros(n, dtype=np.float32), []
    for voice, chances in SITES[site].items():
        if draw.random() < chances[slot]:
            track = _bout(site, voice, n, draw)
            together += track
            heard.append((voice, *_span(track)))
    return record(together, [], place, recorder, draw, RATE), recorder.rate_hz, heard


def _bout(site: str, voice: str, n: int, draw: np.random.Generator) -> Samples:
    """One of the site's two individuals of a voice, calling for a while, 0 to 8 dB below the loudest."""
    who = seeds.generator(SEED, "field", site, voice, int(draw.integers(2)))
    from_s = draw.uniform(0, 40)
    track = calling(individual(voice, who), draw, RATE, n, from_s, from_s + draw.uniform(4, 25))
    level_db = loudness_db(track, RATE)
    return track * np.float32(amplitude(draw.uniform(-8, 0) - level_db)) if np.isfinite(level_db) else track


def _span(track: Samples) -> tuple[float, float]:
    """From where to where a track sounds, seconds."""
    sounding = np.flatnonzero(track)
    return round(float(sounding[0]) / RATE, 2), round(float(sounding[-1] + 1) / RATE, 2)


if __name__ == "__main__":
    run(main)
