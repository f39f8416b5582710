"""The plain screen: one line per event, for pipes, for CI and for people who listen."""

from swarm import events as e


def line(since_start: float, event: e.Event) -> str:
    """An event as a line that stays true when the next one comes."""
    return f"{since_start:7.1f}s  {sentence(event)}"


def sentence(event: e.Event) -> str:
    """An event in a sentence."""
    for told in (_of_run, _of_task, _of_finding, _of_candidate, _of_worker, _of_budget, _of_person, _of_delivery):
        if words := told(event):
            return words
    raise AssertionError(f"{type(event).__name__} has no sentence yet: give it one here")


def _of_run(event: e.Event) -> str:
    match event:
        case e.RunStarted(title, source, base, sandbox, workers, dirty):
            note = "; uncommitted changes are left alone and are not part of it" if dirty else ""
            loud = " (NO SANDBOX: commands run as you)" if sandbox == "none" else ""
            return (
                f"run starts from commit {base[:12]}{note}; {workers} workers, sandbox {sandbox}{loud}; issue ({source}): {title}"
            )
        case e.IssueRead(source, pull, closed, comments, left_out, removed, logs):
            kind = f"{'pull request' if pull else 'issue'}{', which is closed,' if closed else ''}"
            parts = [f"{_count(comments, 'comment')} of reporter and maintainers"] if comments else []
            parts += [f"the log of {', '.join(logs)}"] if logs else []
            out = [f"{_count(left_out, 'comment')} of others"] if left_out else []
            return (
                f"{kind} read from {source}"
                + (f", with {' and '.join(parts)}" if parts else "")
                + (f"; left out: {', '.join((*out, *removed))}" if out or removed else "")
            )
        case e.PatchWanted():
            return "the fix stays a patch on what is staged; nothing is applied"
        case e.RunPaused():
            return "run paused"
        case e.RunResumed():
            return "run resumed"
        case e.StageEntered(stage, detail):
            return f"stage {stage}" + (f": {detail}" if detail else "")
        case e.BaselineMeasured(_, passing, failing, varying, seconds):
            names = f" ({_few(failing)})" if failing else ""
            vary = f", {len(varying)} vary ({_few(varying)})" if varying else ""
            return f"baseline: {passing} tests pass, {len(failing)} fail{names}{vary}, in {seconds:.1f} s"
        case e.ReproductionGiven(tests, file):
            return f"the bug shows in what was given: {', '.join((*tests, *filter(None, (file,))))}"
        case e.ReproductionsChosen(tests, why, known):
            others = f"; known to fail, and left alone: {_few(known)}" if known else ""
            return f"the bug shows in {_few(tests)}: {why}{others}"
        case e.RunEnded(outcome, _, words, _):
            return f"run ended: {outcome}. {words}"
    return ""


def _of_task(event: e.Event) -> str:
    match event:
        case e.TaskAdded(task, kind, goal, needs):
            after = f" (after {', '.join(f't{need}' for need in needs)})" if needs else ""
            return f"task t{task} {kind} added{after}: {goal}"
        case e.NeedAdded(task, need):
            return f"task t{task} waits for t{need} now"
        case e.TaskClaimed(task, worker):
            return f"task t{task} claimed by {worker}"
        case e.TaskFinished(task, worker, result):
            return f"task t{task} done by {worker}: {result}"
        case e.TaskGivenBack(task, worker, reason):
            return f"task t{task} given back by {worker}: {reason}"
        case e.TaskPutDown(task, worker):
            return f"task t{task} put down by {worker}"
        case e.TaskExpired(task, worker):
            return f"task t{task} is free again: no sign of {worker}"
        case e.TaskDied(task, reasons):
            return f"task t{task} is dead: {'; '.join(reasons)}"
        case e.TaskSplit(task, worker, parts):
            return f"task t{task} split by {worker} into {', '.join(f't{part}' for part in parts)}"
        case e.TaskCancelled(task, reason):
            return f"task t{task} cancelled: {reason}"
        case e.TaskRetried(task):
            return f"task t{task} is offered again"
    return ""


def _of_finding(event: e.Event) -> str:
    match event:
        case e.FindingProposed(finding, kind, gist, author):
            return f"finding f{finding} proposed by {author}: {kind}: {gist}"
        case e.FindingWitnessed(finding, author):
            return f"finding f{finding} found by {author} as well"
        case e.FindingClaimed(finding, author):
            return f"finding f{finding} rests on what {author} named to be run"
        case e.FindingDoubted(finding, author, task, why):
            return f"finding f{finding} doubted by {author} for t{task}, so its evidence is run again: {why}"
        case e.FindingVerified(finding, reason):
            return f"finding f{finding} verified: {reason}"
        case e.FindingRejected(finding, reason):
            return f"finding f{finding} rejected: {reason}"
        case e.FindingRefuted(finding, reason):
            return f"finding f{finding} refuted: {reason}"
        case e.FindingSuperseded(finding, by):
            return f"finding f{finding} superseded by f{by}"
        case e.FindingReopened(finding, because):
            return f"finding f{finding} has to be verified again: f{because} was refuted"
    return ""


