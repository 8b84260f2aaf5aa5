"""Where recordings come from: a folder of recordings, a folder in the layout of ESC-50, or the synthetic demo."""
