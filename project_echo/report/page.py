"""The report page: what it shows, and the template filled in with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from project_echo.core.labels import NONE, display_name, scored_labels
from project_echo.core.text import count, join_words
from project_echo.models.card import Card
from project_echo.plots.palette import label_styles
from project_echo.report import findings
from project_echo.report.accuracies import label_accuracies
from project_echo.report.charts import Chart
from project_echo.report.comparison import Comparison
from project_echo.report.corpus import Corpus
from project_echo.report.example import Example
from project_echo.report.field import Field, describe_field
from project_echo.report.headlines import Headline, columns, headline, headline_figures
from project_echo.report.limitations import limitations
from project_echo.report.next_steps import next_steps
from project_echo.report.ranking import shares_of
from project_echo.report.rerun import accuracies, changes, rerun_sentences
from project_echo.report.screenings import Screening
from project_echo.report.settings import Settings
from project_echo.report.statement import Statement
from project_echo.report.uncertainty import MOST_PROBABLE, UncertaintyCharts, uncertainty_charts
from project_echo.report.unseen import UnseenRecording
from project_echo.report.usefulness import Listening, caveats
from project_echo.web.render import render
from project_echo.web.timeline import dash_array

MOBILENET = "MobileNetV2 (Apache-2.0)"
LISTED_LABELS = 6  # in a title; of more, the number


@dataclass(frozen=True)
class Results:
    """Metrics and tables of the stages that train and score the classifier."""

    crossval: dict[str, Any]  # metrics/crossval.json
    evaluate: dict[str, Any]  # metrics/evaluate.json
    field: dict[str, Any]  # metrics/field.json
    infer: dict[str, Any]  # metrics/infer.json
    pooled: pd.DataFrame  # plots/crossval/predictions.csv
    decided: pd.DataFrame  # plots/crossval/decided.csv
    accuracies: pd.DataFrame  # plots/crossval/accuracies.csv
    curve: pd.DataFrame  # plots/crossval/curve.csv
    reliability: pd.DataFrame  # plots/crossval/reliability.csv
    precision_recall: pd.DataFrame  # plots/field/precision_recall.csv, empty if there is none
    field_hop_s: float  # step between windows of the long recordings, s


@dataclass(frozen=True)
class PageContent:
    """What the page shows: the variables of report.html and of its sections. Labels are display names."""

    title: str
    byline: str
    purpose: str
    corpus: Corpus
    headline: Headline
    figures: list[Headline]
    columns: int  # of the grid of figures on a wide page
    example: Example
    backbone: str  # the network, and its licence
    custom_network: bool  # whether it is one of the user's own, which hears sound
    frozen: bool  # whether the pretrained network was left as it was
    rejects: bool  # whether labels have thresholds, below which they are not heard
    independent: bool  # whether each label has a probability of its own
    comparison: Comparison | None
    rerun: list[str]
    changes: list[str]
    confusions: list[str]
    certainty: list[str]
    uncertainty: UncertaintyCharts
    certainty_charts: list[Chart]  # those of `uncertainty` that stand below the sentences
    field: Field | None
    unseen: str  # a sentence
    recordings: list[UnseenRecording]
    legend: list[tuple[str, str, str]]  # labels, their colors, and the dashes of their lines (`timeline.dash_array`)
    unseen_listening: Listening | None
    caveats: list[str]
    screenings: list[Screening]
    limitations: list[Statement]
    next_steps: list[Statement]
    versions: list[str]  # of the libraries that the classifier was trained with

    @property
    def sections(self) -> list[tuple[str, str]]:
        """The sections that have content, in the order of the story: id, which is that of its template, and title."""
        story = [
            ("data", "The data", True),
            ("answer", "The answer", True),
            ("how", "How it works, on one clip", True),
            ("rerun", "First run and rerun", self.comparison),
            ("confused", "What it mixes up", True),
            ("certain", "How sure that is", True),
            ("field", "In the field", self.field),
            ("unseen", "Recordings it had never heard", self.recordings),
            ("useful", "What it saves", self.unseen_listening or self.screenings),
            ("limitations", "Limitations", self.limitations),
            ("next", "Next steps", self.next_steps),
        ]
        return [(name, title) for name, title, content in story if content]


def page_content(
    results: Results,
    card: Card,
    corpus: Corpus,
    example: Example,
    comparison: Comparison | None,
    recordings: list[UnseenRecording],
    unseen_listening: Listening | None,
    screenings: list[Screening],
    settings: Settings,
) -> PageContent:
    """Make the content of the page.

    Parameters
    ----------
    results : Results
        Metrics and tables.
    card : Card
        The classifier's card.
    corpus : Corpus
        The recordings.
    example : Example
        The clip that is explained step by step.
    comparison : Comparison or None
        Baseline and rerun, if there are such experiments.
    recordings : list of UnseenRecording
        The unseen recordings.
    unseen_listening : Listening or None
        How much of them is left to listen to.
    screenings : list of Screening
        Results of `project-echo predict`.
    settings : Settings
        What report.yaml says.

    Returns
    -------
    PageContent
    """
    animals, styles = list(card.labels), label_styles(card.labels)
    crossval, field = results.crossval, results.field
    names = [display_name(label) for label in animals]
    of_runs = accuracies(comparison) if comparison else None
    runs = (of_runs.measure, of_runs.first["value"], of_runs.second["value"]) if of_runs else None
    figures = headline_figures(crossval, field, results.infer, runs)
    uncertainty = uncertainty_charts(
        results.pooled,
        results.decided,
        results.accuracies,
        results.curve,
        results.reliability,
        crossval,
        animals,
    )
    # The curve of the rerun stands beside the first run's already.
    curve = [] if comparison and results.curve.equals(comparison.after.curve) else [uncertainty.learning_curve]
    by_label = shares_of(label_accuracies(results.pooled, scored_labels([*animals, NONE]), MOST_PROBABLE))
    steps = next_steps(crossval, by_label, field, results.curve, corpus, len(screenings))
    return PageContent(
        title=settings.title or default_title(names),
        byline=", ".join(filter(None, [settings.author, settings.date])),
        purpose=settings.purpose or default_purpose(names, [amount.recordings for amount in corpus.animals]),
        corpus=corpus,
        headline=headline(crossval),
        figures=figures,
        columns=columns(len(figures)),
        example=example,
        backbone=f"{card.backbone.name} ({card.backbone.licence})" if card.backbone else MOBILENET,
        custom_network=card.backbone is not None,
        frozen=card.trained.get("trainable") == "none",
        rejects=card.thresholds is not None,
        independent=card.trained.get("head") != "dense",
        comparison=comparison,
        rerun=rerun_sentences(comparison) if comparison else [],
        changes=changes(comparison.params) if comparison else [],
        confusions=findings.confusions(crossval, by_label),
        certainty=findings.certainty(crossval, results.evaluate, results.curve, results.reliability),
        uncertainty=uncertainty,
        certainty_charts=[*curve, uncertainty.draws, uncertainty.reliability],
        field=describe_field(field, results.precision_recall),
        unseen=findings.unseen_recordings(results.infer),
        recordings=recordings,
        legend=[(display_name(label), styles[label].color, dash_array(styles[label])) for label in card.labels],
        unseen_listening=unseen_listening,
        caveats=caveats(field, results.field_hop_s),
        screenings=screenings,
        limitations=limitations(crossval, results.evaluate, field, corpus, card.reviewed),
        next_steps=[*(Statement("own", text) for text in settings.next_steps), *steps],
        versions=[f"{name} {version}" for name, version in card.versions.items()],
    )


def default_title(labels: Sequence[str]) -> str:
    """The title of a report whose author gave none; labels are display names."""
    if len(labels) == 1:
        return f"Telling {labels[0]} from other sounds"
    return f"Telling {_listed(labels)} apart by sound"


def default_purpose(labels: Sequence[str], recordings: Sequence[int]) -> str:
    """What was asked, where the author does not say; labels are display names, recordings their numbers of each."""
    fewest, most = min(recordings), max(recordings)
    each = count(most, "recording") if fewest == most else f"{fewest} to {count(most, 'recording')}"
    return (
        f"Can a computer learn the sound of {_listed(labels)} from {each}{' of each' if len(labels) > 1 else ''}, and "
        f"then find {'them' if len(labels) > 1 else 'it'} in recordings that it has never heard?"
    )


def _listed(labels: Sequence[str]) -> str:
    return join_words(labels) if len(labels) <= LISTED_LABELS else count(len(labels), "animal")


def render_page(content: PageContent) -> str:
    """Render the page as HTML, which needs no network.

    Parameters
    ----------
    content : PageContent
        What the page shows.

    Returns
    -------
    str
    """
    return render("report/report.html", sections=content.sections, **vars(content))
