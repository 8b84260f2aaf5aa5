"""The section `collect` of params.yaml: which corpus."""

from typing import Annotated

from pydantic import Field

from project_echo.core.validation import Schema


class Collect(Schema):
    """The section `collect` of params.yaml."""

    corpus: Annotated[str, Field(min_length=1)]  # a description (corpora/demo.yaml), or a folder of recordings
    folder: Annotated[str, Field(min_length=1)]  # the folder that a description reads from
