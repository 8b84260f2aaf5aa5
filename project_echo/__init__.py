"""Train a sound classifier from few recordings, and find animals in long ones."""
