"""Small general edits, a file for each kind; `catalogue` knows them all."""
