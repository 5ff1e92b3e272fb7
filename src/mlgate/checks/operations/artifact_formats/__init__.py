"""The formats of a model's files, each recognised by its content: one file per format or kind of formats."""
