"""Swarm as a tool of other agents, over the Model Context Protocol. They can begin, follow and judge; they can merge nothing."""
