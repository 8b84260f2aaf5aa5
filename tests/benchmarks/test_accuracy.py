import pandas as pd
import pytest

from benchmarks.accuracy import check_same_test_clips


def predictions(*tested: tuple[int, str]) -> pd.DataFrame:
    return pd.DataFrame(tested, columns=["draw", "clip"])


def test_the_reference_may_have_more_draws() -> None:
    check_same_test_clips("MFCC", predictions((0, "a"), (0, "b")), predictions((0, "b"), (0, "a"), (1, "c")))


def test_different_clips_in_a_common_draw_are_an_error() -> None:
    with pytest.raises(ValueError, match="MFCC"):
        check_same_test_clips("MFCC", predictions((0, "a")), predictions((0, "a"), (0, "b")))
