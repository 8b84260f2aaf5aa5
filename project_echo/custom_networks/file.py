"""Files of custom networks: LiteRT's and ONNX's."""

from pathlib import Path

from project_echo.core.errors import EchoError, file_reason
from project_echo.custom_networks.card import LITERT, ONNX
from project_echo.custom_networks.onnx_network import OnnxFile
from project_echo.custom_networks.tflite_network import TfliteFile

NetworkFile = TfliteFile | OnnxFile


def read_bytes(path: Path) -> bytes:
    """The bytes of a network's file. Raises EchoError if it cannot be read, or is of another kind."""
    if path.suffix not in {LITERT, ONNX}:
        raise EchoError(f"{path} is neither a LiteRT file ({LITERT}) nor an ONNX file ({ONNX}). Use one of these.")
    try:
        return path.read_bytes()
    except OSError as error:
        raise EchoError(f"{path}: {file_reason(error)}.") from error


def parse_network(data: bytes, path: Path, wanted: str | int | None = None) -> NetworkFile:
    """The contents of a network's file.

    Parameters
    ----------
    data : bytes
    path : Path
        Whose suffix tells the format.
    wanted : str or int, optional
        Name or index of the tensor that is wanted; tensors inside an ONNX file other than it may be left out.

    Returns
    -------
    TfliteFile or OnnxFile

    Raises
    ------
    EchoError
        If it is damaged, or has operations that cannot be run.
    """
    try:
        return OnnxFile(data, wanted) if path.suffix == ONNX else TfliteFile(data)
    except ValueError as error:
        raise EchoError(unusable(path, error)) from error


def unusable(path: Path, error: Exception) -> str:
    """What to tell of a network that does not load or run."""
    reason = (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
    return f"{path} cannot be run: {reason}. Use a file that {'onnxruntime' if path.suffix == ONNX else 'LiteRT'} runs."
