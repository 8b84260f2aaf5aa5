"""Parts of recordings over HTTP: sound, spectrogram and player, of opened folders only."""

import io
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

import matplotlib.image
import numpy as np
import pytest
import soundfile

from project_echo.app.addresses import address_of
from project_echo.app.sounds import excerpts
from project_echo.app.sounds import page as sounds
from project_echo.app.sounds.positions import length, position, position_ticks
from project_echo.screening.discovery import find_recordings, recording_path
from tests.project_echo.app.server import Answer, RunningApp
from tests.project_echo.conftest import wait_for
from tests.sounds import FEATURES, encode, hiss, mel_spectrogram, tone, write_wav

HOSTILE = [
    "a 'b' \"c\".wav",
    "<b>&amp;.wav",
    "ü ö.wav",
    "new\nline.wav",
    "back\\slash.wav",
    "return\r.wav",
    "\udcff.wav",
]
ENDPOINTS = ("sounds/excerpt", "sounds/spectrogram", "sounds/player", "sounds/listen")


@pytest.fixture(scope="module")
def opened(module_app: RunningApp, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An opened folder with a recording that gets higher each second."""
    folder = tmp_path_factory.mktemp("opened")
    write_wav(folder / "steps.wav", np.concatenate([tone(500 * (second + 1), 1, 8000) for second in range(5)]), 8000)
    module_app.context.opened.open(str(folder))
    return folder


@pytest.fixture(autouse=True)
def no_librosa(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spectrograms of small features, as librosa takes seconds to import."""
    monkeypatch.setattr(excerpts, "_mel_spectrogram", mel_spectrogram)


def ask(app: RunningApp, endpoint: str, path: Path, range_: str | None = None, **query: object) -> Answer:
    """The answer of an endpoint about a recording."""
    headers = {"Range": range_} if range_ else {}
    return app.get(f"{endpoint}?{urlencode({'path': address_of(path), **query})}", **headers)


def read(answer: Answer) -> tuple[np.ndarray, int]:
    assert answer.status == 200
    return soundfile.read(io.BytesIO(answer.content))


def pitch(samples: np.ndarray, rate: int) -> float:
    """The loudest frequency, Hz."""
    return float(np.argmax(np.abs(np.fft.rfft(samples))) * rate / len(samples))


def test_excerpt_is_the_asked_part(module_app: RunningApp, opened: Path) -> None:
    answer = ask(module_app, "sounds/excerpt", opened / "steps.wav", start_s=2, end_s=3)
    samples, rate = read(answer)
    assert answer.headers["content-type"] == "audio/wav"
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert (len(samples), rate) == (8000, 8000)
    assert pitch(samples, rate) == pytest.approx(1500, abs=2)


def test_excerpt_ends_with_the_recording(module_app: RunningApp, opened: Path) -> None:
    samples, rate = read(ask(module_app, "sounds/excerpt", opened / "steps.wav", start_s=4, end_s=60))
    assert len(samples) / rate == pytest.approx(1)


def test_parts_of_an_excerpt(module_app: RunningApp, opened: Path) -> None:
    part = {"start_s": 0, "end_s": 1}
    whole = ask(module_app, "sounds/excerpt", opened / "steps.wav", **part)
    size = len(whole.content)
    assert whole.headers["accept-ranges"] == "bytes"
    some = ask(module_app, "sounds/excerpt", opened / "steps.wav", "bytes=100-199", **part)
    assert (some.status, some.content) == (206, whole.content[100:200])
    assert some.headers["content-range"] == f"bytes 100-199/{size}"
    rest = ask(module_app, "sounds/excerpt", opened / "steps.wav", "bytes=100-", **part)
    assert (rest.status, rest.content) == (206, whole.content[100:])
    assert ask(module_app, "sounds/excerpt", opened / "steps.wav", f"bytes={size}-", **part).status == 416


def test_formats_and_rates(module_app: RunningApp, opened: Path) -> None:
    mp3 = encode(opened / "tone.mp3", tone(440, 2))
    samples, rate = read(ask(module_app, "sounds/excerpt", mp3, start_s=0.5, end_s=1.5))
    assert len(samples) == rate
    assert pitch(samples, rate) == pytest.approx(440, abs=2)
    ultrasonic = write_wav(opened / "bat.wav", tone(3000, 1, 192_000), 192_000)
    samples, rate = read(ask(module_app, "sounds/excerpt", ultrasonic, start_s=0, end_s=1))
    assert (len(samples), rate) == (48_000, 48_000)
    assert pitch(samples, rate) == pytest.approx(3000, abs=2)


def test_spectrogram_has_a_row_for_each_band(module_app: RunningApp, opened: Path) -> None:
    picture = ask(module_app, "sounds/spectrogram", opened / "steps.wav", start_s=0, end_s=5)
    assert picture.headers["content-type"] == "image/png"
    image = matplotlib.image.imread(io.BytesIO(picture.content))
    assert image.shape == (FEATURES.n_mels, 1 + 5 * FEATURES.sample_rate // FEATURES.hop_length, 4)
    loudest = np.argmax(image[:, :, :3].sum(axis=2), axis=0)
    assert loudest[20] > loudest[100] > loudest[-20]  # high frequencies are on top


def test_silence_is_shown_and_played(module_app: RunningApp, opened: Path) -> None:
    silence = write_wav(opened / "silence.wav", np.zeros(8000), 8000)
    for endpoint in ENDPOINTS[:2]:
        assert ask(module_app, endpoint, silence, start_s=0, end_s=1).status == 200


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_files_outside_opened_folders(endpoint: str, module_app: RunningApp, opened: Path, tmp_path: Path) -> None:
    outside = write_wav(tmp_path / "outside.wav", hiss(1))
    link = opened / f"{Path(endpoint).name}.wav"
    link.symlink_to(outside)
    for path in (outside, link, opened / ".." / tmp_path.name / "outside.wav", Path("steps.wav"), Path("/\0.wav")):
        assert ask(module_app, endpoint, path, start_s=0, end_s=1).status == 403


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_what_cannot_be_heard_is_told_in_a_sentence(endpoint: str, module_app: RunningApp, opened: Path) -> None:
    (opened / "broken.wav").write_bytes(b"RIFF no sound")
    (opened / "notes.txt").write_text("text")
    for name in ("broken.wav", "notes.txt", "gone.wav", ""):
        answer = ask(module_app, endpoint, opened / name, start_s=0, end_s=1)
        assert answer.status == 422
        assert (name or opened.name) in answer.text
        assert str(opened.parent) not in answer.text
        assert "Traceback" not in answer.text


@pytest.mark.parametrize(("start_s", "end_s"), [(0, 121), (1, 1), (-1, 1), ("x", 1), ("nan", 1), (0, "inf"), (0, "")])
def test_times_of_no_part(start_s: object, end_s: object, module_app: RunningApp, opened: Path) -> None:
    for endpoint in ENDPOINTS[:2]:
        assert ask(module_app, endpoint, opened / "steps.wav", start_s=start_s, end_s=end_s).status == 422


def test_part_after_the_end(module_app: RunningApp, opened: Path) -> None:
    assert ask(module_app, "sounds/excerpt", opened / "steps.wav", start_s=100, end_s=101).status == 422


def test_hostile_names_are_played(module_app: RunningApp, opened: Path) -> None:
    for number, name in enumerate(HOSTILE):
        write_wav(opened / "new.wav", hiss(0.2) * (1 - number / 10)).rename(opened / name)
        assert len(read(ask(module_app, "sounds/excerpt", opened / name, start_s=0, end_s=1))[0])
        page = ask(module_app, "sounds/player", opened / name).text
        assert "<audio" in page
        assert "<b>" not in page


def test_addresses_are_the_names_in_results(tmp_path: Path) -> None:
    for name in HOSTILE:
        write_wav(tmp_path / "new.wav", hiss(0.1)).rename(tmp_path / name)
    recordings, _ = find_recordings([tmp_path])
    assert [address_of(recording.path) for recording in recordings] == [recording.name for recording in recordings]
    assert all(recording_path(address_of(recording.path)) == recording.path for recording in recordings)


def test_temporary_files_are_removed(
    module_app: RunningApp, opened: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(excerpts.tempfile, "tempdir", str(tmp_path))
    (opened / "bad.mp3").write_bytes(b"no sound")
    for name, status in (("steps.wav", 200), ("bad.mp3", 422)):
        assert ask(module_app, "sounds/spectrogram", opened / name, start_s=0.25, end_s=2).status == status
    assert not list(tmp_path.iterdir())


def test_a_changed_file_is_cut_again(module_app: RunningApp, opened: Path) -> None:
    path = write_wav(opened / "changed.wav", tone(500, 1, 8000), 8000)
    first = read(ask(module_app, "sounds/excerpt", path, start_s=0, end_s=1))
    write_wav(path, tone(1000, 2, 8000), 8000)
    second = read(ask(module_app, "sounds/excerpt", path, start_s=0, end_s=1))
    assert [round(pitch(*sound)) for sound in (first, second)] == [500, 1000]


def test_few_decode_at_once_and_pages_still_answer(
    module_app: RunningApp, opened: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running: list[int] = []
    go_on = threading.Event()

    def cut(part: excerpts.Part) -> excerpts.Excerpt:
        running.append(1)
        assert go_on.wait(30)
        return excerpts.Excerpt(b"", 1.0)

    monkeypatch.setattr(sounds, "cut_excerpt", cut)
    with ThreadPoolExecutor(60) as pool:
        asked = [
            pool.submit(ask, module_app, "sounds/excerpt", opened / "steps.wav", start_s=number / 100, end_s=2)
            for number in range(60)  # more than the threads of the server
        ]
        try:
            wait_for(lambda: len(running) == sounds.AT_ONCE)
            assert module_app.get("recordings").status == 200
            assert len(running) == sounds.AT_ONCE
        finally:
            go_on.set()
    assert all(answer.result().status == 200 for answer in asked)


def test_positions() -> None:
    assert [position(seconds) for seconds in (0, 65, 3725)] == ["0:00", "1:05", "1:02:05"]
    assert [length(seconds) for seconds in (5, 60, 750, 3720, 3600)] == [
        "5.0 s",
        "1 min",
        "12 min 30 s",
        "1 h 2 min",
        "1 h",
    ]
    assert position_ticks(0, 60)[1] == ("10 s", pytest.approx(16.667))
    assert position_ticks(3600, 60)[1] == ("1:00:10", pytest.approx(16.667))
