"""Checks about the model as a thing that runs: what its files are, and what it costs."""
