"""Who works: an agent per kind of task."""
