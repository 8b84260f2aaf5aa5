"""The review page, on which people check events, and collecting their labels."""
