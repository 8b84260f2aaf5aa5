"""Sounds to listen to: excerpts of recordings with their spectrograms, and the player."""
