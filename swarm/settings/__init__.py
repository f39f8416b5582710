"""What swarm was told: defaults, files, environment, flags, and where each value comes from."""
