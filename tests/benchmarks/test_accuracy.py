import pandas as pd
import pytest

from benchmarks.accuracy import assert_same_tests


def answers(*tested):
    return pd.DataFrame(tested, columns=["draw", "clip"])


def test_fewer_draws_are_no_other_clips():
    assert_same_tests("fewer", answers((0, "a"), (0, "b")), answers((0, "b"), (0, "a"), (1, "c")))


def test_other_clips_of_a_draw_are_an_error():
    with pytest.raises(ValueError, match="first run"):
        assert_same_tests("first run", answers((0, "a")), answers((0, "a"), (0, "b")))
