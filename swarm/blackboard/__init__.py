"""What the workers share: tasks, findings, candidates, budget, requests and the journal of it all."""
