"""The plain values that stages hand on: they know nothing of where they come from."""
