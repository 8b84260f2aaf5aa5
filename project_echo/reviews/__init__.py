"""Review of events: the page on which people check them, and collecting their labels into a corpus."""
