"""Errors for the person at the keyboard."""


class EchoError(Exception):
    """An error that the user can fix. The message names the file or key, says what is wrong, then what to do."""


class WorkerDiedError(EchoError):
    """A worker process was killed."""
