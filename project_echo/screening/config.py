"""The section `infer` of params.yaml: how the unseen recordings are screened."""

from pydantic import PositiveFloat

from project_echo.core.validation import Schema


class Infer(Schema):
    """The section `infer` of params.yaml."""

    hop_s: PositiveFloat  # step between windows, s
