"""What packages are called, and groups of them."""


def canonical(name: str) -> str:
    """The one name for all the ways in which it may be written."""
    from packaging.utils import canonicalize_name  # noqa: PLC0415 - most runs inherit an environment and need no name

    return canonicalize_name(name)
