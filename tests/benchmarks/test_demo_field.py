import pandas as pd

from benchmarks.demo_field import score_events

COLUMNS = ["recording", "label", "start_s", "end_s"]


def test_correct_events_and_detected_bouts() -> None:
    truth = pd.DataFrame(
        [("a", "fox", 10, 20), ("a", "boar", 30, 40), ("b", "fox", 0, 5), ("c", "fox", 0, 5), ("a", "owl", 0, 5)],
        columns=COLUMNS,
    )
    events = pd.DataFrame(
        [
            ("a", "fox", 5, 11),  # correct
            ("a", "fox", 15, 25),  # correct, in the same bout
            ("a", "fox", 19.8, 26),  # overlaps the bout by less than half a second
            ("a", "fox", 32, 38),  # during the boar's bout
            ("b", "boar", 0, 5),  # during a fox's bout
            ("a", "boar", 35, 45),  # correct
        ],
        columns=COLUMNS,
    )
    scores = score_events(truth, events, ["a", "b"])  # c was not screened
    assert scores.loc["fox"].tolist() == ["2 of 4: 50%", "1 of 2: 50%"]
    assert scores.loc["boar"].tolist() == ["1 of 2: 50%", "1 of 1: 100%"]
    assert scores.loc["tree_frog"].tolist() == ["none", "none"]
    assert scores.loc["all"].tolist() == ["3 of 6: 50%", "2 of 3: 67%"]
