"""What lets a change slip past the gate: how a repository's CI runs it, one file per system in `systems/`."""
