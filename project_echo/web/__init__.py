"""What the HTML pages share: frame, style, player, spectrogram images, timelines."""
