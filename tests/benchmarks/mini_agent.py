"""The other side of the comparison: one mini-swe-agent, run by the Python that has it."""

import sys

from minisweagent.agents.default import DefaultAgent
from minisweagent.environments.local import LocalEnvironment
from minisweagent.models.litellm_model import LitellmModel

base_url, folder, number = sys.argv[1:4]
model = LitellmModel(model_name="openai/gpt-4o", model_kwargs={"api_base": base_url, "api_key": "k"})
agent = DefaultAgent(
    model, LocalEnvironment(cwd=folder), system_template="You fix bugs.", instance_template="{{task}}", cost_limit=1000.0
)
agent.run(f"agent-{number};")
