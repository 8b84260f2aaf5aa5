"""Names that every file system and tool takes, of names that people gave."""

import hashlib
import os
import re
from pathlib import PurePath, PurePosixPath


def portable_path(original: PurePath) -> str:
    """A relative path that every file system and tool takes, unique to the name that it came with.

    Folders have no dot in them, so none has the name of a file that a stage writes beside it. Names are cut to their
    last 100 characters: stages add to them, and file systems end at 255 bytes.
    """
    *folders, name = (os.fsencode(part).decode("latin-1")[-100:] for part in original.parts)
    parts = [*(folder.replace(".", "_") for folder in folders), name]
    found = re.sub(r"(^|/)[-.]", r"\1_", "/".join(re.sub(r"[^A-Za-z0-9._-]", "_", part) for part in parts))
    if found == original.as_posix():
        return found
    mark = hashlib.sha256(os.fsencode(original)).hexdigest()[:8]
    path = PurePosixPath(found)
    return f"{path.with_suffix('')}-{mark}{path.suffix}"
