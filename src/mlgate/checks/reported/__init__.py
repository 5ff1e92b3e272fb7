"""Checks of what others measured and reported: numbers and test results in files, as evidence of the second class."""
