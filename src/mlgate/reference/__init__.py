"""The manual pages and the JSON Schemas, made from the declarations."""
