"""The search that needs no model: suspicious places, edits, trials."""
