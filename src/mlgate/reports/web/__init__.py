"""The page for a browser: its template, its style sheet and its drawings. Nothing on it needs a script."""
