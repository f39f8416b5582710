"""Understanding source: where a failure comes from."""
