"""Screening of long recordings, `project-echo predict`."""
