"""The fast way to try edits: from outside, the side that asks. What it asks is in `swarm.repair.inside`."""
