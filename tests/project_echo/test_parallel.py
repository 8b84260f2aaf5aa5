"""Parallel work gives what one worker would."""

import operator

import pytest

from project_echo.errors import EchoError
from project_echo.media import UnusableMediaError, decode
from project_echo.parallel import map_all, progress


@pytest.mark.parametrize("n", [0, 1, 4, 20])  # in this process and in others
def test_results_come_in_the_order_of_the_items(n: int) -> None:
    assert map_all(operator.sub, ((item, 1) for item in range(n)), "subtract") == list(range(-1, n - 1))


@pytest.mark.parametrize("n", [1, 8])
def test_an_error_for_the_person_arrives_from_a_worker_as_such(tmp_path, n: int) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(UnusableMediaError, match="not a file") as caught:
        map_all(decode, [(tmp_path / "gone", 8000)] * n, "decode")
    assert isinstance(caught.value, EchoError)


def test_progress_is_silent_where_nobody_watches(capfd: pytest.CaptureFixture[str]) -> None:
    assert list(progress(range(3), "count")) == [0, 1, 2]
    assert capfd.readouterr() == ("", "")
