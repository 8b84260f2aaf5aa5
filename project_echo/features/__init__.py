"""From samples to arrays: mel spectrograms, augmentation, choice of segments."""
