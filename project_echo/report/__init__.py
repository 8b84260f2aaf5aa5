"""The report: one HTML page on the results of all stages."""
