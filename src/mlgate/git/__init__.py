"""Reads git repositories through plumbing commands that run no hook, filter or helper of the repository."""
