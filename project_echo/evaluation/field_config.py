"""The section `field` of params.yaml: long recordings in which the classifier is tested."""

from typing import Annotated

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt

from project_echo.core.validation import Schema


class FieldRecordings(Schema):
    """The section `field` of params.yaml: long recordings with known truth, mixed from clips."""

    folds: Annotated[int, Field(ge=2)]  # parts of the sources, each heard in recordings of its own
    recordings: PositiveInt  # of each fold
    duration_s: Annotated[float, Field(ge=30)]  # of a recording
    calls_per_minute: NonNegativeFloat
    distractors_per_minute: NonNegativeFloat  # calls of a kind of background that the fold does not learn from
    hop_s: PositiveFloat  # step between windows
    seed: NonNegativeInt
