"""Shared parts of the HTML pages: frame, style, player, spectrogram images, timelines."""
