"""WAV files of 32-bit floats.

libsndfile adds a chunk with the time of writing to these (PEAK), so that the same samples would never give the same
file.

References
----------
Microsoft, Multiple Channel Audio Data and WAVE Files (2001): formats other than PCM state the number of samples (fact).
EBU Tech 3306 (RF64): files of more than 4 GiB.
"""

import struct

_IEEE_FLOAT = 3
_BYTES = 4  # of a sample
_MAX_RIFF_BYTES = 0xFFFFFFFF


def float_header(n_samples: int, sample_rate: int) -> bytes:
    """Everything before the samples of a mono file, little-endian float32.

    Parameters
    ----------
    n_samples : int
    sample_rate : int
        Hz.
    """
    data_bytes = _BYTES * n_samples
    layout = struct.pack("<HHIIHHH", _IEEE_FLOAT, 1, sample_rate, _BYTES * sample_rate, _BYTES, 8 * _BYTES, 0)
    chunks = b"fmt " + struct.pack("<I", len(layout)) + layout
    chunks += b"fact" + struct.pack("<II", 4, min(n_samples, _MAX_RIFF_BYTES))
    riff_bytes = len(b"WAVE") + len(chunks) + 8 + data_bytes
    if riff_bytes <= _MAX_RIFF_BYTES:
        return b"RIFF" + struct.pack("<I", riff_bytes) + b"WAVE" + chunks + b"data" + struct.pack("<I", data_bytes)
    sizes = struct.pack("<QQQI", riff_bytes + 36, data_bytes, n_samples, 0)
    ds64 = b"ds64" + struct.pack("<I", len(sizes)) + sizes
    unknown = struct.pack("<I", _MAX_RIFF_BYTES)
    return b"RF64" + unknown + b"WAVE" + ds64 + chunks + b"data" + unknown
