"""The built-in reports, one file each, by name."""
