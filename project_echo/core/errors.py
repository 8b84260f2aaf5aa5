"""Errors for the person at the keyboard."""

import errno
import stat

# What the system says of a file that cannot be opened, and what a person can do about it.
_NO_PERMISSION = "no permission to open it: change its permissions, or run as its owner"
_DISK = "the disk has a fault: copy what can be read to another disk"
_NETWORK = "the network drive does not answer: connect it again"
_REASONS = {
    errno.ENOENT: "does not exist: correct the path, or connect the disk",
    errno.ENOTDIR: "does not exist: correct the path, or connect the disk",
    errno.ELOOP: "symbolic link loop: remove the link",
    errno.EACCES: _NO_PERMISSION,
    errno.EPERM: _NO_PERMISSION,
    errno.ENAMETOOLONG: "the path is too long for this system: move the file up, or shorten the names of folders",
    errno.EIO: _DISK,
    errno.ESTALE: _NETWORK,
    errno.ENOTCONN: _NETWORK,
    errno.EHOSTDOWN: _NETWORK,
    errno.EHOSTUNREACH: _NETWORK,
    errno.ETIMEDOUT: _NETWORK,
}
_KINDS = {stat.S_IFIFO: "a named pipe", stat.S_IFSOCK: "a socket", stat.S_IFCHR: "a device", stat.S_IFBLK: "a device"}


class EchoError(Exception):
    """An error that the user can fix. The message names the file or key, says what is wrong, then what to do."""


class WorkerDiedError(EchoError):
    """A worker process was killed."""


def file_reason(error: OSError) -> str:
    """Why a file cannot be opened or read, and what to do where there is something, as skipped.csv lists it.

    On Windows a path of more than 259 characters does not exist, unless long paths are enabled; a file that another
    program has open may be one without permission.
    """
    return _REASONS.get(error.errno or 0, f"cannot be read ({error.strerror or error})")


def kind_reason(mode: int) -> str:
    """What something of this mode (`os.stat_result.st_mode`) is, if neither a file nor a folder."""
    return f"{_KINDS.get(stat.S_IFMT(mode), 'something else')}, not a file"
