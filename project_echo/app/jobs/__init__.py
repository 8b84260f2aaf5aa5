"""Jobs: work in processes of its own, and its queue."""
