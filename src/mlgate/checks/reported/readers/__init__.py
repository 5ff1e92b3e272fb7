"""How reports of tests are read: one file per format, found by listing this folder."""
