"""The language of conditions about the rows of a table, such as `if status = "paid" then paid_on is not missing`."""
