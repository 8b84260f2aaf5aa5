"""The demo corpus: synthetic recordings of four animals, for trying the pipeline.

Numbers measured on it say nothing about performance on real recordings.
"""
