"""The extract stage: recordings that cannot be used are listed with their reasons, and all others are decoded."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.core.labels import PARTIAL
from project_echo.core.tables import read_table, write_table
from project_echo.datasets.stated import STATED
from project_echo.media.decode import decode
from project_echo.media.errors import UnusableMediaError
from project_echo.media.track import choose_track, from_row
from stages import collect, extract
from tests.sounds import RATE, cut, encode, hiss, loudest_hz, mute_video, tone, write_wav

CORPUS, AUDIO = Path("data/corpus"), Path("data/audio")
SOUND = tone(1000, 1) + 0.1 * hiss(1)


@pytest.fixture(autouse=True)
def rate(workspace: Path, set_params: Callable[..., None]) -> None:
    set_params("features", sample_rate=RATE, fmax=RATE / 2)


def run() -> None:
    extract.main(CORPUS, AUDIO)


def corpus_of(names: list[str], labels: list[str]) -> None:
    """The tables that the collect stage would write for files in data/corpus; the last is unseen."""
    unseen = [name == names[-1] for name in names]
    table = pd.DataFrame(
        {"recording": names, "label": labels, "kind": labels, "source": names, "unseen": unseen, "original": names}
    )
    write_table(table, CORPUS / "recordings.csv")
    write_table(pd.DataFrame(columns=["recording", "reason"]), CORPUS / "skipped.csv")
    write_table(pd.DataFrame(columns=STATED), CORPUS / "labels.csv")


def test_what_is_stated_of_used_recordings_is_kept_also_of_unseen_ones() -> None:
    names = ["good.wav", "text.wav", "unseen.wav"]
    for name in names:
        write_wav(CORPUS / name, SOUND)
    (CORPUS / "text.wav").write_text("not media\n" * 99, encoding="utf-8")
    corpus_of(names, ["boar", "boar", ""])
    stated = pd.DataFrame([(name, "boar", 0.0, 0.5, "yes") for name in names], columns=STATED)
    write_table(stated, CORPUS / "labels.csv")
    run()
    assert read_table(AUDIO / "labels.csv")["recording"].tolist() == ["good.wav", "unseen.wav"]


def test_unusable_recordings_are_listed_with_their_reasons_and_all_others_are_decoded(
    capfd: pytest.CaptureFixture[str],
) -> None:
    write_wav(CORPUS / "good.wav", SOUND)
    write_wav(CORPUS / "unseen.wav", SOUND)
    encode(CORPUS / "mp3.wav", SOUND, "-f", "mp3")
    (CORPUS / "empty.wav").write_bytes(b"")
    cut(write_wav(CORPUS / "half.wav", np.tile(SOUND, 2)), 0.5)
    write_wav(CORPUS / "opposed.wav", 3e4 * np.stack([SOUND, -SOUND], axis=1), subtype="FLOAT")
    (CORPUS / "text.wav").write_text("not media\n" * 99, encoding="utf-8")
    write_wav(CORPUS / "silent.wav", 0 * SOUND)
    write_wav(CORPUS / "header.wav", SOUND[:0])
    mute_video(CORPUS / "mute.mp4")
    (CORPUS / "list.wav").write_text("ffconcat version 1.0\nfile good.wav\n", encoding="utf-8")
    (CORPUS / "folder.wav").mkdir()
    (CORPUS / "link.wav").symlink_to("gone.wav")
    unusable = ["empty.wav", "text.wav", "silent.wav", "header.wav", "mute.mp4"]
    unusable += ["list.wav", "folder.wav", "link.wav"]
    used = ["good.wav", "half.wav", "opposed.wav", "mp3.wav", "unseen.wav"]
    names = [*used[:3], *unusable, *used[3:]]
    corpus_of(names, ["boar"] * (len(names) - 2) + ["fox", ""])

    run()

    table = read_table(AUDIO / "audio.csv")
    assert table["recording"].tolist() == used
    columns = ["recording", "label", "kind", "source", "unseen", "duration_s"]
    assert list(table.columns) == [*columns, "track", "channel", "gain", "sample_rate", "channels", "note"]
    np.testing.assert_allclose(table["duration_s"], 1, atol=0.1)
    assert table["unseen"].tolist() == [False] * 4 + [True]
    for row in table.to_dict("records"):
        samples, rate = files.read_sound(AUDIO / f"{row['recording']}.wav")
        assert rate == RATE
        assert from_row(row) == choose_track(CORPUS / row["recording"])
        np.testing.assert_array_equal(samples, decode(CORPUS / row["recording"], RATE))
    notes = table.set_index("recording")["note"]
    assert notes["good.wav"] == notes["mp3.wav"] == ""
    assert "truncated" in notes["half.wav"]
    assert "channel 1" in notes["opposed.wav"] and "32768" in notes["opposed.wav"]
    skipped = read_table(AUDIO / "skipped.csv").set_index("recording")["reason"]
    assert list(skipped.index) == unusable
    for name in unusable:
        with pytest.raises(UnusableMediaError) as error:
            decode(CORPUS / name, RATE)
        assert skipped[name] == str(error.value) != ""
    out, err = capfd.readouterr()
    assert out.startswith(
        f"5 recordings, 0.1 minutes, 2 with a note ({AUDIO / 'audio.csv'}), {len(unusable)} skipped ("
    )
    assert err == ""


def test_unusual_names_are_kept_apart(workspace: Path, set_params: Callable[..., None]) -> None:
    set_params("collect", corpus="mine")
    set_params("split", train=5, validation=2, test=2)
    names = ["-i.wav", "001.wav", "1.wav", "a b.wav", "a\nb.wav", "a\rb.wav", "\udcff.wav", "é%d:|$(x).wav", "a'\".wav"]
    for first_hz, label in ((200, "boar"), (220, "fo,x")):
        for number, name in enumerate(names):
            write_wav(workspace / "mine" / label / "sound.wav", tone(first_hz + 100 * number, 0.2)).rename(
                workspace / "mine" / label / name
            )
    collect.main(CORPUS)
    run()
    table = read_table(AUDIO / "audio.csv")
    assert len(table) == table["source"].nunique() == 2 * len(names)
    assert set(table["label"]) == {"boar", "fo,x"}
    for label, group in table.groupby("label"):
        sounds = [files.read_sound(AUDIO / f"{name}.wav")[0] for name in group["recording"]]
        pitches = {round(loudest_hz(sound) / 10) for sound in sounds}
        assert len(pitches) == len(names), label  # each has its own pitch


def test_what_collect_skipped_stays_listed() -> None:
    write_wav(CORPUS / "a.wav", SOUND)
    write_wav(CORPUS / "b.wav", SOUND)
    corpus_of(["a.wav", "b.wav", "gone.wav"], ["boar", "fox", ""])
    skipped = pd.DataFrame({"recording": ["notes.txt"], "reason": ["not in the folder of a label"]})
    write_table(skipped, CORPUS / "skipped.csv")
    run()
    assert read_table(AUDIO / "skipped.csv")["recording"].tolist() == ["notes.txt", "gone.wav"]


@pytest.mark.parametrize(("empty", "classes"), [(["a", "b", "c"], "boar, fox"), (["b", "c"], "fox")])
def test_a_class_without_a_usable_recording_is_an_error_with_the_reasons(empty: list[str], classes: str) -> None:
    for name in ("a", "b", "c"):
        write_wav(CORPUS / f"{name}.wav", SOUND)
    for name in empty:
        (CORPUS / f"{name}.wav").write_bytes(b"")
    corpus_of(["a.wav", "b.wav", "c.wav"], ["boar", "fox", "boar"])  # c is unseen and counts for no class
    with pytest.raises(EchoError, match=rf"class {classes} .*empty file \({len(empty) - 1}\)"):
        run()
    assert not AUDIO.exists()


def test_a_missing_corpus_is_an_error_that_names_the_table() -> None:
    with pytest.raises(EchoError, match=r"data/corpus/recordings\.csv"):
        run()


def test_partially_labelled_recordings_need_not_be_usable() -> None:
    names = ["good.wav", "text.wav", "unseen.wav"]
    for name in names:
        write_wav(CORPUS / name, SOUND)
    (CORPUS / "text.wav").write_text("not media\n" * 99, encoding="utf-8")
    corpus_of(names, ["boar", PARTIAL, ""])
    run()
    assert read_table(AUDIO / "audio.csv")["recording"].tolist() == ["good.wav", "unseen.wav"]
    assert read_table(AUDIO / "skipped.csv")["recording"].tolist() == ["text.wav"]
