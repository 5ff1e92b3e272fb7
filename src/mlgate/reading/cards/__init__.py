"""Model cards: what is written about a model, in Markdown or JSON."""