def _of_candidate(event: e.Event) -> str:
    match event:
        case e.CandidateSubmitted(candidate, task, author, _, summary, added, removed):
            return f"candidate c{candidate} submitted by {author} for t{task}: {summary} (+{added} -{removed})"
        case e.CandidateJudged(candidate, verdict, rule, reason, _, passed, failed, seconds):
            counts = f" [{passed} passed, {failed} failed, {seconds:.1f} s]" if passed or failed else ""
            return f"candidate c{candidate} {verdict} by {rule}: {reason}{counts}"
        case e.CandidateReopened(candidate, because):
            return f"candidate c{candidate} has to be judged again: f{because} was refuted"
        case e.CandidateChosen(candidate, reason):
            return f"candidate c{candidate} chosen: {reason}"
        case e.SecondReproductionHeld(task, author, name, _, tests):
            return f"second reproduction {name} by {author} for t{task} fails on base as it should: {_few(tests)}"
        case e.SecondReproductionWithdrawn(task, author, _, reason):
            return f"second reproduction withdrawn by {author} for t{task}: {reason}"
        case e.OpinionGiven(task, author, candidate, reason):
            return f"candidate c{candidate} is what {author} likes best (t{task}): {reason}"
        case e.AttemptsCompared(tasks, commands, looked, edits, candidates, patches):
            tried = f"the attempts {', '.join(f't{task}' for task in tasks)} differ by" if len(tasks) > 1 else ""
            parts = [f"{tried} {commands:.0%} of commands, {looked:.0%} of places, {edits:.0%} of edits"] if tried else []
            parts += [f"{candidates} candidates differ by {patches:.0%}"] if candidates > 1 else []
            return "; ".join(parts) or "nothing is there to compare"
    return ""


def _of_worker(event: e.Event) -> str:
    match event:
        case e.WorkerStarted(worker, kinds):
            return f"worker {worker} looks for {', '.join(kinds)}"
        case e.AgentBegan(worker, task, agent, model):
            return f"worker {worker} t{task}: {agent} begins" + (f" with {model}" if model else "")
        case e.WorkerActed(worker, task, action):
            return f"worker {worker} t{task}: {action}"
        case e.CommandRan(worker, task, argv, ending, code, seconds):
            return f"worker {worker} t{task} ran {' '.join(argv)[:120]}: {ending}, code {code}, {seconds:.1f} s"
        case e.BriefingWritten():
            return "what all agents are told first is written down"
        case e.Conversed(worker, task, messages, _, _, anew):
            return f"worker {worker} t{task} {'began its conversation anew' if anew else 'conversed'}: {len(messages)} characters"
        case e.WorkerStopped(worker, reason):
            return f"worker {worker} stopped: {reason}"
    return ""


def _of_budget(event: e.Event) -> str:
    match event:
        case e.CapSet(scope, money, tokens):
            caps = [f"{dollars(money)}"] if money is not None else []
            caps += [f"{tokens} tokens"] if tokens is not None else []
            return f"cap for {scope}: {' and '.join(caps) or 'none'}"
        case e.BudgetReserved(_, agent, money, tokens):
            return f"budget: {dollars(money)} and {tokens} tokens reserved for {agent}"
        case e.BudgetSettled(_, agent, money, tokens):
            return f"budget: {dollars(money)} and {tokens} tokens spent by {agent}"
        case e.BudgetReleased(_, agent):
            return f"budget: a reservation of {agent} released"
    return ""


def _of_person(event: e.Event) -> str:
    match event:
        case e.RequestMade(request, kind, target, text):
            return f"request {request}: {' '.join(filter(None, (kind, target, text)))}"
        case e.RequestAnswered(request, answer):
            return f"request {request} answered: {answer}"
    return ""


def _of_delivery(event: e.Event) -> str:
    match event:
        case e.BranchCreated(branch, commit):
            return f"branch {branch} created at {commit[:12]}"
        case e.LandingBegun(branch, before, after):
            return f"branch {branch} is about to go from {before[:12]} to {after[:12]}"
        case e.LandingDropped(branch, reason):
            return f"branch {branch} stays where it was: {reason}"
        case e.BranchMerged(branch, before, after, reason):
            return f"merged into {branch}, which went from {before[:12]} to {after[:12]}" + (f": {reason}" if reason else "")
        case e.MergeUndone(branch, before, after):
            return f"merge undone: {branch} went back from {before[:12]} to {after[:12]}"
        case e.BranchDeleted(branch, commit):
            return f"branch {branch} deleted; it was at {commit[:12]}"
        case e.BranchPushed(branch, commit, place):
            return f"branch {branch} pushed to {place} at {commit[:12]}"
        case e.PullRequestOpened(address, into):
            return f"draft pull request into {into} opened: {address}"
        case e.PullRequestRewritten(address):
            return f"pull request brought up to date: {address}"
        case e.IssueCommented(source):
            return f"comment written on {source}"
    return ""


def dollars(money: int) -> str:
    """Money as people write it."""
    return f"${money / 1_000_000:.2f}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _few(tests: tuple[str, ...], most: int = 3) -> str:
    return ", ".join(tests[:most]) + (f" and {len(tests) - most} more" if len(tests) > most else "")
