"""A browser, what its camera sees, and an application of ours in a process of its own."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import cv2
import numpy as np
from selenium import webdriver

from fer import synthetic

SECONDS = 90
"""How long the slowest step may take on a machine that has other work."""

MISSING = "Chromium and chromedriver are not installed: apt install chromium chromium-driver"

_FRAME_RATE = 30


def programs() -> tuple[str, str] | None:
    """Returns the paths of Chromium, Debian's or that of Playwright, and chromedriver; None without them."""
    found = [shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")]
    cache = Path.home() / ".cache" / "ms-playwright"
    found += map(str, sorted(cache.glob("chromium-*/chrome-linux*/chrome"), reverse=True))
    browser, driver = next(filter(None, found), None), shutil.which("chromedriver")
    return (browser, driver) if browser and driver else None


def open_chromium(
    downloads: Path,
    film: Path | None = None,
    camera: str = "allowed",
    size: tuple[int, int] = (1400, 1000),
) -> webdriver.Chrome:
    """Opens a headless Chromium; ``quit`` closes it.

    Args:
        downloads: Folder of what it saves, also its attribute ``downloads``.
        film: A y4m file that the camera shows over and over; None is a moving pattern.
        camera: "allowed", "denied" or "none".
        size: Width and height of the window in pixels.
    """
    browser, driver = programs()
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    allows = camera != "denied"
    # As root Chromium has no sandbox, and a container has little shared memory.
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-dev-shm-usage",
        f"--window-size={size[0]},{size[1]}",
        "--use-fake-ui-for-media-stream" if allows else "--deny-permission-prompts",
        *(["--use-fake-device-for-media-stream"] if camera != "none" else []),
        *([f"--use-file-for-fake-video-capture={film}"] if film else []),
    ):
        options.add_argument(argument)
    options.add_experimental_option("prefs", {"download.default_directory": str(downloads)})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    chrome = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    chrome.set_script_timeout(SECONDS)
    chrome.downloads = downloads
    return chrome


def write_film(path: Path, *parts: tuple[str | None, float, float], **chosen) -> Path:
    """Writes what a camera sees, 320×240 pixels, as a y4m file, and returns its path.

    Args:
        path: The file.
        *parts: Emotion, its strength 0…1, and seconds; the emotion None is an empty room.
        **chosen: Further parameters of the face, see ``fer.synthetic.face``.
    """
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W320 H240 F{_FRAME_RATE}:1 Ip A1:1 C420jpeg\n".encode())
        for emotion, strength, seconds in parts:
            frame = cv2.cvtColor(_seen(emotion, strength, chosen), cv2.COLOR_RGB2YUV_I420).tobytes()
            file.write((b"FRAME\n" + frame) * round(_FRAME_RATE * seconds))
    return path


class Server:
    """An application: ``python -m MODULE …`` in a process of its own, until ``stop``.

    Args:
        folder: An empty folder; the process has it for temporary files.
        module: Name of the module.
        *arguments: Of the command line.

    Attributes:
        address: Of its page.
        process: The process.
        folder: As above.
        log: The file of what it prints, in the folder.
    """

    def __init__(self, folder: Path, module: str, *arguments: str):
        self.folder, self.log = folder, folder / "log"
        variables = os.environ | {"TMPDIR": str(folder), "PYTHONUNBUFFERED": "1"}
        with self.log.open("w") as log:
            command = [sys.executable, "-m", module, "--port", str(_free_port()), *arguments]
            self.process = subprocess.Popen(command, stdout=log, stderr=log, env=variables)
        try:
            self.address = self._address()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=30)

    def _address(self) -> str:
        """Waits for the line in which the page says where it is, and for its answer."""
        end = time.monotonic() + SECONDS
        while "http://" not in (text := self.log.read_text()):
            assert self.process.poll() is None and time.monotonic() < end, text
            time.sleep(0.1)
        address = "http://" + text.split("http://")[1].split()[0].rstrip(".")
        with urllib.request.urlopen(address, timeout=SECONDS) as answer:
            assert answer.status == 200
        return address


def _free_port() -> int:
    """A port that nobody has; applications that look for one at the same time may find the same."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def _seen(emotion: str | None, strength: float, chosen: dict) -> np.ndarray:
    room = np.full((240, 320, 3), (156, 160, 166), dtype=np.uint8)
    if emotion is not None:
        look = {"skin_tone": 4, "hair_style": "short"} | chosen
        room[20:220, 60:260] = synthetic.render(synthetic.face(emotion, strength, **look), 200).images[0]
    return room
