"""What a first candidate and policy can be made from: one file per source, found by listing this folder."""
