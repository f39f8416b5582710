"""The variables by which a shell says in which environment somebody works."""

ACTIVE = ("VIRTUAL_ENV", "CONDA_PREFIX")
