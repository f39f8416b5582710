"""So many questions to a model: through swarm's seam, or to litellm as it is. Prints the CPU time of each."""

import asyncio
import sys
import time
from typing import Any

from swarm.agents.model import Model, load

MESSAGES = [{"role": "system", "content": "You fix bugs."}, {"role": "user", "content": "Fix it. " * 200}]
RUN = {"type": "object", "properties": {"command": {"type": "string"}}, "required": ["command"]}
TOOLS = [{"type": "function", "function": {"name": "run", "description": "Run a script.", "parameters": RUN}}]
NAME, KEY = "openai/gpt-4o", "k"


async def bare(base: str) -> None:
    """Ask litellm, and listen to the end."""
    stream: Any = await load().acompletion(
        model=NAME, messages=MESSAGES, tools=TOOLS, stream=True, stream_options={"include_usage": True},
        api_base=base, api_key=KEY, max_tokens=4096, num_retries=0, max_retries=0,
    )  # fmt: skip
    async for _ in stream:
        pass


async def seam(base: str) -> None:
    """Ask as agents do."""
    reply = await Model(name=NAME, key=KEY, base=base).ask(MESSAGES, TOOLS, tell=lambda _: None)
    assert reply.calls


async def main(base: str, rounds: int, each: int) -> None:
    """Take turns, so that whatever else the machine does falls on both alike."""
    spent = {bare: 0.0, seam: 0.0}
    for number in range(rounds + 1):
        for ask in (bare, seam):
            before = time.process_time()
            for _ in range(each):
                await ask(base)
            spent[ask] += (time.process_time() - before) if number else 0.0  # the first round makes clients and caches
    print(spent[bare] / rounds / each, spent[seam] / rounds / each)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
