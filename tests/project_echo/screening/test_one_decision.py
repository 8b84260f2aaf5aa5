"""The track of a recording is chosen once, kept in the journal, and used for all that comes of it."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from project_echo.core import files
from project_echo.media.decode import decode
from project_echo.media.track import Track, choose_track, from_metadata
from project_echo.models.classifier import load_classifier
from project_echo.models.windows import predict_windows
from project_echo.screening.journal import Journal
from project_echo.screening.output import JOURNAL
from project_echo.screening.screen import screen
from tests.project_echo.screening.conftest import HIGH, LOW, QUIET, RATE, Make
from tests.sounds import write_wav

SOUND = np.concatenate([HIGH, HIGH, QUIET, LOW])


def channels(kind: str) -> np.ndarray:
    return {
        "mono": SOUND,
        "loud stereo": np.stack([3 * SOUND, 3 * SOUND], axis=1),
        "opposed": np.stack([SOUND, -SOUND], axis=1),
        "integers": np.round(2.0**15 * SOUND),
        "quiet": 5e-5 * SOUND,
    }[kind]


@pytest.mark.parametrize("kind", ["mono", "loud stereo", "opposed", "integers", "quiet"])
@pytest.mark.parametrize("rate", [RATE, 2 * RATE])
def test_screening_hears_what_training_stores(
    tmp_path: Path, arguments: Make, by_pitch_or_none: Path, kind: str, rate: int
) -> None:
    subtype = "PCM_16" if kind in {"mono", "loud stereo", "opposed"} else "FLOAT"
    path = write_wav(tmp_path / "disk" / "a.wav", np.repeat(channels(kind), rate // RATE, axis=0), rate, subtype)
    chosen = arguments(recordings=[path], hop_seconds=0.5, clips=1)
    screen(**chosen)
    journal = Journal(chosen["output"] / JOURNAL)
    track = from_metadata(journal.metadata(str(path)) or {})
    assert track == choose_track(path)
    assert track.sample_rate == rate

    files.write_sound(decode(path, RATE, track), RATE, tmp_path / "stored.wav")
    samples, _ = files.read_sound(tmp_path / "stored.wav")
    trained = load_classifier(by_pitch_or_none)
    expected = predict_windows([samples], trained.features, trained.predict_windows, 0.5)
    np.testing.assert_array_equal(journal.probabilities(str(path)), expected)
    for clip in (chosen["output"] / "clips").rglob("*.wav"):
        heard, heard_rate = soundfile.read(clip)
        assert (heard.ndim, heard_rate) == (1, rate)
        assert 0.03 <= np.abs(heard).max() <= 1


def test_results_of_an_earlier_version_are_screened_again(tmp_path: Path, arguments: Make) -> None:
    path = write_wav(tmp_path / "disk" / "a.wav", SOUND, RATE)
    chosen = arguments(recordings=[path])
    screen(**chosen)
    journal = Journal(chosen["output"] / JOURNAL)
    metadata = journal.metadata(str(path))
    assert metadata is not None
    earlier = {key: value for key, value in metadata.items() if key != "track"}
    journal.add(str(path), np.zeros_like(journal.probabilities(str(path))), earlier)
    screen(**chosen)
    assert from_metadata(journal.metadata(str(path)) or {}) == Track(0, None, 1.0, RATE, 1)
    assert journal.probabilities(str(path)).any()
