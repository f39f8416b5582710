"""The screen in a browser: served to this machine only, and only to whoever has the address with its secret."""

import asyncio
import hmac
import html
import shlex
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from string import Template

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from textual_serve.server import Server

HOME = "127.0.0.1"
NAMES = frozenset({HOME, "localhost"})
"""How a browser calls this machine. Any other name is a stranger's that was made to point here (DNS rebinding)."""
PATIENCE = 3.0
"""Seconds that open screens get to leave when the server ends."""
LAST = 0.3
ABSENT = "There is nothing here without the whole address that swarm printed."


@dataclass(frozen=True)
class Doorkeeper:
    """Lets in who has the secret, and nobody whom another page sent."""

    secret: str

    def admits(self, request: web.Request) -> bool:
        """Whether this request may be answered at all."""
        return self._knows(request) and request.host.partition(":")[0] in NAMES and self._comes_from_here(request)

    def _knows(self, request: web.Request) -> bool:
        given = request.path.split("/")[1]
        return hmac.compare_digest(given.encode(), self.secret.encode())

    def _comes_from_here(self, request: web.Request) -> bool:
        """A browser names the page that opens a socket, and cannot be made to lie; a page that is only looked at names none."""
        origin = request.headers.get("Origin")
        asks_for_socket = "Upgrade" in request.headers
        return origin == f"http://{request.host}" or (origin is None and not asks_for_socket)

    @property
    def middleware(self) -> Middleware:
        """What stands before every answer."""

        @web.middleware
        async def stand(request: web.Request, handler: Handler) -> web.StreamResponse:
            if not self.admits(request):
                raise web.HTTPForbidden(text=ABSENT)
            return await handler(request)

        return stand


@dataclass(frozen=True)
class Page:
    """The page that holds the screen."""

    title: str
    secret: str

    async def shown(self, request: web.Request) -> web.Response:
        """The page. Nothing of it comes from elsewhere, and it sends nothing elsewhere: not even its address, by a link."""
        filled = Template(_file("page.html")).substitute(title=html.escape(self.title), host=request.host, secret=self.secret)
        here = f"'self' ws://{request.host}"
        rules = (
            f"default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; img-src data:; "
            f"connect-src {here}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        headers = {"Content-Security-Policy": rules, "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}
        return web.Response(text=filled, content_type="text/html", headers=headers)

    async def script(self, _: web.Request) -> web.Response:
        """What the page does by itself."""
        return web.Response(text=_file("page.js"), content_type="text/javascript")


def _file(name: str) -> str:
    return resources.files("tui").joinpath(name).read_text(encoding="utf-8")


async def _hear_them_leave(_: web.Application) -> None:
    """Screens that were told to leave are gone a moment later; a loop that is closed before would complain of each of them."""
    await asyncio.sleep(LAST)


def application(command: Sequence[str], title: str, secret: str) -> web.Application:
    """The site: a page, what it is made of, and a socket behind which a screen of its own is started for each visitor."""
    # The shell that textual-serve starts makes room for the screen, which therefore knows who opened it.
    server = Server(f"exec env PYTHONUTF8=1 {shlex.join(command)}", host=HOME, title=title)
    site = web.Application(middlewares=[Doorkeeper(secret).middleware])
    page = Page(title, secret)
    site.on_cleanup.append(_hear_them_leave)
    site.add_routes(
        [
            web.get(f"/{secret}/", page.shown),
            web.get(f"/{secret}/page.js", page.script),
            web.get(f"/{secret}/ws", server.handle_websocket),
            web.static(f"/{secret}/static", server.statics_path),
        ]
    )
    return site


def listening(port: int) -> socket.socket:
    """A socket on this machine alone; port 0 is any that is free."""
    return socket.create_server((HOME, port))


def serve(command: Sequence[str], title: str, secret: str, door: socket.socket) -> None:
    """Serve the screen until the person ends it with Ctrl-C."""
    site = application(command, title, secret)
    web.run_app(site, sock=door, print=None, access_log=None, shutdown_timeout=PATIENCE)
