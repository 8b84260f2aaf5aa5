"""Comparing commits and experiments, in tables and pull requests."""
