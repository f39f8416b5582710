"""The screen in a browser: the real command, the real page, a real browser, and strangers who try to get in."""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import httpx
import pytest
from browser import browser_tab
from made_up_run import MadeUpRun
from processes import called_with


@dataclass(frozen=True)
class Site:
    address: str
    run: MadeUpRun
    process: "subprocess.Popen[str]"

    @property
    def origin(self) -> str:
        parts = urlsplit(self.address)
        return f"{parts.scheme}://{parts.netloc}"

    def empties(self) -> bool:
        """Whether they are all gone soon."""
        deadline = time.monotonic() + 30
        while self.screens() and time.monotonic() < deadline:
            time.sleep(0.1)
        return not self.screens()

    def screens(self) -> list[int]:
        """The processes that show the run to a browser."""
        return called_with("--opened-by", str(self.process.pid))


@pytest.fixture
def site(make_repository) -> Iterator[Site]:
    run = MadeUpRun(make_repository({"a.py": "x = 1\n"}))
    run.act(50)
    command = [sys.executable, "-m", "swarm", "watch", "--web"]
    with subprocess.Popen(command, cwd=run.folder, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield Site(process.stdout.readline().strip(), run, process)
        process.terminate()


def status(site: Site, path: str = "", **headers: str) -> int:
    return httpx.get(site.address + path, headers=headers).status_code


async def knock(address: str, **headers: str) -> int:
    """The status with which a socket is refused; 101: it was opened."""
    async with aiohttp.ClientSession() as client:
        try:
            async with client.ws_connect(address.replace("http", "ws") + "ws", headers=headers):
                return 101
        except aiohttp.WSServerHandshakeError as refused:
            return refused.status


def test_it_is_there_for_this_machine_alone_and_for_nobody_without_the_secret_or_from_another_page(site: Site, swarm) -> None:
    port = urlsplit(site.origin).port
    lines = [line.split() for place in ("tcp", "tcp6") for line in Path(f"/proc/net/{place}").read_text().splitlines()[1:]]
    listening = [place for _, place, _, state, *_ in lines if state == "0A"]
    assert {place for place in listening if place.endswith(f":{port:04X}")} == {f"0100007F:{port:04X}"}
    taken = swarm("watch", "--web", "--port", str(port), cwd=site.run.folder)
    assert (taken.code, "cannot be had" in taken.err) == (2, True)
    wrong = f"{site.origin}/{'x' * 32}/"

    assert status(site) == status(site, "static/js/textual.js") == 200
    assert status(site, Host=f"localhost:{port}") == 200
    assert httpx.get(f"{site.origin}/").status_code == 403
    assert httpx.get(wrong).status_code == httpx.get(f"{wrong}static/js/textual.js").status_code == 403
    assert status(site, Host=f"stranger.example:{port}") == status(site, Origin="http://stranger.example") == 403
    own = {"Origin": site.origin}
    for address, headers in (
        (wrong, own),
        (f"{site.origin}/", own),
        (site.address, {}),
        (site.address, {"Origin": "http://stranger.example"}),
        (site.address, {"Origin": "null"}),
        (site.address, {"Host": f"stranger.example:{port}", "Origin": f"http://stranger.example:{port}"}),
    ):
        assert asyncio.run(knock(address, **headers)) == 403
    assert site.screens() == []


def test_a_browser_shows_the_screen_and_leaving_it_leaves_the_run(site: Site, tmp_path: Path) -> None:
    async def look() -> tuple[list[str], list[str], bytes]:
        async with browser_tab() as tab:
            await tab.open(site.address)
            await tab.until_received(b"looks at line 49 of")
            await tab.until("document.body.classList.contains('-first-byte')")
            await tab.until("document.activeElement.className == 'xterm-helper-textarea'")
            picture = await tab.picture()
            tab.received = b""
            await tab.press("?")
            await tab.until_received(b"Leave the screen")
            complaints = list(tab.complaints)  # the library's own script goes on to write into its closed socket for a while
            await tab.press("q")
            await tab.press("q")
            await tab.until("document.body.classList.contains('-closed')")
            return tab.asked, complaints, picture

    asked, complaints, picture = asyncio.run(look())

    (tmp_path / "screen.png").write_bytes(picture)
    assert complaints == []
    assert {urlsplit(address).netloc for address in asked if not address.startswith("data:")} == {urlsplit(site.origin).netloc}
    assert site.empties()
    assert site.run.store.run(site.run.name).ended is None


def test_screens_end_with_the_server_that_opened_them(site: Site) -> None:
    async def look() -> None:
        async with aiohttp.ClientSession() as client:
            headers = {"Origin": site.origin}
            async with client.ws_connect(site.address.replace("http", "ws") + "ws", headers=headers) as socket:
                while b"Search for" not in (await socket.receive()).data:
                    pass
                assert len(site.screens()) == 1
                site.process.send_signal(signal.SIGKILL)
                site.process.wait()
                assert await asyncio.to_thread(site.empties)

    asyncio.run(look())
