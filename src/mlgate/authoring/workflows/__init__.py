"""The systems that a first workflow is written for: one file per system, found by listing this folder."""
