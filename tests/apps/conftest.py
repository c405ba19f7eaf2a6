"""Browsers, films for their cameras, and applications in processes of their own."""

import os
from pathlib import Path

import pytest

from tests.apps import browsing


@pytest.fixture(scope="session")
def open_browser(tmp_path_factory):
    """A function that opens a headless Chromium; its arguments are those of ``browsing.open_chromium``."""
    if not browsing.programs():
        if os.environ.get("CI") == "true":
            pytest.fail(browsing.MISSING)
        pytest.skip(browsing.MISSING)
    opened = []

    def start(film: Path | None = None, camera: str = "allowed", size: tuple[int, int] = (1400, 1000)):
        opened.append(browsing.open_chromium(tmp_path_factory.mktemp("downloads"), film, camera, size))
        return opened[-1]

    yield start
    for browser in opened:
        browser.quit()


@pytest.fixture(scope="session")
def film(tmp_path_factory):
    """A function that writes a film for a camera; its arguments are those of ``browsing.write_film``."""
    folder = tmp_path_factory.mktemp("films")
    return lambda *parts, **chosen: browsing.write_film(
        folder / f"{len(list(folder.iterdir()))}.y4m", *parts, **chosen
    )


@pytest.fixture(scope="module")
def serve(tmp_path_factory):
    """A function that starts an application; its arguments are those of ``browsing.Server``."""
    servers = []

    def start(module: str, *arguments: str) -> browsing.Server:
        servers.append(browsing.Server(tmp_path_factory.mktemp("serve"), module, *arguments))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()
