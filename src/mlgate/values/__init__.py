"""Plain values that pass between the stages. They do not depend on where they come from."""
