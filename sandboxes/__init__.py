"""Where commands run: sandboxes, git worktrees, and the processes in them. Knows nobody else."""
