"""What swarm was told: defaults, files, environment, flags, and where each value comes from."""

from swarm.settings.values import Settings

__all__ = ["Settings"]
