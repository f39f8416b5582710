"""What swarm finds on this machine and in this repository, what of it is wrong, and what to do about it."""
