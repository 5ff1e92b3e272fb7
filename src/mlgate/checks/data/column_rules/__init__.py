"""What a policy may demand of a column: each file has the rules of some keys, found by listing this folder."""
