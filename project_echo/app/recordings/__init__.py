"""Recordings: opened folders, what they contain and what is wrong with it."""
