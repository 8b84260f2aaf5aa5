"""The layout of a corpus is recognized, and an unusable corpus is refused."""

from pathlib import Path

import pytest

from project_echo.core.errors import EchoError
from project_echo.core.labels import PARTIAL
from project_echo.corpora.collect import collect as collect_for
from project_echo.corpora.collected import Corpus
from project_echo.datasets.config import Split
from project_echo.evaluation import predictions
from project_echo.models import windows
from tests.sounds import fill

SMALLEST = Split(train=1, validation=1, test=1, seed=1)


def collect(corpus: Path, folder: Path, target: Path, split: Split = SMALLEST) -> Corpus:
    return collect_for(corpus, folder, target, split)


def three(*folders: str) -> list[str]:
    """Recordings of three sources in each folder."""
    return [f"{folder}/{number}.wav" for folder in folders for number in range(3)]


@pytest.mark.parametrize(
    ("names", "labels"),
    [
        ([], "0 labels"),
        (["loose.wav"], "0 labels"),
        (["boar/a.wav", "boar/b.wav", "unseen/c.wav"], "1 label: boar"),
        (["none/rain/b.wav", "none/c.wav"], "0 labels and of background"),
        (["None/a.wav", "Unseen/b.wav"], "0 labels and of background"),
        (["boar/a.wav", "partially_labelled/b.wav"], "1 label: boar"),
    ],
)
def test_nothing_to_tell_apart_is_an_error(tmp_path: Path, names: list[str], labels: str) -> None:
    (tmp_path / "mine").mkdir()
    with pytest.raises(EchoError) as error:
        collect(fill(tmp_path / "mine", *names), tmp_path, tmp_path / "corpus")
    assert str(error.value).startswith(str(tmp_path / "mine"))
    assert labels in str(error.value)
    assert "<label>/<file>" in str(error.value)


def test_one_label_and_background_are_enough(tmp_path: Path) -> None:
    corpus = collect(fill(tmp_path / "mine", *three("boar", "none/rain")), tmp_path, tmp_path / "corpus")
    assert corpus.recordings["label"].value_counts().to_dict() == {"boar": 3, "none": 3}


def test_a_missing_corpus_names_the_parameter_to_change(tmp_path: Path) -> None:
    with pytest.raises(EchoError, match=r"gone\.yaml .*collect\.corpus"):
        collect(tmp_path / "gone.yaml", tmp_path, tmp_path / "corpus")


@pytest.mark.parametrize(("content", "layout"), [("layout: birdnet\n", "birdnet"), ("seed: 1\n", "None")])
def test_an_unknown_layout_is_an_error_that_names_the_known_ones(tmp_path: Path, content: str, layout: str) -> None:
    (tmp_path / "c.yaml").write_text(content, encoding="utf-8")
    with pytest.raises(EchoError, match=rf"c\.yaml: layout = .*{layout}.*demo.*esc50"):
        collect(tmp_path / "c.yaml", tmp_path, tmp_path / "corpus")


def test_a_kind_of_background_that_is_also_a_label_is_refused(tmp_path: Path) -> None:
    for number, kind in enumerate(("dog", "Dog")):
        mine = fill(tmp_path / str(number), "boar/a.wav", "dog/b.wav", f"none/{kind}/c.wav")
        with pytest.raises(EchoError, match=rf"{number}: {kind} .*background"):
            collect(mine, tmp_path, tmp_path / "corpus")


@pytest.mark.parametrize("label", ["truth", "animal", "Start S", *windows.TIME_COLUMNS, *predictions.KEYS])
def test_a_label_that_is_a_column_of_the_results_is_refused(tmp_path: Path, label: str) -> None:
    with pytest.raises(EchoError, match=f"mine: .* {label} "):
        collect(fill(tmp_path / "mine", "boar/a.wav", f"{label}/b.wav"), tmp_path, tmp_path / "corpus")


def test_all_that_have_too_few_sources_are_named_before_anything_is_copied(tmp_path: Path) -> None:
    names = [f"boar/{n}.wav" for n in range(6)] + [f"fox/{n}.wav" for n in range(4)] + three("toad", "none/rain")
    mine = fill(tmp_path / "mine", *names, "fox/same/a.wav", "fox/same/b.wav", "unseen/c.wav")
    with pytest.raises(EchoError) as error:
        collect(mine, tmp_path, tmp_path / "corpus", Split(train=3, validation=1, test=2, seed=1))
    message = str(error.value)
    assert message.startswith(f"{mine}: ")
    assert "fox has 5 sources" in message and "toad has 3 sources" in message and "boar" not in message
    assert "-S split.train=1 -S split.validation=1 -S split.test=1" in message
    assert not (tmp_path / "corpus").exists()


def test_an_error_says_what_was_skipped_as_no_table_does(tmp_path: Path) -> None:
    mine = fill(tmp_path / "mine", *three("boar"), "fox/1.wav", "fox/2.wav", "elsewhere/frog.wav")
    (mine / "frog").symlink_to(mine / "elsewhere")
    (mine / "fox" / "3.wav").symlink_to("nowhere.wav")
    for missing in ("frog", "fox/3.wav"):
        with pytest.raises(EchoError, match=rf"Skipped: .*{missing} \(a link to"):
            collect(mine, tmp_path, tmp_path / "corpus")
    for number in range(5):
        (mine / f"{number}.wav").touch()
    with pytest.raises(EchoError, match=r"Skipped: 0\.wav .* and 4 more"):
        collect(mine, tmp_path, tmp_path / "corpus")


