"""Unit tests of policies: from a file with tests to what became of each."""
