"""Search by example: the windows of a screening that sound most like some examples."""
