"""The back office of a small bookshop."""
