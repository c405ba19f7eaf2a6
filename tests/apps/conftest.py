"""A browser, a camera that shows drawn faces, and an application of ours in a process of its own."""

import os
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import cv2
import numpy as np
import pytest
from selenium import webdriver

from fer import synthetic

SECONDS = 90
"""How long the slowest step may take on a machine that has other work."""

FRAME_RATE = 30


@pytest.fixture(scope="session")
def open_browser(tmp_path_factory):
    """A function that opens a headless Chromium.

    Its camera shows ``video``, a y4m file, over and over; ``camera`` is "allowed", "denied" or "none". What
    is saved goes into ``driver.downloads``.
    """
    programs = [_chromium(), shutil.which("chromedriver")]
    if not all(programs):
        missing = "Chromium and chromedriver are not installed: apt install chromium chromium-driver"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    opened = []

    def start(video: Path | None = None, camera: str = "allowed", size: tuple[int, int] = (1400, 1000)):
        options = webdriver.ChromeOptions()
        options.binary_location = programs[0]
        # As root Chromium has no sandbox, and a container has little shared memory.
        arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-dev-shm-usage",
            f"--window-size={size[0]},{size[1]}",
        ]
        arguments.append(
            "--deny-permission-prompts" if camera == "denied" else "--use-fake-ui-for-media-stream"
        )
        if camera != "none":
            arguments.append("--use-fake-device-for-media-stream")
        if video is not None:
            arguments.append(f"--use-file-for-fake-video-capture={video}")
        for argument in arguments:
            options.add_argument(argument)
        downloads = tmp_path_factory.mktemp("downloads")
        options.add_experimental_option("prefs", {"download.default_directory": str(downloads)})
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(programs[1]))
        driver.set_script_timeout(SECONDS)
        driver.downloads = downloads
        opened.append(driver)
        return driver

    yield start
    for driver in opened:
        driver.quit()


@pytest.fixture(scope="session")
def film(tmp_path_factory):
    """A function that writes what a camera sees, and returns the path.

    ``film(("neutral", 0, 3), ("happy", 1, 3))`` is three seconds of an emotion of strength 0 and three of
    strength 1; the emotion None is an empty room.
    """
    folder = tmp_path_factory.mktemp("films")

    def write(*parts: tuple[str | None, float, float], **chosen) -> Path:
        path = folder / f"{len(list(folder.iterdir()))}.y4m"
        with path.open("wb") as file:
            file.write(f"YUV4MPEG2 W640 H480 F{FRAME_RATE}:1 Ip A1:1 C420jpeg\n".encode())
            for emotion, strength, seconds in parts:
                frame = cv2.cvtColor(_seen(emotion, strength, chosen), cv2.COLOR_RGB2YUV_I420).tobytes()
                file.write((b"FRAME\n" + frame) * round(FRAME_RATE * seconds))
        return path

    return write


@pytest.fixture(scope="module")
def serve(tmp_path_factory):
    """A function that starts ``python -m MODULE …`` in a process of its own and returns its address; the
    process is ``serve.process``, what it prints is in the file ``serve.log``."""
    processes = []

    def start(module: str, *arguments: str, **environment: str) -> str:
        serve_folder = tmp_path_factory.mktemp("serve")
        start.log = serve_folder / "log"
        variables = os.environ | {"TMPDIR": str(serve_folder), "PYTHONUNBUFFERED": "1"} | environment
        with start.log.open("w") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments], stdout=log, stderr=log, env=variables
            )
        processes.append(process)
        start.process, start.folder = process, serve_folder
        return _address(process, start.log)

    yield start
    for process in processes:
        process.terminate()
        process.wait(timeout=30)


def _address(process: subprocess.Popen, log: Path) -> str:
    """Waits for the line in which a page says where it is, and for its answer."""
    end = time.monotonic() + SECONDS
    while "http://" not in (text := log.read_text()):
        assert process.poll() is None and time.monotonic() < end, text
        time.sleep(0.1)
    address = "http://" + text.split("http://")[1].split()[0].rstrip(".")
    with urllib.request.urlopen(address, timeout=SECONDS) as answer:
        assert answer.status == 200
    return address


def _seen(emotion: str | None, strength: float, chosen: dict) -> np.ndarray:
    """A frame of 640 × 480 pixels."""
    room = np.full((480, 640, 3), (156, 160, 166), dtype=np.uint8)
    if emotion is not None:
        look = {"skin_tone": 4, "hair_style": "short"} | chosen
        room[40:440, 120:520] = synthetic.render(synthetic.face(emotion, strength, **look), 400).images[0]
    return room


def _chromium() -> str | None:
    """Debian's Chromium, or that of Playwright."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    caches = Path.home() / ".cache" / "ms-playwright"
    return next(map(str, sorted(caches.glob("chromium-*/chrome-linux*/chrome"), reverse=True)), None)
