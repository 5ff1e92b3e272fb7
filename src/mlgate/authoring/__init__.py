"""Writes the first files of a gate from what a team has: one file per source in `sources/`."""
