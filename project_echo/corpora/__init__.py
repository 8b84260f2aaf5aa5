"""Where recordings come from: a folder of one's own, ESC-50's layout, or the demo, which is made on the spot."""
