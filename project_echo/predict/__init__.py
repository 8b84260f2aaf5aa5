"""Screening of whole disks: the prediction side as a tool of its own, `project-echo predict`."""
