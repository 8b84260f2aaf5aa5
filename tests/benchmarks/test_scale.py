from pathlib import Path

import pytest
import soundfile

from benchmarks.scale import RATE, make
from project_echo.corpora.folder import collect_folder
from project_echo.features.segments import loudest_segments


@pytest.mark.parametrize("clips", [1, 3])
def test_every_recording_is_a_source_and_gives_as_many_clips_as_asked_for(tmp_path: Path, clips: int) -> None:
    make(tmp_path / "corpus", 20, clips)
    table = collect_folder(tmp_path / "corpus", tmp_path / "collected").recordings
    assert table["source"].nunique() == len(table) == 20
    expected = {"boar": 4, "fox": 4, "frog": 4, "toad": 4, "rain": 2, "wind": 2}
    assert table["kind"].value_counts().to_dict() == expected
    assert set(table.loc[table["label"] == "none", "kind"]) == {"rain", "wind"}
    for recording in table["recording"]:
        samples, rate = soundfile.read(tmp_path / "collected" / recording)
        assert rate == RATE
        assert len(loudest_segments(samples, 5 * RATE, 5 * RATE, 10, -60).starts) == clips
