"""Parameters."""
import os

SEED: int = 7
RATE = 1e-3
NEG = -2
NAMES = ["a", "b"]
SHAPE = (2, 3)
MAP = {"x": 1, "y": None}
HOME = os.getcwd()


class Train:
    EPOCHS = 70
    USE = False

    def __init__(self):
        self.layers = 5
        self.name = f"{self.layers}"
        hidden = 3
