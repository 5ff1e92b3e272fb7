"""Checks about responsibility for a model: who answers for it, what is written about it, what its use allows."""
