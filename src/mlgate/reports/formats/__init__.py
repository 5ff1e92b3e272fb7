"""The reports that ship with mlgate: one file each, by its name."""
