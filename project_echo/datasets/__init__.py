"""Which clips train, validate and test: splits by source, repeated draws, examples."""
