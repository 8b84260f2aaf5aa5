"""Audio and video files: decoding, streaming, probing, cutting, recording times, browser formats."""
