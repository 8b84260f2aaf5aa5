"""Studies: folders in which the pipeline runs on one's own recordings, without a clone of the sources."""
