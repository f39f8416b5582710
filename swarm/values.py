"""The values of the sandboxes, under the name by which the screen may have them as well."""

from sandboxes.values import Value

__all__ = ["Value"]
