"""The app: pages in the browser for recordings, training, screening, results, review and improving."""
