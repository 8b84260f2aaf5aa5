import pandas as pd

from benchmarks.field import scores

COLUMNS = ["recording", "label", "start_s", "end_s"]


def test_events_are_right_where_their_animal_calls_and_bouts_are_found_where_an_event_says_so() -> None:
    truth = pd.DataFrame(
        [("a", "fox", 10, 20), ("a", "boar", 30, 40), ("b", "fox", 0, 5), ("c", "fox", 0, 5), ("a", "owl", 0, 5)],
        columns=COLUMNS,
    )
    events = pd.DataFrame(
        [
            ("a", "fox", 5, 11),  # right
            ("a", "fox", 15, 25),  # right, of the same bout
            ("a", "fox", 19.8, 26),  # hardly touches it
            ("a", "fox", 32, 38),  # a boar
            ("b", "boar", 0, 5),  # a fox
            ("a", "boar", 35, 45),  # right
        ],
        columns=COLUMNS,
    )
    found = scores(truth, events, ["a", "b"])  # c was not screened
    assert found.loc["fox"].tolist() == ["2 of 4: 50%", "1 of 2: 50%"]
    assert found.loc["boar"].tolist() == ["1 of 2: 50%", "1 of 1: 100%"]
    assert found.loc["tree_frog"].tolist() == ["none", "none"]
    assert found.loc["all"].tolist() == ["3 of 6: 50%", "2 of 3: 67%"]
