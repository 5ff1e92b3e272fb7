"""Where a contract can be read from: one file per format, found by listing this folder."""
