import pandas as pd

from benchmarks.demo_field import score_events

COLUMNS = ["recording", "label", "start_s", "end_s"]


def test_right_events_found_calls_and_false_seconds_of_the_recordings_that_were_screened() -> None:
    truth = pd.DataFrame(
        [("a", "fox", 10, 12), ("a", "fox", 15, 18), ("a", "boar", 30, 34), ("c", "fox", 0, 5), ("a", "owl", 0, 5)],
        columns=COLUMNS,
    )
    events = pd.DataFrame(
        [
            ("a", "fox", 9, 12),  # two thirds are a call
            ("a", "fox", 17.5, 22),  # mostly after the call
            ("a", "fox", 31, 33),  # while a boar calls
            ("b", "boar", 0, 5),  # nothing calls
            ("a", "boar", 31, 34),
        ],
        columns=COLUMNS,
    )
    scores = score_events(truth, events, ["a", "b"])  # c was not screened
    assert scores.loc["fox"].tolist() == ["1 of 3: 33%", "1 of 2: 50%", "7.0"]
    assert scores.loc["boar"].tolist() == ["1 of 2: 50%", "1 of 1: 100%", "5.0"]
    assert scores.loc["tree_frog"].tolist() == ["none", "none", "0.0"]
    assert scores.loc["all"].tolist() == ["2 of 5: 40%", "2 of 3: 67%", "12.0"]
