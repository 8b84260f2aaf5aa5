"""The one error that is meant for the person at the keyboard."""


class EchoError(Exception):
    """Something the user can mend. The message names the file or key, what is wrong, and what to do."""
