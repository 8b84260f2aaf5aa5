import pytest

from benchmarks.clones import changed


def test_values_are_changed_by_address_and_the_rest_stays():
    before = {"split": {"train": 9, "test": 2}, "categories": ["dog"]}
    after = changed(before, {"split.train": 7, "categories": ["cat", "crow"]})
    assert after == {"split": {"train": 7, "test": 2}, "categories": ["cat", "crow"]}
    assert before["split"]["train"] == 9


@pytest.mark.parametrize("address", ["split.trian", "splot.train", "splot"])
def test_a_value_that_is_not_there_is_an_error(address):
    with pytest.raises(KeyError):
        changed({"split": {"train": 9}}, {address: 7})
