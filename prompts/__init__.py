"""What agents are told: one Markdown file per utterance, rendered strictly."""

from functools import cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template


def render(name: str, **values: object) -> str:
    """The utterance of this name with these values; a value that it needs and does not get is an error."""
    return _template(name).render(values).strip()


@cache
def _template(name: str) -> Template:
    text = files(__name__).joinpath(f"{name}.md").read_text(encoding="utf-8")
    # What is rendered is Markdown for an agent, not HTML for a browser: escaping would damage the code in it.
    return Environment(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True).from_string(text)  # noqa: S701