def test_too_few_sources_of_the_demo_are_named_before_it_is_made(tmp_path: Path) -> None:
    corpora = Path(__file__).parents[3] / "corpora"
    with pytest.raises(EchoError) as error:
        collect(corpora / "demo.yaml", corpora, tmp_path / "corpus", Split(train=15, validation=2, test=2, seed=1))
    assert "fox has 16 sources" in str(error.value)
    assert "-S split.train=12 -S split.validation=2 -S split.test=2" in str(error.value)
    assert not (tmp_path / "corpus").exists()


def test_copies_count_once_and_are_listed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    mine = fill(tmp_path / "mine", *three("boar", "fox", "none/rain"))
    for copy, original in {
        "fox/0 (1).wav": "fox/0.wav",
        "fox/den/0.wav": "fox/0.wav",
        "none/rain/x.wav": "none/rain/1.wav",
    }.items():
        fill(mine, copy).joinpath(copy).write_bytes((mine / original).read_bytes())
    corpus = collect(mine, tmp_path, tmp_path / "corpus")
    assert dict(corpus.skipped.itertuples(index=False)) == {
        "fox/0 (1).wav": "the same bytes as fox/0.wav",
        "fox/den/0.wav": "the same bytes as fox/0.wav",
        "none/rain/x.wav": "the same bytes as none/rain/1.wav",
    }
    assert sorted(corpus.recordings["original"]) == sorted(three("boar", "fox", "none/rain"))
    assert "3 recordings" in caplog.text and "fox/0 (1).wav = fox/0.wav" in caplog.text


@pytest.mark.parametrize(
    ("names", "named"),
    [
        (("boar/a.wav", "fox/b.wav"), ["boar/a.wav (boar)", "fox/b.wav (fox)"]),
        (("boar/a.wav", "none/rain/a.wav"), ["boar/a.wav (boar)", "none/rain/a.wav (rain)"]),
        (("none/owl/a.flac", "none/rain/b.flac"), ["none/owl/a.flac (owl)", "none/rain/b.flac (rain)"]),
    ],
)
def test_the_same_recording_under_two_labels_is_an_error_that_names_both(
    tmp_path: Path, names: tuple[str, str], named: list[str]
) -> None:
    mine = fill(tmp_path / "mine", *three("boar", "fox", "none/rain", "none/owl"), *names)
    for name in names:
        (mine / name).write_bytes(b"the same")
    with pytest.raises(EchoError) as error:
        collect(mine, tmp_path, tmp_path / "corpus")
    assert all(name in str(error.value) for name in named)


def test_what_is_no_recording_may_lie_in_every_folder(tmp_path: Path) -> None:
    mine = fill(tmp_path / "mine", *three("boar", "fox"))
    for label in ("boar", "fox"):
        for name in ("LICENSE", "notes.txt", "Thumbs.db", "Zone.Identifier"):
            (mine / label / name).write_bytes(b"CC BY 4.0\n")
    corpus = collect(mine, tmp_path, tmp_path / "corpus")
    listed = ("LICENSE", "Zone.Identifier", "notes.txt")
    assert sorted(corpus.skipped["recording"]) == [f"{label}/{name}" for label in ("boar", "fox") for name in listed]
    assert set(three("boar", "fox")) == set(corpus.recordings["original"])


def test_an_unseen_recording_that_is_learned_from_is_warned_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    mine = fill(tmp_path / "mine", *three("boar", "fox"), "unseen/x.wav", "unseen/y.wav")
    (mine / "unseen" / "x.wav").write_bytes((mine / "fox" / "1.wav").read_bytes())
    corpus = collect(mine, tmp_path, tmp_path / "corpus")
    assert corpus.recordings["unseen"].sum() == 2
    assert "unseen/x.wav = fox/1.wav" in caplog.text and "y.wav" not in caplog.text


def test_partially_labelled_recordings_are_collected_with_what_is_stated(tmp_path: Path) -> None:
    mine = fill(tmp_path / "mine", *three("boar", "fox"), f"{PARTIAL}/pond/a.wav", f"{PARTIAL}/pond/b.wav")
    (mine / "labels.csv").write_text(f"file,start_s,end_s,label,present\n{PARTIAL}/pond/a.wav,0,1,fox,no\n", "utf-8")
    corpus = collect(mine, tmp_path, tmp_path / "corpus")
    partial = corpus.recordings[corpus.recordings["label"] == PARTIAL]
    assert partial[["recording", "source"]].to_numpy().tolist() == [[f"{PARTIAL}/pond/a.wav", "pond"]]
    assert (tmp_path / "corpus" / PARTIAL / "pond" / "a.wav").is_file()
    assert corpus.stated.to_numpy().tolist() == [[f"{PARTIAL}/pond/a.wav", "fox", 0.0, 1.0, "no"]]
    assert corpus.skipped["recording"].tolist() == [f"{PARTIAL}/pond/b.wav"]


def test_a_kind_of_background_cannot_have_the_name_of_the_folder_of_partially_labelled_ones(tmp_path: Path) -> None:
    mine = fill(tmp_path / "mine", *three("boar", "none/Partially labelled"))
    with pytest.raises(EchoError, match="Partially labelled"):
        collect(mine, tmp_path, tmp_path / "corpus")
