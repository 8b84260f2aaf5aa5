"""Tensors of a custom network, in whatever format its file is."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import numpy as np

from project_echo.core.errors import EchoError
from project_echo.custom_networks.card import card_path

Role = Literal["input", "output", "inside", "constant"]
Shape = tuple[int | None, ...]  # None where any length will do
NUMBERS = ("float32", "float16", "int8", "uint8", "int16")  # that an input or an embedding may be of


@dataclass(frozen=True)
class TensorInfo:
    """A tensor of a network.

    Attributes
    ----------
    index : int
    name : str
    shape : tuple of int or None
    dtype : str
        As NumPy calls it.
    role : {"input", "output", "inside", "constant"}
        Constants are such as weights.
    """

    index: int
    name: str
    shape: Shape
    dtype: str
    role: Role


class Runtime(Protocol):
    """A network that is ready to run: from the values of its input to those of one tensor."""

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Run the network.

        Parameters
        ----------
        values : np.ndarray of shape (n,) or that of a log-mel image, float32

        Returns
        -------
        np.ndarray
            Of the tensor's shape, float32.
        """


def find_tensor(tensors: Sequence[TensorInfo], wanted: str | int, key: str, network: Path) -> TensorInfo:
    """The tensor that a card names.

    Parameters
    ----------
    tensors : sequence of TensorInfo
    wanted : str or int
        Name or index.
    key : str
        Of the card, for the error message.
    network : Path

    Returns
    -------
    TensorInfo

    Raises
    ------
    EchoError
        If there is none, or several of this name.
    """
    where = f"{card_path(network)}: {key} = {wanted!r}"
    found = [tensor for tensor in tensors if wanted == (tensor.name if isinstance(wanted, str) else tensor.index)]
    if not found:
        raise EchoError(
            f"{where}: {network.name} has no such tensor. List them: project-echo backbone inspect {network}"
        )
    if len(found) > 1:
        indices = ", ".join(str(tensor.index) for tensor in found)
        raise EchoError(f"{where}: {network.name} has several tensors of this name. Give an index: {indices}.")
    return found[0]


def find_input(tensors: Sequence[TensorInfo], wanted: str | int, network: Path) -> TensorInfo:
    """The input that a card names; for arguments see `find_tensor`. Raises EchoError if it is not the only one."""
    tensor = find_tensor(tensors, wanted, "input.tensor", network)
    where = f"{card_path(network)}: input.tensor = {wanted!r}"
    if tensor.role != "input":
        raise EchoError(f"{where}: this is no input of {network.name}. Its inputs are: {_names(tensors, 'input')}.")
    if sum(other.role == "input" for other in tensors) > 1:
        raise EchoError(f"{network} has several inputs: {_names(tensors, 'input')}. Use one that takes sound only.")
    if tensor.dtype not in NUMBERS:
        raise EchoError(f"{where}: the input is of {tensor.dtype}. Use a network of {', '.join(NUMBERS)}.")
    return tensor


def find_embedding(tensors: Sequence[TensorInfo], wanted: str | int, network: Path) -> TensorInfo:
    """The embedding that a card names; for arguments see `find_tensor`. Raises EchoError if it can be none."""
    tensor = find_tensor(tensors, wanted, "embedding.tensor", network)
    where = f"{card_path(network)}: embedding.tensor = {wanted!r}"
    if tensor.role in {"input", "constant"}:
        role = "an input" if tensor.role == "input" else "a constant"
        raise EchoError(
            f"{where}: this is {role} of {network.name}, not computed from sound. List the tensors: "
            f"project-echo backbone inspect {network}"
        )
    if tensor.dtype not in NUMBERS:
        raise EchoError(f"{where}: the tensor is of {tensor.dtype}, not of numbers that measure sound. Choose another.")
    return tensor


def fitted_shape(shape: Shape, size: int) -> tuple[int, ...] | None:
    """The shape of an input that is given `size` values, or None if it does not take so many.

    Its last free length is fitted, others are 1.
    """
    free = [axis for axis, length in enumerate(shape) if length is None]
    fitted = [1 if length is None else length for length in shape]
    known = int(np.prod(fitted))
    if free and known and size % known == 0:
        fitted[free[-1]] = size // known
    return tuple(fitted) if int(np.prod(fitted)) == size else None


def _names(tensors: Sequence[TensorInfo], role: Role) -> str:
    return ", ".join(f"{tensor.name} ({tensor.index})" for tensor in tensors if tensor.role == role)
