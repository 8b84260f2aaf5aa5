from pathlib import Path

import pytest
import soundfile

from benchmarks.scale import CLIP_S, SAMPLE_RATE, make_corpus
from project_echo.corpora.collected import found_table
from project_echo.corpora.folder import find_recordings
from project_echo.features.segments import loudest_segments


@pytest.mark.parametrize("clips", [1, 3])
def test_every_recording_is_a_source_with_the_requested_number_of_clips(tmp_path: Path, clips: int) -> None:
    make_corpus(tmp_path / "corpus", 20, clips)
    table = found_table(find_recordings(tmp_path / "corpus")[0])
    assert table["source"].nunique() == len(table) == 20
    expected = {"boar": 4, "fox": 4, "frog": 4, "toad": 4, "rain": 2, "wind": 2}
    assert table["kind"].value_counts().to_dict() == expected
    assert set(table.loc[table["label"] == "none", "kind"]) == {"rain", "wind"}
    clip_samples = round(CLIP_S * SAMPLE_RATE)
    for original in table["original"]:
        samples, sample_rate = soundfile.read(tmp_path / "corpus" / original)
        assert sample_rate == SAMPLE_RATE
        assert len(loudest_segments(samples, clip_samples, clip_samples, 10, -60).starts) == clips
