"""One file per format in which a history is shown or exported."""
