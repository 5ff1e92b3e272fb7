"""How files are read: strictly, and with the place of everything in them."""
