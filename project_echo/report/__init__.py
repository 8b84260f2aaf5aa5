"""The report: one page that tells what the numbers say, from what the stages wrote."""
