"""One file per format of package lists: lock files, and lists that may be none."""
