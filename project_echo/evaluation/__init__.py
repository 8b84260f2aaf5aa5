"""Scores with confidence intervals, on one split and over many draws."""
