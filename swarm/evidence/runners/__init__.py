"""The ways of running tests that swarm knows, one file each."""
