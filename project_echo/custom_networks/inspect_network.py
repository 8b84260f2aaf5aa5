"""Tensors of a custom network, and its first card: the command `project-echo backbone inspect`."""

import logging
import os
from typing import TYPE_CHECKING

from project_echo.core.command_line import as_path

if TYPE_CHECKING:
    import pandas as pd

logger = logging.getLogger(__name__)


def inspect_network(network: str | os.PathLike[str]) -> "pd.DataFrame":
    """List the tensors of a network, and write a first card beside it, or check the one that it has.

    Parameters
    ----------
    network : str or path
        A LiteRT (.tflite) or ONNX (.onnx) file. The card is NAME.yaml.

    Returns
    -------
    pd.DataFrame
        A row per tensor that is an input or computed: index, role (input, output or inside), candidate, whether it may
        be an embedding, dtype, shape (with ? for a length that is not fixed) and name.

    Raises
    ------
    EchoError
        If the file cannot be used, its card does not fit it, or no card can be guessed.
    """
    # Imported here, as the command line's --help should not wait for these.
    import pandas as pd  # noqa: PLC0415

    from project_echo.core import files  # noqa: PLC0415
    from project_echo.custom_networks.card import card_path  # noqa: PLC0415
    from project_echo.custom_networks.file import parse_network, read_bytes  # noqa: PLC0415
    from project_echo.custom_networks.first_card import candidates, card_text, guess_card  # noqa: PLC0415
    from project_echo.custom_networks.network import CustomNetwork  # noqa: PLC0415

    path = as_path(network, "network")
    tensors = parse_network(read_bytes(path), path).tensors
    possible = {tensor.index for tensor in candidates(tensors)}
    listed = [tensor for tensor in tensors if tensor.role != "constant"]
    table = pd.DataFrame(
        {
            "index": [tensor.index for tensor in listed],
            "role": [tensor.role for tensor in listed],
            "candidate": [tensor.index in possible for tensor in listed],
            "dtype": [tensor.dtype for tensor in listed],
            "shape": [" x ".join("?" if n is None else str(n) for n in tensor.shape) for tensor in listed],
            "name": [tensor.name for tensor in listed],
        }
    )
    logger.info("%s", _aligned(table.assign(candidate=table["candidate"].map({True: "embedding?", False: ""}))))
    card = card_path(path)
    if card.exists():
        CustomNetwork(path)  # whether they fit each other
        logger.info("%s fits the network, and is left as it is.", card)
    else:
        files.write_text(card_text(guess_card(tensors, path)), card)
        logger.info("%s is new. Check the lines with a question mark, and state the licence.", card)
    return table


def _aligned(table: "pd.DataFrame") -> str:
    """A table in columns of text, its header first."""
    rows = [list(table.columns), *table.astype(str).to_numpy().tolist()]
    widths = [max(len(row[number]) for row in rows) for number in range(len(table.columns))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)
    return "\n".join(lines)
