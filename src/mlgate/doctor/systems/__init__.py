"""The systems whose workflows are read: one file per system, found by listing this folder."""
