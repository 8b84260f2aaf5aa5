"""Why the classifier decided as it did: Grad-CAM maps, nearest training clips, examples."""
