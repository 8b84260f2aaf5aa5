"""The report page: what it shows, and the template filled in with it."""

from dataclasses import dataclass
from typing import Any

import pandas as pd
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from project_echo.core.labels import display_name
from project_echo.core.text import join_words
from project_echo.models.card import Card
from project_echo.plots.palette import label_styles
from project_echo.report import findings
from project_echo.report.charts import Chart
from project_echo.report.comparison import Comparison
from project_echo.report.example import Example
from project_echo.report.headlines import Headline, headline_figures
from project_echo.report.screenings import Screening
from project_echo.report.uncertainty import uncertainty_charts
from project_echo.report.unseen import UnseenRecording
from project_echo.web.render import render
from project_echo.web.timeline import dash_array


@dataclass(frozen=True)
class Results:
    """Metrics and tables of the stages that train and score the classifier."""

    crossval: dict[str, Any]  # metrics/crossval.json
    evaluate: dict[str, Any]  # metrics/evaluate.json
    infer: dict[str, Any]  # metrics/infer.json
    clips: pd.DataFrame  # data/clips/clips.csv: clip, label, source
    pooled: pd.DataFrame  # plots/crossval/predictions.csv
    decided: pd.DataFrame  # plots/crossval/decided.csv
    accuracies: pd.DataFrame  # plots/crossval/accuracies.csv
    curve: pd.DataFrame  # plots/crossval/curve.csv
    skipped: int  # recordings that could not be used
    synthetic: bool  # whether the corpus is the demo, which this project makes itself


@dataclass(frozen=True)
class PageContent:
    """What the page shows: the variables of report.html. Labels are display names."""

    labels: list[str]  # the animals
    listed_labels: str
    headlines: list[Headline]
    findings: list[str]
    limitations: list[str]
    example: Example
    frozen: bool  # whether the network on photographs was left as it was
    rejects: bool  # whether labels have thresholds, below which they are not heard
    uncertainty: list[Chart]
    comparison: Comparison | None
    unseen: str  # a sentence
    recordings: list[UnseenRecording]
    legend: list[tuple[str, str, str]]  # labels, their colors, and the dashes of their lines (`timeline.dash_array`)
    screenings: list[Screening]
    versions: list[str]  # of the libraries that the classifier was trained with


def page_content(
    results: Results,
    card: Card,
    example: Example,
    comparison: Comparison | None,
    recordings: list[UnseenRecording],
    screenings: list[Screening],
) -> PageContent:
    """Make the content of the page.

    Parameters
    ----------
    results : Results
        Metrics and tables.
    card : Card
        The classifier's card.
    example : Example
        The clip that is explained step by step.
    comparison : Comparison or None
        Baseline and rerun, if there are such experiments.
    recordings : list of UnseenRecording
        The unseen recordings.
    screenings : list of Screening
        Results of `project-echo predict`.

    Returns
    -------
    PageContent
    """
    animals, styles = list(card.labels), label_styles(card.labels)
    clips = results.clips[results.clips["label"].isin(animals)]
    sources = clips.groupby("label")["source"].nunique().reindex(animals, fill_value=0)
    names = [display_name(label) for label in animals]
    unseen = findings.unseen_recordings(results.infer)
    return PageContent(
        labels=names,
        listed_labels=join_words(names),
        headlines=headline_figures(
            results.crossval,
            results.infer,
            len(clips),
            len(animals),
            clips["source"].nunique(),
            comparison.difference if comparison else None,
        ),
        findings=[
            *findings.findings(results.crossval),
            *([comparison.improvement] if comparison else []),
            unseen,
        ],
        limitations=findings.limitations(
            results.crossval, results.evaluate, results.curve, sources.to_dict(), results.skipped, results.synthetic
        ),
        example=example,
        frozen=card.trained.get("trainable") == "none",
        rejects=card.thresholds is not None,
        uncertainty=uncertainty_charts(
            results.pooled, results.decided, results.accuracies, results.curve, results.crossval, animals
        ),
        comparison=comparison,
        unseen=unseen,
        recordings=recordings,
        legend=[(display_name(label), styles[label].color, dash_array(styles[label])) for label in card.labels],
        screenings=screenings,
        versions=[f"{name} {version}" for name, version in card.versions.items()],
    )


def render_page(content: PageContent) -> str:
    """Render the page as HTML. Plotly's script is part of it, so the page needs no network.

    Parameters
    ----------
    content : PageContent
        What the page shows.

    Returns
    -------
    str
    """
    return render("report/report.html", plotly=Markup(get_plotlyjs()), number=_Numbers(), **vars(content))


class _Numbers:
    """Consecutive numbers for the figures of a page."""

    current = 0

    def next(self) -> int:
        self.current += 1
        return self.current
