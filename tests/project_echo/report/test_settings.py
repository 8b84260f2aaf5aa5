"""What a person writes in report.yaml."""

from pathlib import Path

import pytest

from project_echo.core.errors import EchoError
from project_echo.report.settings import Settings, read_settings

ROOT = Path(__file__).parents[3]
RECORDINGS = ["unseen/pond/a.wav", "unseen/b.mp4"]


def written(folder: Path, text: str) -> Path:
    path = folder / "report.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("text", ["", "# a comment\n", "---\n"])
def test_a_file_without_keys_and_no_file_set_nothing(tmp_path: Path, text: str) -> None:
    assert read_settings(written(tmp_path, text), RECORDINGS) == Settings()
    assert read_settings(tmp_path / "missing.yaml", RECORDINGS) == Settings()


def test_the_committed_file_sets_nothing_until_a_line_is_uncommented(tmp_path: Path) -> None:
    lines = (ROOT / "report.yaml").read_text(encoding="utf-8").splitlines()
    assert read_settings(ROOT / "report.yaml", []) == Settings()
    example = "\n".join(line.removeprefix("# ") for line in lines[lines.index("#") + 1 :])
    settings = read_settings(written(tmp_path, example), ["unseen/fox-mixed.mp4"])
    assert all(getattr(settings, name) for name in Settings.model_fields)


def test_a_date_stands_as_it_is_written_and_captions_name_recordings_with_or_without_their_folder(
    tmp_path: Path,
) -> None:
    text = "date: 2026-05-01\ncaptions:\n  pond/a.wav: A pond.\n  unseen/b.mp4: A film.\nnext_steps: [Record owls.]\n"
    settings = read_settings(written(tmp_path, text), RECORDINGS)
    assert settings.date == "2026-05-01"
    assert settings.captions == {"unseen/pond/a.wav": "A pond.", "unseen/b.mp4": "A film."}
    assert settings.next_steps == ("Record owls.",)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("titel: Toads", "titel"),
        ("next_steps: Record owls.", "next_steps"),
        ("captions: {c.wav: A stream.}", r"captions\.c\.wav"),
        ("- a list", "keys and values"),
        ("title: [", "not valid YAML"),
    ],
)
def test_a_wrong_key_value_or_recording_is_an_error_that_names_it(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(EchoError, match=rf"report\.yaml.*{named}"):
        read_settings(written(tmp_path, text), RECORDINGS)
