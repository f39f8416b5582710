"""What counts as true: test results, baselines, patches, verdicts."""
