"""Which files have the same bytes."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from project_echo.corpora.copies import same_bytes

LONG = 200_000  # longer than the ends that are compared first


@given(st.lists(st.sampled_from(["", "a", "b", "ab", "start", "middle", "end"]), max_size=8))
@settings(max_examples=20, deadline=None)
def test_files_are_grouped_by_their_bytes(tmp_path_factory: pytest.TempPathFactory, kinds: list[str]) -> None:
    folder = tmp_path_factory.mktemp("files")
    contents = {}
    for number, kind in enumerate(kinds):
        content = bytearray(LONG) if len(kind) > 2 else bytearray(kind.encode())
        if len(kind) > 2:
            content[{"start": 0, "middle": LONG // 2, "end": -1}[kind]] = 1
        path = folder / str(number)
        path.write_bytes(content)
        contents[path] = bytes(content)
    groups = same_bytes(list(contents))
    assert all(len({contents[path] for path in group}) == 1 and len(group) > 1 for group in groups)
    grouped = [path for group in groups for path in group]
    assert len(grouped) == len(set(grouped))
    alone = [contents[path] for path in contents if path not in grouped]
    assert len(set(alone)) == len(alone)
    assert not {contents[path] for path in grouped} & set(alone)


def test_a_file_that_is_gone_is_like_no_other(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(b"the same")
    gone = tmp_path / "gone"
    assert same_bytes([gone, tmp_path / "a", tmp_path / "b", gone]) == [[tmp_path / "a", tmp_path / "b"]]
