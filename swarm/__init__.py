"""The work: an issue becomes tasks, workers do them, evidence decides."""
