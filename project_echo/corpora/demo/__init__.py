"""The demo corpus: synthetic recordings of four animals, for trying the pipeline.

No number measured on it speaks of real animals.
"""
