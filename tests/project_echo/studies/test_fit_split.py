"""Splits that fit folders with few and many recordings, and what the pipeline makes of them."""

import pandas as pd
import pytest

from project_echo.core.errors import EchoError
from project_echo.datasets.config import Split
from project_echo.datasets.groups import source_groups
from project_echo.datasets.split import split_by_source
from project_echo.evaluation import field_folds
from project_echo.evaluation.config import Crossval
from project_echo.evaluation.cross_fitting import can_fit, source_folds
from project_echo.evaluation.field_config import FieldRecordings
from project_echo.evaluation.trials import draw_all, trials_of_draw
from project_echo.studies.fit_split import fit_split, learning_curve_sizes

DEFAULT = Split(train=9, validation=2, test=2, seed=1)
FIELD = FieldRecordings(
    folds=5, recordings=1, duration_s=60.0, calls_per_minute=4.0, distractors_per_minute=1.7, hop_s=2.5, seed=1
)


def recordings(sources: dict[str, int], shared: str = "") -> pd.DataFrame:
    """A recording of each source; kinds with a slash are background, and labels may share the sources of a place."""
    rows = []
    for name, n in sources.items():
        label, _, kind = name.partition("/")
        for number in range(n):
            recording = f"{name}/{number}.wav"
            rows.append((recording, label, kind or label, f"{shared or name}/{number}", False))
    return pd.DataFrame(rows, columns=["recording", "label", "kind", "source", "unseen"])


@pytest.mark.parametrize(
    ("n", "sizes"),
    [
        *((3, (1, 1, 1)), (4, (2, 1, 1)), (6, (4, 1, 1)), (10, (6, 2, 2))),
        *((13, (9, 2, 2)), (16, (12, 2, 2)), (19, (13, 3, 3)), (20, (16, 2, 2)), (40, (32, 4, 4))),
    ],
)
def test_a_split_fits_the_label_with_fewest_sources(n: int, sizes: tuple[int, int, int]) -> None:
    fitted = fit_split(recordings({"boar": n, "fox": n + 1, "none/rain": 3}), DEFAULT)
    assert fitted.sizes["boar"] == sizes
    assert sum(fitted.sizes["fox"]) == n + 1  # no source is left out
    assert ", ".join(map(str, sizes[:2])) in fitted.text.replace(" to learn from", "")


@pytest.mark.parametrize("n", [3, 6, 10, 40])
@pytest.mark.parametrize("names", [("boar", "fox", "none/rain", "none/sea"), ("boar", "none")])
def test_draws_trials_and_long_recordings_can_be_made_of_it(n: int, names: tuple[str, ...]) -> None:
    table = recordings(dict.fromkeys(names, n))
    fitted = fit_split(table, DEFAULT)
    split = Split(**{part: fitted.changes[f"split.{part}"] for part in ("train", "validation", "test")}, seed=1)
    clips = split_by_source(table.assign(clip=table["recording"]), split)
    crossval = Crossval(draws=2, train_sizes=fitted.changes["crossval.train_sizes"], seed=1)
    for draw in draw_all(clips, split, crossval):
        assert draw.train == fitted.sizes["boar"][0]
        for _, drawn in trials_of_draw(draw, crossval, "logistic"):
            assert set(drawn["part"]) == {"train", "validation", "test"}
            assert set(drawn.loc[drawn["part"] == "train", "label"]) == set(table["label"])
    animals = [name for name in names if not name.startswith("none")]
    folds, groups = source_folds(clips, FIELD.folds), source_groups(clips)
    assert len(set(folds.values())) == min(n, FIELD.folds)
    train, heard, distractors = field_folds.divide(clips, folds, 0)
    assert can_fit(train, animals, groups)
    plan = field_folds.plan_fold(heard.assign(active_s=1.0), distractors, 0, FIELD, 5.0)
    assert set(animals) <= set(plan["label"])


def test_a_label_with_many_sources_uses_them_beside_one_with_few() -> None:
    fitted = fit_split(recordings({"boar": 6, "fox": 40}), DEFAULT)
    assert fitted.sizes == {"boar": (4, 1, 1), "fox": (28, 6, 6)}
    assert "boar" in fitted.text and "fox" in fitted.text


def test_a_split_that_a_person_has_set_is_kept_or_refused() -> None:
    shares = Split(train=0.5, validation=0.25, test=0.25, seed=1)
    assert fit_split(recordings({"boar": 8, "fox": 8}), shares, keep=True).sizes["boar"] == (4, 2, 2)
    with pytest.raises(EchoError, match="needs 13"):
        fit_split(recordings({"boar": 8, "fox": 8}), DEFAULT, keep=True)


def test_labels_that_share_all_of_their_places_can_be_split() -> None:
    fitted = fit_split(recordings({"boar": 6, "fox": 6}, shared="place"), DEFAULT)
    assert set(fitted.sizes) == {"boar", "fox"}
    assert all(min(sizes) >= 1 for sizes in fitted.sizes.values())


@pytest.mark.parametrize(("sources", "sizes"), [(1, [1, 3, 5, 7, 9]), (9, [1, 3, 5, 7, 9]), (32, [1, 4, 8, 16, 24])])
def test_the_learning_curve_follows_the_number_of_training_sources(sources: int, sizes: list[int]) -> None:
    assert learning_curve_sizes(sources) == sizes
