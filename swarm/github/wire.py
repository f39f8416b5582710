"""The one place that knows githubkit: calls to a server become answers, and every refusal an error that says what to do."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from swarm import __version__
from swarm.github.faults import Missing, OverLimit, ServerDown, ServerTrouble, StrangeAnswer, TokenRefused
from swarm.github.site import Site
from swarm.github.tokens import Token

if TYPE_CHECKING:
    # Loading it takes a second, which nobody should wait for who does not ask a server.
    from githubkit import GitHub, Response
    from githubkit.exception import GitHubException, RequestFailed
    from githubkit.retry import RetryOption

Object = Mapping[str, Any]

PATIENCE = 60.0
"""Seconds that are waited for a limit to pass; after a longer wait a person decides."""
AT_ONCE = timedelta(milliseconds=1)
"""Of a wait of no time at all githubkit makes a minute."""
TIMEOUT = 30.0
PAGES = 10
"""Pages of a list that are read, of a hundred each."""
KEPT = 4_000_000
"""Bytes of a long answer that are kept, from its end."""
READ = 100_000_000
"""Bytes of a long answer after which the rest is not waited for."""
TOKENS = "Set GH_TOKEN, or `gh auth login`."
RIGHTS = "It needs the right to read issues, and to write contents and pull requests."


@dataclass(frozen=True)
class Wire:
    """A server that is called with one token, or with none."""

    site: Site
    token: Token
    tell: Callable[[str], None]

    def read(self, path: str, **params: str) -> Object:
        """An object."""
        return self._object(self._call("GET", path, params=params))

    def write(self, method: str, path: str, wanted: Object) -> Object:
        """Make or change an object."""
        try:
            return self._object(self._call(method, path, json=wanted))
        except Missing as missing:
            reason = f"it may not write there ({missing})"
            raise TokenRefused(host=self.site.host, token=self.token, reason=reason, remedy=RIGHTS) from missing

    def pages(self, path: str, **params: str) -> Iterator[Object]:
        """A list from its first page to its last."""
        answer = self._call("GET", path, params={**params, "per_page": "100"})
        for _ in range(PAGES):
            yield from self._objects(answer)
            following = answer.raw_response.links.get("next", {}).get("url")
            if following is None:
                return
            # The token is sent along with every page, so a page of another server is none.
            if not following.startswith(f"{self.site.api}/"):
                raise self.strange("the next page is on another server")
            answer = self._call("GET", following)
        self.tell(f"{self.site.host} has more than {PAGES * 100} entries there; the rest was not read")

    def tail(self, path: str) -> bytes:
        """The end of a long answer. The server may send us elsewhere for it, where the token does not go along."""
        import httpx  # noqa: PLC0415 - as above
        from githubkit.exception import GitHubException  # noqa: PLC0415 - as above

        kept, seen = b"", 0
        try:
            with self._opened() as opened:
                for chunk in opened.request("GET", path, stream=True).raw_response.iter_bytes():
                    kept, seen = (kept + chunk)[-KEPT:], seen + len(chunk)
                    if seen > READ:
                        break
        except GitHubException as error:
            raise self._trouble(error) from error
        except httpx.HTTPError as error:
            raise ServerDown(host=self.site.host, reason=f"{type(error).__name__}: {error}") from error
        return kept

    def _call(self, method: str, path: str, *, params: Mapping[str, str] | None = None, json: Any = None) -> "Response[Any]":
        from githubkit.exception import GitHubException  # noqa: PLC0415 - as above

        try:
            with self._opened() as opened:
                answer: Response[Any] = opened.request(method, path, params=dict(params or {}) or None, json=json)
        except GitHubException as error:
            raise self._trouble(error) from error
        if _origin(str(answer.raw_response.url)) != _origin(self.site.api):
            raise self.strange("another server answered")
        return answer

    def _opened(self) -> "GitHub[Any]":
        from githubkit import GitHub  # noqa: PLC0415 - as above

        return GitHub(
            self.token.value or None,
            base_url=self.site.api,
            user_agent=f"swarm/{__version__}",
            timeout=TIMEOUT,
            http_cache=False,
            auto_retry=self._again,
        )

    def _again(self, error: "GitHubException", tries: int) -> "RetryOption":
        """Whether to ask once more, and when."""
        from githubkit.exception import RateLimitExceeded, RequestFailed  # noqa: PLC0415 - as above
        from githubkit.retry import RetryOption  # noqa: PLC0415 - as above

        if isinstance(error, RateLimitExceeded) and tries < 2 and error.retry_after.total_seconds() <= PATIENCE:
            self.tell(f"{self.site.host} asks for {error.retry_after.total_seconds():.0f} s of patience")
            return RetryOption(do_retry=True, retry_after=max(error.retry_after, AT_ONCE))
        # What was written may be there although the answer says no, so only reading is tried again.
        broken = isinstance(error, RequestFailed) and error.response.status_code >= 500 and error.request.method == "GET"
        return RetryOption(do_retry=broken and tries < 2, retry_after=timedelta(seconds=0.2 * 4**tries))

    def _trouble(self, error: "GitHubException") -> Exception:
        from githubkit.exception import RateLimitExceeded, RequestError, RequestFailed  # noqa: PLC0415 - as above

        if isinstance(error, RateLimitExceeded):
            return self._over(error.retry_after)
        if isinstance(error, RequestFailed):
            return self._refusal(error)
        reason = error.exc if isinstance(error, RequestError) else error
        return ServerDown(host=self.site.host, reason=f"{type(reason).__name__}: {reason}")

    def _over(self, wait: timedelta) -> OverLimit:
        begins = datetime.now(UTC) + wait
        remedy = "Try again then." if self.token.value else f"{TOKENS} With a token there is room for more."
        when = f"at {begins.astimezone():%H:%M:%S}, in {wait.total_seconds():.0f} s"
        return OverLimit(host=self.site.host, reason=f"too many calls, {self.token} among them", when=when, remedy=remedy)

    def _refusal(self, error: "RequestFailed") -> Exception:
        status, said = error.response.status_code, _said(error)
        if status in (404, 410):
            return Missing(reason="gone" if status == 410 else "not found")
        if status == 429 or (status == 403 and "rate limit" in said.lower()):
            return self._over(timedelta(seconds=60))
        if status == 401:
            return TokenRefused(host=self.site.host, token=self.token, reason=said, remedy=TOKENS)
        if status == 403:
            sso = "x-github-sso" in error.response.headers
            remedy = "Authorize the token for the single sign-on of the organization." if sso else RIGHTS
            return TokenRefused(host=self.site.host, token=self.token, reason=said, remedy=remedy)
        if status >= 500:
            return ServerDown(host=self.site.host, reason=f"{status} {said}")
        return ServerTrouble(
            host=self.site.host, reason=f"{status} {said}", remedy="Mend what it complains about, then try again."
        )

    def strange(self, reason: str) -> StrangeAnswer:
        """The error for an answer that no server of this kind would give."""
        return StrangeAnswer(host=self.site.host, reason=reason)

    def _object(self, answer: "Response[Any]") -> Object:
        value = self._json(answer)
        if not isinstance(value, dict):
            raise self.strange("it is no object")
        return value

    def _objects(self, answer: "Response[Any]") -> list[Object]:
        value = self._json(answer)
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            raise self.strange("it is no list of objects")
        return value

    def _json(self, answer: "Response[Any]") -> Any:
        try:
            return answer.json()
        except ValueError as error:
            raise self.strange("it is no JSON") from error


def _origin(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return parts.scheme, parts.netloc


def _said(error: "RequestFailed") -> str:
    """What the server says of it, with the details that a 422 has."""
    try:
        value = error.response.json()
    except ValueError:
        return error.response.reason_phrase
    if not isinstance(value, dict):
        return error.response.reason_phrase
    details = [
        str(one.get("message") or one.get("code") or "") if isinstance(one, dict) else str(one)
        for one in value.get("errors") or ()
    ]
    return "; ".join(filter(None, (str(value.get("message") or ""), *details))) or error.response.reason_phrase
