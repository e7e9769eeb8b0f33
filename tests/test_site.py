"""The built site searches, and asks no other host than the one that serves it."""

import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from page_reader import CHROMIUM_ARGUMENTS

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.browser


class Silent(SimpleHTTPRequestHandler):
    def log_message(self, *_words: object) -> None:
        """Say nothing of requests."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    pytest.importorskip("zensical")
    place = tmp_path_factory.mktemp("site")
    shutil.copy(ROOT / "zensical.toml", place)
    shutil.copytree(ROOT / "docs", place / "docs")
    command = [sys.executable, "-m", "zensical", "build", "--clean", "--strict"]
    subprocess.run(command, cwd=place, check=True, capture_output=True)  # noqa: S603 our own words
    handler = partial(Silent, directory=str(place / "site"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_the_site_searches_without_another_host(address: str) -> None:
    # In a thread of its own: another test of this process may have left a loop running.
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(_search, address).result()
    assert [url for url in asked if not url.startswith(address)] == []


def _search(address: str) -> list[str]:
    """Search the site in a browser; addresses that were asked for."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    playwright = pytest.importorskip("playwright.sync_api")
    if chromium is None:
        pytest.skip("There is no Chromium to open the site with.")
    asked: list[str] = []
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)
        page = browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.goto(address)
        page.locator(".md-search__button").first.click()
        page.keyboard.type("bogie exchange")
        page.locator("a", has_text="Nomenclature").filter(has_text="bogie").first.wait_for()
        browser.close()
    return asked
