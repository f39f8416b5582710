"""The work: an issue becomes tasks, workers do them, evidence decides."""

__version__ = "0.1.0"
