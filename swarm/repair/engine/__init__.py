"""The fast way to try edits: from outside, the side that asks. What it asks is in `swarm.repair.inside`.

A survey first, a ranking of suspicious lines from it, then trials by the thousand, all in one open room:

    seen = survey(room, environment, tests, failing)
    suspects = localise(seen, failing, passing, sources, issue).suspects()
    for trial in Engine(room, environment, sources, seen, failing, passing).tries(edits, seconds=60, enough=20):
        ...

A trial is a hint for the search. What is true, the judge says.
"""
