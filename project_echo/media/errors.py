"""The error of files that cannot be used as recordings."""

from project_echo.core.errors import EchoError


class UnusableMediaError(EchoError):
    """A file without usable sound. The message is only the reason, as skipped.csv lists it beside the file's name."""
