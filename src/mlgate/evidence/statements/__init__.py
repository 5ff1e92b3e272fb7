"""The statements that answer needs: one file a need."""
