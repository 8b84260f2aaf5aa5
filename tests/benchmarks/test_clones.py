import pytest

from benchmarks.clones import with_changes


def test_values_change_by_address_in_a_copy() -> None:
    before = {"split": {"train": 9, "test": 2}, "categories": ["dog"]}
    after = with_changes(before, {"split.train": 7, "categories": ["cat", "crow"]})
    assert after == {"split": {"train": 7, "test": 2}, "categories": ["cat", "crow"]}
    assert before["split"]["train"] == 9


@pytest.mark.parametrize(
    ("address", "missing"), [("split.trian", "trian"), ("splot.train", "splot"), ("splot", "splot")]
)
def test_an_unknown_address_is_an_error(address: str, missing: str) -> None:
    with pytest.raises(KeyError, match=missing):
        with_changes({"split": {"train": 9}}, {address: 7})
