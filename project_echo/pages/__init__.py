"""What the pages share, report and review: the frame, its style, the player, spectrograms."""
