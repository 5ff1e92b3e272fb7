"""Reads files strictly, and keeps the line and column of everything in them."""
