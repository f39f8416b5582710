"""A made-up run of a mixed team, in which everything that the screen shows happens."""

import json
from typing import Any

from swarm import events as e

DIFF = """diff --git a/shop/prices.py b/shop/prices.py
index e6e401a..0f91b9a 100644
--- a/shop/prices.py
+++ b/shop/prices.py
@@ -4,7 +4,7 @@ FREE_SHIPPING = 50
 def shipping(total):
     \"\"\"Orders from FREE_SHIPPING on are sent for free.\"\"\"
     # the threshold itself counts
-    if total > FREE_SHIPPING:
+    if total >= FREE_SHIPPING:  # 50 is free
         return 0
     return 5
 
"""


def said(text: str = "", *calls: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    """A message of a model."""
    asked = [
        {"id": f"call-{n}", "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}
        for n, (name, arguments) in enumerate(calls)
    ]
    return {"role": "assistant", "content": text, "tool_calls": asked}


def answered(text: str) -> dict[str, Any]:
    """What came of a call."""
    return {"role": "tool", "tool_call_id": "call-0", "content": text}


def conversed(worker: str, task: int, *messages: dict[str, Any]) -> e.Conversed:
    """A conversation that became longer."""
    return e.Conversed(worker, task, json.dumps(messages))


WORDS = """## What I see

The threshold itself should be **free**, but `total > FREE_SHIPPING` leaves it out.

1. reproduce it with 50
2. change the comparison

```python
if total >= FREE_SHIPPING:
    return 0
```
"""


def beginning() -> tuple[e.Event, ...]:
    """Two models, a planner and a search at work."""
    return (
        e.RunStarted("Orders of exactly 50 pay shipping", "acme/shop#12", "d7324a72d33a4c76aea7965a7ab859165aac10fd", "docker", 3),
        e.CapSet("run", 1_000_000, None), e.StageEntered("baseline", "the tests are run on base"),
        e.BaselineMeasured(("python", "-m", "pytest"), 31, ("tests/test_prices.py::test_the_threshold_is_free",), (), 4.2),
        e.TaskAdded(1, "locate", "Find out which lines can be the cause of 1 failing test"), e.TaskAdded(2, "plan", "Divide the bug into tasks", (1,)),
        e.StageEntered("work", "3 workers"),
        e.WorkerStarted("w1", ("locate", "fix")), e.WorkerStarted("w2", ("plan", "code")), e.WorkerStarted("w3", ("code",)),
        e.TaskClaimed(1, "w1", 1), e.AgentBegan("w1", 1, "repairer"), e.WorkerActed("w1", 1, "runs the failing test with a tracer"),
        e.FindingProposed(1, "located", "The failure of 1 test comes from shop/prices.py:8", "repairer@w1", 1),
        e.FindingVerified(1, "`pytest` ended with code 1"), e.TaskFinished(1, "w1", "Ranked 26 suspicious places"),
        e.TaskClaimed(2, "w2", 1), e.AgentBegan("w2", 2, "planner", "openai/gpt-4o"), e.WorkerActed("w2", 2, "plans"),
        e.BudgetReserved(1, "planner", 40_000, 9000, "w2"), e.BudgetSettled(1, "planner", 12_300, 4100, "w2"),
        e.TaskAdded(3, "code", "Fix the comparison in shipping()", (2,)), e.TaskAdded(4, "code", "Write a reproduction from the issue", (2,)),
        e.TaskAdded(5, "fix", "Search for one small edit (comparison)", (1,)), e.TaskFinished(2, "w2", "Planned t3, t4."),
        e.TaskClaimed(3, "w2", 1), e.AgentBegan("w2", 3, "coder", "openai/gpt-4o"),
        e.TaskClaimed(4, "w3", 1), e.AgentBegan("w3", 4, "coder", "anthropic/claude-sonnet-4-5"),
        e.TaskClaimed(5, "w1", 1), e.AgentBegan("w1", 5, "repairer"), e.WorkerActed("w1", 5, "tries 6 comparison edits"),
        conversed("w2", 3, {"role": "user", "content": "Your task is t3: Fix the comparison in shipping()\nBegin with the code."}), e.WorkerActed("w2", 3, "reads its task"),
        e.BudgetReserved(2, "coder", 90_000, 20_000, "w2"),
        conversed("w2", 3, said(WORDS, ("read", {"path": "shop/prices.py"}))), e.WorkerActed("w2", 3, "read shop/prices.py"),
        e.BudgetSettled(2, "coder", 48_000, 11_000, "w2"),
        e.CommandRan("w2", 3, ("bash", "-c", "python -m pytest -x tests/test_prices.py"), "exited", 1, 1.4, "ab" * 32),
        conversed("w2", 3, answered("def shipping(total):\n    if total > FREE_SHIPPING:\n        return 0\n")), e.WorkerActed("w2", 3, "looks at what came of it"),
        e.BudgetReserved(3, "coder", 200_000, 30_000, "w3"), e.WorkerActed("w3", 4, "says: the issue names 50, so a test with exactly 50 is what shows it"),
        e.FindingProposed(2, "observed", "shipping(50) answers 5", "coder@w3", 4), e.FindingProposed(3, "located", "The tax table is wrong", "coder@w2", 3),
        e.FindingRejected(3, "the command ended with code 0"), e.FindingVerified(2, "`python -c` printed 5"), e.FindingWitnessed(2, "coder@w2"),
    )  # fmt: skip


def judging() -> tuple[e.Event, ...]:
    """Then two patches are handed in, and one is judged."""
    return (
        e.CandidateSubmitted(1, 3, "coder@w2", "0" * 40, "Make the threshold itself free", 1, 1),
        e.WorkerActed("w2", 3, "judging c1"),
        e.CandidateJudged(1, "verified", "red, green, nothing else broken", "the failing test passes and nothing else broke", "", 32, 0, 3.2),
        e.CandidateSubmitted(2, 5, "repairer@w1", "1" * 40, "comparison at shop/prices.py:8: > becomes >=", 1, 1),
        e.CandidateJudged(2, "rejected", "nothing else broken", "tests/test_prices.py::test_discount fails", "tests/test_prices.py::test_discount", 31, 1, 2.9),
    )  # fmt: skip


def ending() -> tuple[e.Event, ...]:
    """And it ends with a branch."""
    return (
        e.TaskFinished(3, "w2", "c1 is verified"), e.TaskCancelled(4, "c1 is verified"), e.TaskCancelled(5, "c1 is verified"),
        e.WorkerStopped("w1", "nothing is left to do"), e.WorkerStopped("w2", "nothing is left to do"), e.WorkerStopped("w3", "nothing is left to do"),
        e.StageEntered("choice"), e.CandidateChosen(1, "the only verified one"),
        e.BranchCreated("swarm/12-orders-of-exactly-50-pay-shipping", "4" * 40, "d" * 40),
        e.RunEnded("fixed", 0, "Make the threshold itself free", "swarm/12-orders-of-exactly-50-pay-shipping"),
    )  # fmt: skip
