"""Frames a second from camera to drawn answer in Chromium, with one user and two; twenty users at once.

Each user has a browser of its own on this machine, whose camera shows 320×240 pixels 30 times a second: the
browsers and the server share its cores. Then twenty simulated users send photos, frames, corrections and
rubbish to one server for five minutes.
"""

import base64
import io
import json
import statistics
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from PIL import Image
from selenium.webdriver.common.by import By

from fer.apps.emoticon import page
from tests.apps import browsing
from tests.benchmarks.timing import Result

SECONDS = 5
"""How long frames are counted for one value."""

USERS = 20
MINUTES = 5
SETTLED = 60
"""Seconds after which the server's memory is taken for the first time."""


def measure(repeats: int) -> list[Result]:
    """Measures the rates where there is a Chromium, and the twenty users everywhere."""
    results = []
    if browsing.programs():
        results = [Result(f"emoticon, users: {users}", rates(users, repeats), "frames/s") for users in (1, 2)]
    else:
        print(f"Without a browser: {browsing.MISSING}", file=sys.stderr)
    return results + crowd()


def rates(users: int, repeats: int) -> list[float]:
    """Returns the frames a second of the slowest of some users, once for each repeat."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        film = browsing.write_film(folder / "film.y4m", ("neutral", 1, 2), ("happy", 1, 2))
        (folder / "server").mkdir()
        server = browsing.Server(folder / "server", "fer.apps.emoticon", "--detector", "yolo")
        stack.callback(server.stop)
        browsers = []
        for _ in range(users):
            browsers.append(browsing.open_chromium(folder, film))
            stack.callback(browsers[-1].quit)
            browsers[-1].get(server.address)
            _until(lambda: browsers[-1].find_elements(By.CSS_SELECTOR, "[data-part=live]"))
            time.sleep(2)
            browsers[-1].find_element(By.CSS_SELECTOR, "[data-part=live]").click()
        _until(lambda: all(map(_frames, browsers)))
        time.sleep(SECONDS)
        values = []
        for _ in range(repeats):
            began = [(_frames(browser), time.perf_counter()) for browser in browsers]
            time.sleep(SECONDS)
            ended = [(_frames(browser), time.perf_counter()) for browser in browsers]
            values.append(min((b[0] - a[0]) / (b[1] - a[1]) for a, b in zip(began, ended, strict=True)))
        return values


def crowd(users: int = USERS, minutes: float = MINUTES) -> list[Result]:
    """Returns what twenty users at once get: answers, errors, and the memory of the server."""
    with tempfile.TemporaryDirectory() as folder:
        server = browsing.Server(Path(folder), "fer.apps.emoticon", "--detector", "yolo")
        try:
            end = time.monotonic() + 60 * minutes
            people = [_User(server.address, number, end) for number in range(users)]
            for person in people:
                person.start()
            memory = []
            while any(person.is_alive() for person in people):
                time.sleep(1)
                memory.append(_resident(server.process.pid))
            settled = statistics.median(memory[SETTLED - 5 : SETTLED + 5] or memory)
            answers = [seconds for person in people for seconds in person.answers]
            errors = sorted({error for person in people for error in person.errors})
            if errors or server.process.poll() is not None:
                print(f"Errors: {errors}. The server printed: {server.log.read_text()}", file=sys.stderr)
        finally:
            server.stop()
    name = f"{users} users, {minutes:g} minutes"
    return [
        Result(f"{name}: answers", [len(answers)], "answers"),
        Result(f"{name}: errors", [sum(len(person.errors) for person in people)], "errors"),
        Result(f"{name}: an answer", [1000 * statistics.median(answers)], "ms"),
        Result(f"{name}: memory after a minute", [settled / 2**20], "MiB"),
        Result(
            f"{name}: memory at the end",
            [statistics.median(memory[-10:]) / 2**20],
            "MiB",
            f"{name}: memory after a minute",
        ),
    ]


class _User(threading.Thread):
    """Somebody who sends photos, corrections and rubbish, and uses a camera where a seat is free."""

    def __init__(self, address: str, number: int, end: float):
        super().__init__()
        self._address, self._end = address, end
        self._random = np.random.default_rng(number)
        self._session = f"user{number}"
        self._component = _component(address)
        self._photos = page.examples()
        self._frame = _small(self._photos[0])
        self.answers: list[float] = []
        self.errors: list[str] = []

    def run(self):
        while time.monotonic() < self._end:
            task = self._random.choice([self._photo, self._rubbish, self._live])
            try:
                task()
            except Exception as error:  # whatever it is, it is counted
                self.errors.append(f"{task.__name__}: {type(error).__name__} {error}")
            time.sleep(self._random.uniform(0.2, 1.5))

    def _photo(self):
        answer = self._call("describe", image=self._photos[self._random.integers(3)])
        emoticon = answer["faces"][0]["emoticon"] | {"skin_tone": int(self._random.integers(1, 11))}
        self._expect("svg", self._call("draw", emoticon=emoticon))

    def _rubbish(self):
        for image in ("", "data:image/png;base64,AAAA", self._photos[0][:5000], None):
            self._expect("error", self._call("describe", image=image))
        self._expect("error", self._call("draw", emoticon={"beard": "<script>"}))
        self._expect("error", self._call("frame", seat="stolen", image=self._frame, time=0))

    def _live(self):
        answer = self._call("enter")
        if answer.get("error") == "full":
            return
        for number in range(60):
            broken = number % 20 == 7
            frame = self._call(
                "frame", seat=answer["seat"], image="data:," if broken else self._frame, time=number / 15
            )
            self._expect("error" if broken else "faces", frame)
        self._call("leave", seat=answer["seat"])

    def _expect(self, key: str, answer: dict) -> None:
        if key not in answer:
            raise AssertionError(f"no {key} in {str(answer)[:200]}")

    def _call(self, name: str, **data) -> dict:
        began = time.perf_counter()
        body = {"session_hash": self._session, "component_id": self._component, "fn_name": name, "data": data}
        request = urllib.request.Request(
            f"{self._address}gradio_api/component_server",
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            result = json.load(answer)
        self.answers.append(time.perf_counter() - began)
        return result


def _component(address: str) -> int:
    """Returns the number under which a page's functions are known."""
    with urllib.request.urlopen(f"{address}config", timeout=60) as answer:
        components = json.load(answer)["components"]
    return next(each["id"] for each in components if each["type"] == "html")


def _small(url: str) -> str:
    picture = Image.open(io.BytesIO(base64.b64decode(url.split(",")[1]))).resize((320, 240))
    with io.BytesIO() as file:
        picture.save(file, "JPEG", quality=80)
        return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()


def _frames(browser) -> int:
    script = "return document.querySelector('.application').dataset.frames"
    return int(browser.execute_script(script) or 0)


def _until(condition) -> None:
    end = time.monotonic() + browsing.SECONDS
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("The page did not get ready.")
        time.sleep(0.1)


def _resident(pid: int) -> int:
    """Memory of a process in bytes."""
    text = Path(f"/proc/{pid}/status").read_text() if Path(f"/proc/{pid}").exists() else "VmRSS: 0 kB"
    return int(text.split("VmRSS:")[1].split()[0]) * 1024
