"""The model card: README.md in the folder of a classifier, for those who get it by mail or from a hub."""

from pathlib import Path
from typing import Any

import yaml

from project_echo import __version__
from project_echo.core import files
from project_echo.core.labels import NONE, display_name
from project_echo.core.text import join_words
from project_echo.models.card import Card, read_card
from project_echo.report.accuracies import headline_accuracy
from project_echo.report.corpus import Corpus
from project_echo.report.limitations import limitations
from project_echo.studies.outcome import figure_rows, read_corpus
from project_echo.studies.versions import CLASSIFIER

CARD_NAME = "README.md"
MOBILENET = "MobileNetV2, ImageNet weights, Google LLC"
MOBILENET_LICENCE = "apache-2.0"


def write_model_card(study: Path, model: Path, corpus: str) -> None:
    """Write the card of a classifier, from the metrics of the study that trained it.

    Parameters
    ----------
    study : Path
        Whose pipeline has run to the end.
    model : Path
        Folder of the classifier.
    corpus : str
        The folder of recordings.
    """
    card = read_card(study / CLASSIFIER)
    crossval, field, evaluate = (
        files.read_json(study / "metrics" / f"{name}.json") for name in ("crossval", "field", "evaluate")
    )
    recorded = read_corpus(study, corpus, card)
    text = format_model_card(model.resolve().name, card, recorded, crossval, field, evaluate)
    files.write_text(text, model / CARD_NAME)


def format_model_card(
    name: str,
    card: Card,
    corpus: Corpus,
    crossval: dict[str, Any],
    field: dict[str, Any],
    evaluate: dict[str, Any],
) -> str:
    """A model card as Markdown: what the classifier knows, how good it is, its limits and licences.

    Parameters
    ----------
    name : str
        Of the classifier.
    card : Card
        Its classifier.json.
    corpus : Corpus
        What it has learned from.
    crossval, field, evaluate : dict
        Metrics of the pipeline.

    Returns
    -------
    str

    References
    ----------
    Hugging Face Hub, "Model Cards": the metadata at the start, with results as ``model-index``.
    """
    labels = [display_name(label) for label in card.labels]
    limits = [statement.text for statement in limitations(crossval, evaluate, field, corpus, card.reviewed)]
    backbone, licence = (card.backbone.name, card.backbone.licence) if card.backbone else (MOBILENET, MOBILENET_LICENCE)
    metadata = {
        "library_name": "project-echo",
        "pipeline_tag": "audio-classification",
        "license": "other",
        "license_name": "see-the-licence-section",
        "tags": ["bioacoustics", "sound-event-detection", "few-shot"],
        "model-index": [{"name": name, "results": [_result(corpus, crossval)]}],
    }
    front = yaml.safe_dump(metadata, sort_keys=False, allow_unicode=True, width=1000)
    return "\n".join(
        [
            f"---\n{front}---\n",
            f"# {name}\n",
            f"Finds {join_words(labels)} in sound recordings. Made with project-echo {__version__}.\n",
            "```bash",
            f"project-echo predict RECORDINGS --model {name}",
            "```\n",
            "## Performance\n",
            "On recordings that it was not trained on; intervals are 95% confidence intervals over sources.\n",
            "| | | |",
            "|---|---|---|",
            *(f"| {what} | {value} | {note} |" for what, value, note in figure_rows(crossval, field)),
            "\n## Training data\n",
            f"{corpus.summary[0].upper()}{corpus.summary[1:]}. The recordings are {corpus.origin.kind}.\n",
            "| label | recordings | sources | threshold |",
            "|---|---|---|---|",
            *_label_rows(card, corpus),
            "\n## Limitations\n",
            *(f"- {text}" for text in limits),
            "- It recognizes only these labels, and its scores apply to places and recorders like those in its "
            "training data. Check its events by ear (`project-echo review`) before you count them.",
            "\n## Licence\n",
            f"The network inside is {backbone} ({licence}): include its notice when you share the classifier. The "
            "head and the thresholds belong to whoever trained the classifier; the recordings have their own licences.",
            "",
        ]
    )


def _result(corpus: Corpus, crossval: dict[str, Any]) -> dict[str, Any]:
    """A result as Hugging Face's ``model-index`` has it."""
    accuracy = headline_accuracy(crossval)
    return {
        "task": {"type": "audio-classification"},
        "dataset": {"name": corpus.origin.name, "type": "recordings"},
        "metrics": [
            {
                "type": "accuracy",
                "name": f"accuracy, 95% interval {accuracy['low']:.3f} to {accuracy['high']:.3f}",
                "value": round(accuracy["value"], 3),
            }
        ],
    }


def _label_rows(card: Card, corpus: Corpus) -> list[str]:
    thresholds = {display_name(label): of.value for label, of in zip(card.labels, card.thresholds or (), strict=False)}
    rows = []
    for amount in corpus.amounts:
        name = f"{display_name(NONE)}: {amount.kinds}" if amount.is_background else amount.label
        threshold = f"{thresholds[amount.label]:.2f}" if amount.label in thresholds else ""
        rows.append(f"| {name} | {amount.recordings} | {amount.sources} | {threshold} |")
    return rows
