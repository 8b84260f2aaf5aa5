"""The pages of the app, each with its template beside it."""
