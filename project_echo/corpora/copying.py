"""Copy recordings into a corpus, or join several files into one."""

import shutil
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
import soundfile

from project_echo.core.errors import EchoError
from project_echo.corpora.collected import Found
from project_echo.media import ffmpeg
from project_echo.media.errors import UnusableMediaError

_LOSSLESS = ("PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE")  # subtypes of WAV


def copy_recordings(found: Iterable[Found], target: Path) -> tuple[list[Found], list[tuple[str, str]]]:
    """Copy the recordings that were found; several files of one recording are joined.

    Parameters
    ----------
    found : iterable of Found
    target : Path
        The folder of the corpus.

    Returns
    -------
    copied : list of Found
        Those that are now in the folder.
    skipped : list of (str, str)
        Name and reason of the others.

    Raises
    ------
    EchoError
        If a copy cannot be written.
    """
    copied, skipped = [], []
    for recording in found:
        path = target / recording.recording
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            if len(recording.paths) > 1:
                _join(recording.paths, path)
            else:
                _copy(recording.paths[0], path)
        except UnusableMediaError as error:
            path.unlink(missing_ok=True)
            name = recording.original if len(recording.paths) == 1 else recording.recording
            skipped.append((name, str(error)))
        else:
            copied.append(recording)
    return copied, skipped


def _copy(path: Path, target: Path) -> None:
    try:
        shutil.copyfile(path, target)
    except (PermissionError, FileNotFoundError) as error:
        raise UnusableMediaError(f"cannot be read ({error.strerror})") from None
    except OSError as error:
        raise EchoError(
            f"{path} cannot be copied to {target} ({error.strerror}). Check the disk, then run again."
        ) from None


def _join(paths: Sequence[Path], target: Path) -> None:
    """Join clips into a WAV file, with their samples as they are."""
    sounds = [_read(path) for path in paths]
    _, sample_rate, subtype = sounds[0]
    if any(rate != sample_rate for _, rate, _ in sounds):
        raise UnusableMediaError("cannot be joined: its clips differ in sample rate")
    if len({samples.shape[1] for samples, _, _ in sounds}) > 1:
        raise UnusableMediaError("cannot be joined: its clips differ in the number of channels")
    # What a lossy codec decodes to may exceed full scale, which only floats hold.
    as_stored = subtype in _LOSSLESS and all(other == subtype for _, _, other in sounds)
    joined = np.concatenate([samples for samples, _, _ in sounds])
    soundfile.write(target, joined, sample_rate, subtype=subtype if as_stored else "FLOAT", format="WAV")


def _read(path: Path) -> tuple[np.ndarray, int, str]:
    """Samples of shape (n, channels), sample rate (Hz), and how they are stored, of any format."""
    with suppress(soundfile.SoundFileError), soundfile.SoundFile(path) as sound:
        if sound.subtype in _LOSSLESS:  # libsndfile's decoders of lossy codecs depend on the processor
            return sound.read(always_2d=True), sound.samplerate, sound.subtype
    with tempfile.TemporaryDirectory() as folder:
        decoded = Path(folder) / "decoded.wav"
        try:
            ffmpeg.run(ffmpeg.audio_command(path, {}, ffmpeg.file_url(decoded), acodec="pcm_f32le"))
        except UnusableMediaError as error:
            raise UnusableMediaError(f"cannot be joined: {path.name}: {error}") from None
        samples, sample_rate = soundfile.read(decoded, always_2d=True)
        return samples, sample_rate, "FLOAT"
