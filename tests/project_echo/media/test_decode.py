"""Any media file is decoded to samples, or refused with a reason."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from project_echo.core import files
from project_echo.media import decode
from project_echo.media.errors import UnusableMediaError
from project_echo.media.track import choose_track
from tests.sounds import RATE, cut, encode, ffmpeg, hiss, loudest_hz, mute_video, tone, write_wav

SOUND = tone(1000, 2) + 0.1 * hiss(2)
FASTSTART = ("-movflags", "+faststart")  # the index of an MP4 file at its start


def refusal(path: Path) -> str:
    with pytest.raises(UnusableMediaError) as error:
        decode.decode(path, RATE)
    return str(error.value)


def noted(path: Path) -> tuple[float, str]:
    """How much of a file can be decoded, s, and the note."""
    samples, note = decode.decode_with_note(path, RATE, choose_track(path))
    return len(samples) / RATE, note


# Decoded


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"])
def test_every_sample_format_gives_the_same_samples(tmp_path: Path, subtype: str) -> None:
    decoded = decode.decode(write_wav(tmp_path / "a.wav", SOUND, subtype=subtype), RATE)
    assert decoded.dtype == np.float32
    np.testing.assert_allclose(decoded, SOUND, atol=0.01 if subtype == "PCM_U8" else 1e-4)


@pytest.mark.parametrize("rate", [8000, 44100, 192_000])
def test_any_sample_rate_keeps_pitch_level_and_length(tmp_path: Path, rate: int) -> None:
    decoded = decode.decode(write_wav(tmp_path / "a.wav", tone(1000, 2, rate), rate), RATE)
    assert len(decoded) == pytest.approx(2 * RATE, abs=2)
    assert loudest_hz(decoded) == pytest.approx(1000, abs=1)
    assert np.abs(decoded[RATE // 2 : -RATE // 2]).max() == pytest.approx(0.3, rel=0.02)


@pytest.mark.parametrize("channels", [2, 6])
def test_channels_are_mixed_to_mono(tmp_path: Path, channels: int) -> None:
    stereo = np.zeros((len(SOUND), channels), dtype=np.float32)
    stereo[:, 0], stereo[:, 1] = tone(500, 2), tone(3000, 2)
    decoded = decode.decode(write_wav(tmp_path / "a.wav", stereo), RATE)
    spectrum = np.abs(np.fft.rfft(decoded))  # 2 s: bins half a hertz apart
    assert decoded.shape == SOUND.shape
    assert spectrum[1000] == pytest.approx(spectrum[6000], rel=0.01)
    assert spectrum[1000] > 100 * np.median(spectrum)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.mp3", ()),
        ("a.flac", ()),
        ("a.ogg", ("-c:a", "libvorbis")),
        ("a.opus", ()),
        ("a.m4a", ()),
        ("a.mkv", ("-c:a", "aac")),
        ("a.webm", ("-c:a", "libopus")),
        ("a.aac", ()),
        ("a.aiff", ()),
        ("mp3 named.wav", ("-f", "mp3")),
        ("no suffix", ("-f", "flac")),
    ],
)
def test_common_formats_are_decoded_whatever_their_name(tmp_path: Path, name: str, options: tuple[str, ...]) -> None:
    decoded = decode.decode(encode(tmp_path / name, SOUND, *options), RATE)
    assert len(decoded) / RATE == pytest.approx(2, abs=0.1)
    assert loudest_hz(decoded) == pytest.approx(1000, abs=1)


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.mkv", "a.avi", "a.webm"])
def test_the_pictures_of_a_video_may_last_longer_than_its_sound(tmp_path: Path, name: str) -> None:
    video = encode(tmp_path / name, SOUND, "-c:a", "libopus" if name == "a.webm" else "aac", pictures_s=4)
    assert len(decode.decode(video, RATE)) / RATE == pytest.approx(2, abs=0.1)


@pytest.mark.parametrize("size", [0, 0x7FFFF000, 0xFFFFFFFF])
def test_a_wav_of_unknown_length_is_complete(tmp_path: Path, size: int) -> None:
    path = write_wav(tmp_path / "a.wav", SOUND)
    data = bytearray(path.read_bytes())
    data[4:8] = data[40:44] = size.to_bytes(4, "little")
    path.write_bytes(data)
    np.testing.assert_allclose(decode.decode(path, RATE), SOUND, atol=1e-4)


def test_an_estimated_duration_is_not_evidence_of_truncation(tmp_path: Path) -> None:
    quiet_then_loud = np.concatenate([np.zeros(5 * RATE), hiss(2)])  # so the bit rate at the start misleads
    path = encode(tmp_path / "a.mp3", quiet_then_loud, "-q:a", "2", "-write_xing", "0")
    assert len(decode.decode(path, RATE)) / RATE == pytest.approx(7, abs=0.2)


def test_a_title_that_looks_like_a_duration_is_not_evidence_of_truncation(tmp_path: Path) -> None:
    path = encode(tmp_path / "Duration: 09:00:00.00.flac", SOUND, "-metadata", "title=Duration: 09:00:00.00")
    assert len(decode.decode(path, RATE)) == len(SOUND)


def test_samples_beyond_full_scale_are_stored_as_they_are(tmp_path: Path) -> None:
    decoded = decode.decode(write_wav(tmp_path / "a.wav", 5 * SOUND, subtype="FLOAT"), RATE)
    files.write_sound(decoded, RATE, tmp_path / "b.wav")
    np.testing.assert_array_equal(files.read_sound(tmp_path / "b.wav")[0], 5 * SOUND)


@pytest.mark.parametrize(
    "name", ["-i.wav", "a b.wav", "100%d.wav", "http:x.wav", "a'b\".wav", "a\nb.wav", "$(x).wav", "é.wav", "a|b.wav"]
)
def test_a_file_name_is_never_an_option(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    write_wav(tmp_path / "a.wav", SOUND).rename(name)
    assert len(decode.decode(Path(name), RATE)) == len(SOUND)


# Used as far as it goes, with a note


@pytest.mark.parametrize(
    ("name", "options", "share", "stated"),
    [
        ("a.wav", (), 0.5, "{} bytes"),
        ("a.mp3", (), 0.6, "2.0 s"),
        ("a.flac", (), 0.6, "2.0 s"),
        ("a.mp4", (*FASTSTART, "-c:a", "aac"), 0.6, "2.0 s"),
        ("a.mkv", ("-c:a", "aac"), 0.6, "2.0 s"),
    ],
)
def test_a_truncated_file_is_used_and_says_what_is_missing(
    tmp_path: Path, name: str, options: tuple[str, ...], share: float, stated: str
) -> None:
    path = encode(tmp_path / name, SOUND, *options)
    complete_bytes = path.stat().st_size
    duration_s, note = noted(cut(path, share))
    assert 0.8 < duration_s < 1.4
    assert "truncated" in note
    assert stated.format(complete_bytes) in note


@pytest.mark.parametrize("name", ["a.ogg", "a.opus"])
def test_an_ogg_cut_between_pages_is_used_and_says_so(tmp_path: Path, name: str) -> None:
    codec = "libopus" if name == "a.opus" else "libvorbis"
    path = encode(tmp_path / name, np.tile(SOUND, 5), "-c:a", codec, "-page_duration", "500000")
    path.write_bytes(path.read_bytes()[: path.read_bytes().rindex(b"OggS")])
    duration_s, note = noted(path)
    assert 8 < duration_s < 10
    assert "truncated" in note and "page" in note


@pytest.mark.parametrize(
    ("name", "options"), [("a.mp4", FASTSTART), ("a.mov", FASTSTART), ("a.mkv", ()), ("a.avi", ())]
)
def test_a_truncated_video_is_used_and_says_so(tmp_path: Path, name: str, options: tuple[str, ...]) -> None:
    path = cut(encode(tmp_path / name, SOUND, "-c:a", "aac", *options, pictures_s=2), 0.6)
    duration_s, note = noted(path)
    assert 0.5 < duration_s < 1.5
    assert note.startswith("truncated: ")


def test_a_truncated_song_with_cover_art_says_so(tmp_path: Path) -> None:
    ffmpeg("-f", "lavfi", "-i", "color=size=16x16:duration=1:rate=1", "-frames:v", "1", str(tmp_path / "cover.png"))
    cover = ("-i", str(tmp_path / "cover.png"), "-map", "0", "-map", "1", "-disposition:v", "attached_pic")
    path = encode(tmp_path / "a.flac", SOUND, *cover)
    assert noted(path) == (2, "")
    assert "truncated" in noted(cut(path, 0.6))[1]


@pytest.mark.parametrize(("name", "options"), [("a.aac", ()), ("a.ts", ("-c:a", "aac"))])
def test_a_truncated_stream_without_length_is_decoded(tmp_path: Path, name: str, options: tuple[str, ...]) -> None:
    # ADTS and MPEG-TS state neither length nor end.
    path = cut(encode(tmp_path / name, SOUND, *options), 0.5)
    assert noted(path)[0] == pytest.approx(1, abs=0.15)


@pytest.mark.parametrize(
    ("name", "share"), [("a.wav", 0.0004), ("a.m4a", 0.8), ("a.mov", 0.5), ("a.ogg", 0.2), ("a.mkv", 0.01)]
)
def test_a_truncated_file_with_nothing_to_decode_is_refused(tmp_path: Path, name: str, share: float) -> None:
    assert refusal(cut(encode(tmp_path / name, SOUND), share))


# Refused, with a reason


def empty(path: Path) -> None:
    path.write_bytes(b"")


def text(path: Path) -> None:
    path.write_text("Boar at the well, 21:40. Wind from the west.\n" * 50, encoding="utf-8")


def random_bytes(path: Path) -> None:
    path.write_bytes(b"\x00\x01" + np.random.default_rng(1).bytes(5000))


def header_only(path: Path) -> None:
    write_wav(path, SOUND[:0])


def cut_after_header(path: Path) -> None:
    path.write_bytes(write_wav(path, SOUND).read_bytes()[:44])


def one_sample(path: Path) -> None:
    write_wav(path, SOUND[:1])


def digital_silence(path: Path) -> None:
    write_wav(path, 0 * SOUND)


def half_not_finite(path: Path) -> None:
    write_wav(path, np.where(np.arange(len(SOUND)) % 2, np.nan, SOUND), subtype="FLOAT")


def too_loud(path: Path) -> None:
    write_wav(path, 1e13 * SOUND, subtype="FLOAT")


def without_sound(path: Path) -> None:
    mute_video(path.with_name("mute.mp4")).rename(path)


def folder(path: Path) -> None:
    path.mkdir()


def broken_link(path: Path) -> None:
    path.symlink_to("gone.wav")


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (empty, "empty file"),
        (text, "not a media file"),
        (random_bytes, "not a media file"),
        (header_only, "no sound"),
        (cut_after_header, "truncated"),
        (one_sample, "no sound"),
        (digital_silence, "silent"),
        (half_not_finite, "not finite"),
        (too_loud, r"e\+12"),
        (without_sound, "no audio track"),
        (folder, "not a file"),
        (broken_link, "not a file"),
    ],
)
@pytest.mark.parametrize("rate", [RATE, 16000])
def test_a_file_without_usable_sound_is_refused_with_the_reason(
    tmp_path: Path, damage: Callable[[Path], None], reason: str, rate: int
) -> None:
    damage(tmp_path / "a.wav")
    with pytest.raises(UnusableMediaError, match=reason):
        decode.decode(tmp_path / "a.wav", rate)


@pytest.mark.parametrize(
    "script",
    [
        "ffconcat version 1.0\nfile good.wav\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\ngood.wav\n#EXT-X-ENDLIST\n",
        "#EXTM3U\n#EXTINF:2,good\ngood.wav\n",
        "[playlist]\nFile1=good.wav\n",
        '<?xml version="1.0"?><MPD type="static" xmlns="urn:mpeg:dash:schema:mpd:2011"><Period><AdaptationSet '
        'contentType="audio"><Representation id="1"><BaseURL>good.wav</BaseURL></Representation></AdaptationSet>'
        "</Period></MPD>",
    ],
    ids=["ffconcat", "hls", "m3u", "pls", "dash"],
)
@pytest.mark.parametrize("name", ["list.wav", "list.m3u8"])
def test_a_file_that_names_another_is_refused(tmp_path: Path, script: str, name: str) -> None:
    write_wav(tmp_path / "good.wav", SOUND)
    (tmp_path / name).write_text(script, encoding="utf-8")
    assert refusal(tmp_path / name).startswith("not a media file")
