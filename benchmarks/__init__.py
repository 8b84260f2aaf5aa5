"""What the published figures come from: run as `python -m benchmarks.<name>` from the top of the repository."""
