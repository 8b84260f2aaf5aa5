"""Which events are cut as clips, and the names of their files."""

import re
from pathlib import Path, PureWindowsPath

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from project_echo.screening import clips

CONFIDENCES = st.lists(st.tuples(st.sampled_from(["boar", "fox"]), st.floats(0, 1)), max_size=12)


@given(CONFIDENCES, st.integers(1, 4))
def test_the_most_and_the_least_confident_events_are_selected_and_none_twice(
    rows: list[tuple[str, float]], n: int
) -> None:
    events = pd.DataFrame(rows, columns=["label", "mean_confidence"]).assign(number=range(len(rows)))
    selected = clips.select_events(events, n)
    assert selected["number"].is_unique
    for label, group in events.groupby("label"):
        rows_of_label = selected[selected["label"] == label]
        by_selection = rows_of_label.set_index("selection")["mean_confidence"]
        most = by_selection[by_selection.index == "most_confident"]
        least = by_selection[by_selection.index == "least_confident"]
        ordered = sorted(group["mean_confidence"], reverse=True)
        assert most.tolist() == ordered[:n]
        assert least.tolist() == sorted(ordered[n:])[:n]


def test_a_clip_is_named_after_its_event_and_stays_in_the_folder(tmp_path: Path) -> None:
    event = {
        "label": "../fox",
        "selection": "least_confident",
        "rank": 2,
        "recording": "a/b/night 1.wav",
        "start_s": 65.0,
    }
    name = clips.clip_name(event)
    assert re.fullmatch(r"___fox-\w{8}/least_confident-002-night_1-\w{8}-65\.0s\.wav", name)
    assert (tmp_path / name).resolve().is_relative_to(tmp_path)


def test_clips_of_labels_that_differ_in_case_do_not_replace_each_other_on_windows() -> None:
    event = {"selection": "most_confident", "rank": 1, "recording": "a.wav", "start_s": 0.0}
    names = clips.clip_names(pd.DataFrame([event | {"label": label} for label in ("fox", "Fox", "con")]))
    assert names[0] == "fox/most_confident-001-a-0.0s.wav"
    assert len({name.casefold() for name in names}) == 3
    assert not any(PureWindowsPath(name).is_reserved() for name in names)
