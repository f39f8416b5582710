"""From where packages come: what of the user's own surroundings an installer has to know, and nothing that is secret."""

import re
from collections.abc import Mapping
from pathlib import Path

from sandboxes.profile import SETTINGS, SYSTEM
from sandboxes.values import Value

INDEXES = (
    "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_TRUSTED_HOST",
    "UV_DEFAULT_INDEX", "UV_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_INSECURE_HOST", "UV_INDEX_STRATEGY",
    "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy",
)  # fmt: skip
CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "PIP_CERT", "REQUESTS_CA_BUNDLE")
SECRET = re.compile(r"//[^/@\s]*@")


class Registry(Value):
    """What an installer is told about where packages are."""

    variables: Mapping[str, str]
    withheld: tuple[str, ...] = ()
    """Names of variables that carry a user name or password: code of strangers runs while packages are built."""


def registry(environ: Mapping[str, str]) -> Registry:
    """Pick what an installer has to know."""
    given = {name: environ[name] for name in INDEXES if environ.get(name)}
    withheld = tuple(name for name, value in given.items() if SECRET.search(value))
    shown = {name: value for name, value in given.items() if name not in withheld}
    for name in CERTIFICATES:
        if environ.get(name) and _visible(Path(environ[name])):
            shown[name] = environ[name]
    if "PIP_INDEX_URL" in shown and not {"UV_DEFAULT_INDEX", "UV_INDEX_URL"} & shown.keys():
        shown["UV_DEFAULT_INDEX"] = shown["PIP_INDEX_URL"]
    return Registry(shown, withheld)


def _visible(file: Path) -> bool:
    """Whether a sandbox shows this file: only certificates of the whole machine."""
    return file.is_absolute() and any(file.is_relative_to(place) for place in (*SYSTEM, *SETTINGS))
