"""The files of rules of other tools that can be imported: one file per format, found by listing this folder."""
