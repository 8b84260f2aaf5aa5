"""Review: a page on which people judge events, and what their answers are good for."""
