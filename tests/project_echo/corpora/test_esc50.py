"""Collect a miniature folder in the layout of ESC-50."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import soundfile

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.core.labels import NONE
from project_echo.core.validation import validate
from project_echo.corpora.collected import Corpus, found_table, skipped_table
from project_echo.corpora.copying import copy_recordings
from project_echo.corpora.esc50 import Esc50, find_clips
from tests.sounds import encode, tone, write_wav

# name, category, source
CLIPS = [
    ("1-100-A-0.wav", "dog", "100"),
    ("1-100-B-0.wav", "dog", "100"),
    ("1-100-C-0.wav", "dog", "100"),
    ("2-007-A-0.wav", "dog", "007"),
    ("2-008-A-0.wav", "dog", "008"),
    ("3-300-A-4.wav", "frog", "300"),
    ("3-300-B-4.wav", "frog", "300"),
    ("4-400-A-4.wav", "frog", "400"),
    ("5-500-A-10.wav", "rain", "500"),
]


@pytest.fixture
def esc50(tmp_path: Path) -> Path:
    folder = tmp_path / "esc50"
    rows = [
        (name, name[0], name[:-4].rsplit("-", 1)[1], category, "True", source, name.split("-")[2])
        for name, category, source in CLIPS
    ]
    for number, (name, *_) in enumerate(CLIPS):
        write_wav(folder / "audio" / name, tone(100 + 10 * number, 0.2, 8000), 8000)
    (folder / "meta").mkdir()
    columns = ["filename", "fold", "target", "category", "esc10", "src_file", "take"]
    pd.DataFrame(rows, columns=columns).to_csv(folder / "meta" / "esc50.csv", index=False)
    return folder


def collect(description: Path, folder: Path, target: Path) -> Corpus:
    found, skipped = find_clips(validate(Esc50, files.read_yaml(description), description), folder)
    copied, unreadable = copy_recordings(found, target)
    return Corpus(found_table(copied), skipped_table([*skipped, *unreadable]))


def describe(folder: Path, **changes: Any) -> Path:
    values = {
        "layout": "esc50",
        "categories": "[dog, frog]",
        "background": "[]",
        "unseen_sources": 1,
        "seed": 1,
    } | changes
    path = folder.parent / "esc50.yaml"
    path.write_text("".join(f"{key}: {value}\n" for key, value in values.items()), encoding="utf-8")
    return path


def test_sources_and_categories_are_those_of_the_table(esc50: Path, tmp_path: Path) -> None:
    corpus = collect(describe(esc50, unseen_sources=0), esc50, tmp_path / "corpus")
    animals = [(name, category, source) for name, category, source in CLIPS if category != "rain"]
    expected = [(f"{category}/{name}", category, category, source) for name, category, source in animals]
    rows = corpus.recordings[["recording", "label", "kind", "source"]].itertuples(index=False, name=None)
    assert sorted(rows) == sorted(expected)
    assert not corpus.recordings["unseen"].any()
    for name, category, _ in CLIPS[:8]:
        copy = tmp_path / "corpus" / category / name
        assert copy.read_bytes() == (esc50 / "audio" / name).read_bytes()


def test_unseen_sources_are_joined_and_not_among_the_labelled(esc50: Path, tmp_path: Path) -> None:
    recordings = collect(describe(esc50), esc50, tmp_path / "corpus").recordings
    unseen = recordings[recordings["unseen"]].set_index("recording")
    # the source with most clips of each category
    assert unseen["source"].to_dict() == {"unseen/dog-100.wav": "100", "unseen/frog-300.wav": "300"}
    assert unseen.loc["unseen/dog-100.wav", "original"] == "1-100-A-0.wav + 1-100-B-0.wav + 1-100-C-0.wav"
    assert set(recordings.loc[~recordings["unseen"], "source"]) == {"007", "008", "400"}
    joined, sample_rate = soundfile.read(tmp_path / "corpus" / "unseen" / "dog-100.wav")
    parts = [soundfile.read(esc50 / "audio" / name)[0] for name, _, source in CLIPS if source == "100"]
    assert sample_rate == 8000
    np.testing.assert_array_equal(joined, np.concatenate(parts))


def add_rain(folder: Path, n_sources: int) -> None:
    """Add sources of rain with one clip each, up to a total of `n_sources`."""
    table = pd.read_csv(folder / "meta" / "esc50.csv", dtype=str)
    rain = table[table["category"] == "rain"]
    for number in range(1, n_sources):
        name = f"5-50{number}-A-10.wav"
        write_wav(folder / "audio" / name, tone(900 + number, 0.2, 8000), 8000)
        table = pd.concat([table, rain.assign(filename=name, src_file=f"50{number}")])
    table.to_csv(folder / "meta" / "esc50.csv", index=False)


def test_background_is_labelled_none_and_keeps_its_category(esc50: Path, tmp_path: Path) -> None:
    animals = collect(describe(esc50), esc50, tmp_path / "animals").recordings
    corpus = collect(describe(esc50, background="[rain]"), esc50, tmp_path / "corpus").recordings
    background = corpus[corpus["label"] == NONE]
    assert background[["recording", "kind", "source", "unseen"]].to_numpy().tolist() == [
        ["none/rain/5-500-A-10.wav", "rain", "500", False]
    ]
    assert (tmp_path / "corpus" / "none" / "rain" / "5-500-A-10.wav").is_file()
    pd.testing.assert_frame_equal(corpus.drop(background.index).reset_index(drop=True), animals)


@pytest.mark.parametrize(("n_sources", "requested", "unseen"), [(3, 1, 0), (4, 1, 1), (4, 2, 1), (6, 2, 2)])
def test_three_sources_of_background_are_kept_for_training(
    esc50: Path, tmp_path: Path, n_sources: int, requested: int, unseen: int
) -> None:
    add_rain(esc50, n_sources)
    description = describe(esc50, categories="[dog, pig]", background="[rain]", unseen_sources=requested)
    table = pd.read_csv(esc50 / "meta" / "esc50.csv", dtype=str)
    pigs = table[table["category"] == "dog"].assign(category="pig", src_file=lambda dogs: "pig" + dogs["src_file"])
    pd.concat([table, pigs]).to_csv(esc50 / "meta" / "esc50.csv", index=False)
    rain = collect(description, esc50, tmp_path / "corpus").recordings.query("kind == 'rain'")
    assert (rain["label"] == NONE).all()
    assert rain["unseen"].sum() == unseen
    assert len(rain) == n_sources


def test_a_background_category_that_is_not_in_the_table_is_skipped(esc50: Path, tmp_path: Path) -> None:
    corpus = collect(describe(esc50, background="[rain, wind, engine]"), esc50, tmp_path / "corpus")
    assert list(corpus.skipped.itertuples(index=False, name=None)) == [
        ("background category engine", "not in meta/esc50.csv"),
        ("background category wind", "not in meta/esc50.csv"),
    ]
    assert "rain" in set(corpus.recordings["kind"])


def test_clips_that_are_missing_or_cannot_be_joined_are_listed(esc50: Path, tmp_path: Path) -> None:
    (esc50 / "audio" / "2-007-A-0.wav").unlink()
    (esc50 / "audio" / "1-100-B-0.wav").unlink()
    (esc50 / "audio" / "3-300-B-4.wav").write_bytes(b"no sound")
    (esc50 / "audio" / "2-008-A-0.wav").unlink()
    (esc50 / "audio" / "2-008-A-0.wav").symlink_to("nowhere.wav")
    (esc50 / "audio" / "4-400-A-4.wav").write_bytes(b"")
    extra = pd.read_csv(esc50 / "meta" / "esc50.csv", dtype=str)
    rows = extra[extra["src_file"] == "400"].assign(filename="4-401-A-4.wav", src_file="401")
    pd.concat([extra, rows]).to_csv(esc50 / "meta" / "esc50.csv", index=False)
    write_wav(esc50 / "audio" / "4-401-A-4.wav", tone(800, 0.2, 8000), 8000)
    extra = pd.read_csv(esc50 / "meta" / "esc50.csv", dtype=str)
    rows = extra[extra["src_file"] == "007"].assign(filename="2-009-A-0.wav", src_file="009")
    pd.concat([extra, rows]).to_csv(esc50 / "meta" / "esc50.csv", index=False)
    write_wav(esc50 / "audio" / "2-009-A-0.wav", tone(900, 0.2, 8000), 8000)
    corpus = collect(describe(esc50), esc50, tmp_path / "corpus")
    reasons = dict(corpus.skipped.itertuples(index=False))
    audio = ["1-100-B-0.wav", "2-007-A-0.wav", "2-008-A-0.wav", "4-400-A-4.wav"]
    assert sorted(reasons) == [*(f"audio/{name}" for name in audio), "unseen/frog-300.wav"]
    assert "does not exist" in reasons["audio/2-007-A-0.wav"]
    assert "link" in reasons["audio/2-008-A-0.wav"]
    assert "empty" in reasons["audio/4-400-A-4.wav"]
    assert not (tmp_path / "corpus" / "unseen" / "frog-300.wav").exists()
    assert soundfile.info(tmp_path / "corpus" / "unseen" / "dog-100.wav").duration == pytest.approx(0.4)


def convert(folder: Path, suffix: str, *, in_table: bool) -> None:
    """Every clip in another format, under the name that the table says or not."""
    for path in list((folder / "audio").iterdir()):
        encode(path.with_suffix(suffix), tone(400, 0.2))
        path.unlink()
    meta = folder / "meta" / "esc50.csv"
    if in_table:
        meta.write_text(meta.read_text(encoding="utf-8").replace(".wav", suffix), encoding="utf-8")


@pytest.mark.parametrize(("suffix", "in_table"), [(".ogg", True), (".flac", False), (".m4a", True)])
def test_clips_may_be_in_any_format(esc50: Path, tmp_path: Path, suffix: str, in_table: bool) -> None:
    convert(esc50, suffix, in_table=in_table)
    corpus = collect(describe(esc50, background="[rain]"), esc50, tmp_path / "corpus")
    assert corpus.skipped.empty
    unseen = corpus.recordings["unseen"]
    assert sorted(corpus.recordings.loc[unseen, "recording"]) == ["unseen/dog-100.wav", "unseen/frog-300.wav"]
    assert set(corpus.recordings.loc[~unseen, "recording"].map(lambda name: Path(name).suffix)) == {suffix}
    joined, _ = soundfile.read(tmp_path / "corpus" / "unseen" / "dog-100.wav")
    assert len(joined) / 22050 == pytest.approx(3 * 0.2, abs=0.2)
    assert 0.2 < np.abs(joined).max() < 0.5


def test_an_unseen_source_of_one_clip_keeps_its_format(esc50: Path, tmp_path: Path) -> None:
    add_rain(esc50, 4)
    convert(esc50, ".ogg", in_table=True)
    recordings = collect(describe(esc50, background="[rain]"), esc50, tmp_path / "corpus").recordings
    (rain,) = recordings.loc[recordings["unseen"] & (recordings["kind"] == "rain"), "recording"]
    assert rain.startswith("unseen/rain-") and rain.endswith(".ogg")
    assert soundfile.info(tmp_path / "corpus" / rain).format == "OGG"


def test_an_unseen_source_is_labelled_in_no_category(esc50: Path, tmp_path: Path) -> None:
    table = pd.read_csv(esc50 / "meta" / "esc50.csv", dtype=str)
    table.loc[table["filename"] == "4-400-A-4.wav", "src_file"] = "100"  # the unseen source of the dogs
    extra = table[table["filename"] == "3-300-A-4.wav"].assign(filename="5-501-A-4.wav", src_file="501")
    write_wav(esc50 / "audio" / "5-501-A-4.wav", tone(900, 0.2, 8000), 8000)
    pd.concat([table, extra]).to_csv(esc50 / "meta" / "esc50.csv", index=False)
    recordings = collect(describe(esc50), esc50, tmp_path / "corpus").recordings
    unseen = set(recordings.loc[recordings["unseen"], "source"])
    assert unseen == {"100", "300"}
    assert unseen.isdisjoint(recordings.loc[~recordings["unseen"], "source"])


def test_clips_of_different_rates_are_not_joined(esc50: Path, tmp_path: Path) -> None:
    write_wav(esc50 / "audio" / "1-100-B-0.wav", tone(500, 0.2, 16000), 16000)
    corpus = collect(describe(esc50), esc50, tmp_path / "corpus")
    reasons = dict(corpus.skipped.itertuples(index=False))
    assert list(reasons) == ["unseen/dog-100.wav"]
    assert "sample rate" in reasons["unseen/dog-100.wav"]


@pytest.mark.parametrize(("column", "value"), [("filename", "../../away.wav"), ("src_file", "../../away")])
def test_names_that_lead_out_of_the_corpus_are_skipped(esc50: Path, tmp_path: Path, column: str, value: str) -> None:
    table = pd.read_csv(esc50 / "meta" / "esc50.csv", dtype=str)
    table.loc[0, column] = value
    table.to_csv(esc50 / "meta" / "esc50.csv", index=False)
    corpus = collect(describe(esc50), esc50, tmp_path / "corpus")
    assert len(corpus.skipped) == 1
    assert column in corpus.skipped["reason"][0]
    assert not list(tmp_path.rglob("away*"))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"categories": "[dog, dragon]"}, "esc50.csv .*dragon.*dog, frog, rain"),
        ({"background": "[rain, dog]"}, "esc50.yaml: background: dog .*categories"),
        ({"categories": "[]"}, "esc50.yaml: categories .*at least 1"),
        ({"categories": "[dog, frog, Dog]"}, "esc50.yaml: .*'Dog' and 'dog'"),
        ({"background": "[Frog]"}, "esc50.yaml: .*'Frog' and 'frog'"),
        ({"unseen_sources": -1}, "esc50.yaml: unseen_sources .*greater than or equal to 0"),
        ({"sead": 1}, "esc50.yaml: unknown .* sead"),
        ({"unseen_sources": 2}, "esc50.csv: category frog .*unseen_sources"),
    ],
)
def test_a_wrong_description_is_an_error_that_names_the_key(
    esc50: Path, tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(EchoError, match=message):
        collect(describe(esc50, **changes), esc50, tmp_path / "corpus")


def test_a_folder_without_the_table_names_the_parameter_to_change(esc50: Path, tmp_path: Path) -> None:
    with pytest.raises(EchoError, match=r"esc50\.csv .*collect\.folder"):
        collect(describe(esc50), tmp_path, tmp_path / "corpus")


@pytest.mark.parametrize("content", ["", "filename,category\na.wav,dog\n", "\0\xff,\n"])
def test_a_table_without_the_columns_is_an_error_that_names_them(esc50: Path, tmp_path: Path, content: str) -> None:
    (esc50 / "meta" / "esc50.csv").write_text(content, encoding="latin-1")
    with pytest.raises(EchoError, match=r"esc50\.csv .*(filename|src_file|column)"):
        collect(describe(esc50), esc50, tmp_path / "corpus")


def test_a_picture_beside_a_clip_is_not_taken_for_it(esc50: Path, tmp_path: Path) -> None:
    for path in sorted((esc50 / "audio").iterdir()):
        path.rename(path.with_suffix(".flac"))  # other than the table says
        path.with_suffix(".png").write_bytes(b"\x89PNG")
    corpus = collect(describe(esc50), esc50, tmp_path / "corpus")
    assert len(corpus.recordings) and not corpus.recordings["original"].str.contains("png").any()


def test_a_table_saved_by_a_spreadsheet_is_read(esc50: Path, tmp_path: Path) -> None:
    meta = esc50 / "meta" / "esc50.csv"
    before = collect(describe(esc50), esc50, tmp_path / "before").recordings
    meta.write_text(meta.read_text(encoding="utf-8").replace(",", ";"), encoding="utf-8-sig")
    pd.testing.assert_frame_equal(collect(describe(esc50), esc50, tmp_path / "after").recordings, before)
