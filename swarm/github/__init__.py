"""Issues from GitHub, and pull requests to it: values that nobody can change, and tokens that go to their own host only."""
