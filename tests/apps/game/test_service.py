"""The service of the laugh game: frames of drawn faces in, a game and its best times out."""

import base64
import csv
import json
import re
import subprocess
import sys
import threading
import time

import cv2
import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route
from starlette.testclient import TestClient

from fer import paths, synthetic
from fer.apps import web
from fer.apps import wording as shared
from fer.apps.game import __main__ as command
from fer.apps.game import clips, page, wording
from fer.apps.game.levels import MODES
from fer.apps.game.service import Service
from fer.apps.uploads import Refused
from fer.inference import Predictor

STEP = 0.3
"""Seconds between two frames."""


class Clock:
    time = 1000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture(scope="module")
def predictor():
    return Predictor("emotion-small", detector="yolo")


@pytest.fixture(autouse=True)
def own_clips(own_folders):
    """One short video of the user's for each level."""
    for mode in MODES:
        for level in (1, 2, 3):
            write_clip(paths.data() / "clips" / mode / str(level) / f"{mode} {level}.mp4")


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def service(predictor, clock):
    return Service(predictor, live_users=2, clock=clock)


@pytest.fixture
def seat(service):
    return service.enter()["seat"]


@pytest.fixture
def show(service, seat, clock):
    """A function that shows the camera a picture for some seconds, and returns the last answer."""

    def show(image, seconds=STEP, **options):
        for _ in range(round(seconds / STEP)):
            clock.time += STEP
            answer = service.frame(seat, image, **options)
        return answer

    return show


def write_clip(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"vp09"), 10, (64, 48))
    for level in range(4):
        writer.write(np.full((48, 64, 3), 60 * level, dtype=np.uint8))
    writer.release()


def url(picture):
    encoded = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))[1]
    return "data:image/jpeg;base64," + base64.b64encode(encoded.tobytes()).decode()


def room(*faces):
    """A picture of 320 × 240 pixels with faces: emotion, height and place from the left."""
    picture = np.full((240, 320, 3), (156, 160, 166), dtype=np.uint8)
    for emotion, height, left in faces:
        look = synthetic.face(emotion, skin_tone=4, hair_style="short")
        picture[20 : 20 + height, left : left + height] = synthetic.render(look, height).images[0]
    return url(picture)


CALM, SMILE, SURPRISE = (room((emotion, 200, 60)) for emotion in ("neutral", "happy", "surprise"))
EMPTY = room()


@pytest.mark.parametrize(("mode", "picture"), [("funny", SMILE), ("scary", SURPRISE)])
def test_who_shows_the_emotion_loses_and_stands_in_the_best_times(service, seat, show, mode, picture):
    assert service.best(mode) == {"best": []}
    state = service.begin(seat, mode, 1, name=" Kim <b>")["state"]
    assert (state["phase"], state["clip"], state["threshold"]) == ("countdown", f"1/{mode} 1.mp4", 0.6)
    answer = show(CALM, 3.6)
    assert answer["state"]["phase"] == "playing" and answer["state"]["probability"] < 0.3
    assert "end" not in answer
    answer = show(picture, 0.9)
    assert answer["state"]["phase"] == "playing" and 0 < answer["state"]["shown"] < 1.5
    answer = show(picture, 2.4)
    state, end = answer["state"], answer["end"]
    assert (state["phase"], state["reason"], state["emotion"]) == ("lost", "emotion", MODES[mode])
    assert end["curve"][0]["probability"] < 0.3 and end["curve"][-1]["probability"] >= 0.6
    assert end["curve"][-1]["time"] == pytest.approx(state["survived"])
    assert end["saved"] and end["place"] == 0 and end["best"] == service.best(mode)["best"]
    with (paths.data() / "game" / "best_times.csv").open() as file:
        (row,) = csv.DictReader(file)
    assert (row["name"], row["mode"], row["won"]) == ("Kim b", mode, "False")
    assert int(row["score"]) == state["score"] and float(row["seconds"]) == round(state["survived"], 1)
    json.dumps(answer, allow_nan=False)


def test_who_stays_calm_to_the_last_clip_wins_once(service, seat, show):
    service.begin(seat, "funny", 1)
    for number in range(3):
        state = show(CALM, 3.6)["state"]
        assert (state["phase"], state["level"], state["clip_number"]) == ("playing", number + 1, number)
        answer = show(CALM, ended=number)
    assert answer["state"]["phase"] == "won" and answer["state"]["levels_passed"] == 3
    assert show(SMILE, 1.5, ended=2) == {**answer, "box": pytest.approx(answer["box"], abs=20)}
    (row,) = service.best("funny")["best"]
    assert row["won"] and row["score"] == answer["state"]["score"] > 700


def test_a_clip_that_is_told_to_end_twice_counts_once(service, seat, show):
    service.begin(seat, "funny", 1)
    show(CALM, 3.6)
    assert show(CALM, ended=0)["state"]["phase"] == "countdown"
    assert show(CALM, 3.6, ended=0)["state"]["clip_number"] == 1


def test_hiding_pauses_and_then_loses(service, seat, show):
    service.begin(seat, "scary", 3)
    assert show(EMPTY, 4.5)["state"]["countdown"] == 3  # it waits for a face
    show(CALM, 3.6)
    answer = show(EMPTY, 3)
    assert answer["state"]["phase"] == "paused" and answer["box"] is None
    assert show(CALM, 0.9)["state"]["phase"] == "playing"
    state = show(EMPTY, 6)["state"]
    assert (state["phase"], state["reason"], state["levels_passed"]) == ("lost", "hidden", 0)


def test_the_largest_face_plays(service, seat, show):
    service.begin(seat, "funny", 1)
    answer = show(room(("neutral", 170, 0), ("happy", 100, 210)), 3.6)
    assert answer["state"]["probability"] < 0.3 and sum(answer["box"][::2]) < 180
    answer = show(room(("neutral", 100, 0), ("happy", 180, 130)), 0.9)
    assert answer["state"]["probability"] > 0.6 and answer["box"][0] > 120


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (CALM[:-2000], "damaged"),
        ("data:image/jpeg;base64,AAAA", "wrong_type"),
        ("data:image/svg+xml;base64,AAAA", "wrong_type"),
        (None, "wrong_type"),
        ("data:image/png;base64," + "A" * 800_000, "file_too_large"),
        (url(np.zeros((600, 800, 3), dtype=np.uint8)), "too_many_pixels"),
    ],
)
def test_a_broken_frame_is_skipped_and_the_game_goes_on(service, seat, show, broken, reason):
    service.begin(seat, "funny", 1)
    before = show(CALM, 1.5)["state"]
    with pytest.raises(Refused) as refusal:
        show(broken, ended=0)
    assert refusal.value.reason == reason
    state = show(CALM, 0.6)["state"]
    assert state["phase"] == "countdown" and state["countdown"] < before["countdown"]
    assert service.best("funny") == {"best": []}


def test_each_seat_has_a_game_of_its_own_and_the_next_player_waits(service, seat, show):
    other = service.enter()["seat"]
    with pytest.raises(Refused, match="seats_taken"):
        service.enter()
    service.begin(seat, "funny", 1)
    service.begin(other, "scary", 2)
    show(CALM, 0.9)
    state = service.frame(other, CALM)["state"]
    assert (state["mode"], state["level"], state["countdown"]) == ("scary", 2, 3)
    service.leave(other)
    with pytest.raises(Refused, match="no_seat"):
        service.frame(other, CALM)
    with pytest.raises(Refused, match="no_seat"):
        service.frame(service.enter()["seat"], CALM)  # no game was begun


def test_who_sends_nothing_loses_the_seat(service, seat, clock):
    service.enter()
    clock.time += 20
    fresh = [service.enter()["seat"] for _ in range(2)]
    with pytest.raises(Refused, match="no_seat"):
        service.begin(seat, "funny", 1)
    service.begin(fresh[0], "funny", 1)


@pytest.mark.parametrize(
    ("mode", "level"), [("sad", 1), ("funny", 0), ("funny", 4), ("funny", "1"), (None, None)]
)
def test_an_unknown_mode_or_level_is_refused(service, seat, mode, level):
    with pytest.raises(ValueError, match="Received"):
        service.begin(seat, mode, level)


def test_best_times_of_an_unknown_mode_are_refused(service):
    with pytest.raises(ValueError, match="Received: 'sad'"):
        service.best("sad")


def test_a_predictor_that_does_not_know_the_emotions_is_refused():
    class Stranger:
        emotions = ("happy", "neutral")

    with pytest.raises(ValueError, match=r"without \['surprise'\]"):
        Service(Stranger())


def test_the_end_is_shown_when_the_best_times_cannot_be_written(service, seat, show):
    (paths.data() / "game").write_text("a file in the place of the folder")
    service.begin(seat, "funny", 1)
    end = show(SMILE, 6)["end"]
    assert not end["saved"] and end["place"] is None and end["best"] == [] and len(end["curve"]) > 3


def remove_own(mode, level):
    for path in (paths.data() / "clips" / mode / str(level)).iterdir():
        path.unlink()


def test_missing_clips_are_made_while_the_page_asks(service, monkeypatch):
    assert service.prepare("funny", 2) == {"made": 1, "all": 1}
    remove_own("funny", 2)
    go, asked = threading.Event(), []

    def ensure(mode, level):
        asked.append((mode, level))
        go.wait(10)
        for clip in clips.catalogue().clips[mode][level]:
            clip.path.parent.mkdir(parents=True, exist_ok=True)
            clip.path.touch()

    monkeypatch.setattr(clips, "ensure", ensure)
    number = len(clips.catalogue().clips["funny"][2])
    for _ in range(3):
        assert service.prepare("funny", 2) == {"made": 0, "all": number}
    go.set()
    until(lambda: service.prepare("funny", 2)["made"] == number)
    assert asked == [("funny", 2)]


def test_clips_that_cannot_be_made_are_told_and_tried_again(service, monkeypatch):
    remove_own("scary", 1)
    tries = []

    def ensure(mode, level):
        tries.append(mode)
        raise OSError("no space left")

    monkeypatch.setattr(clips, "ensure", ensure)

    def refused():
        try:
            service.prepare("scary", 1)
        except Refused as error:
            return error.reason == "no_clips"

    until(refused)
    until(refused)
    assert len(tries) == 2


def until(condition):
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.fixture
def client():
    return TestClient(Starlette(routes=[Route("/clips/{mode}/{name:path}", page.clip)]))


def test_a_clip_is_sent_whole_or_in_part(client):
    path = paths.data() / "clips" / "funny" / "2" / "a & b #1 50%?.mp4"
    write_clip(path)
    content = path.read_bytes()
    answer = client.get("/clips/funny/2/a%20%26%20b%20%231%2050%25%3F.mp4")
    assert answer.status_code == 200 and answer.content == content
    assert answer.headers["content-type"] == "video/mp4"
    answer = client.get("/clips/funny/2/funny%202.mp4", headers={"Range": "bytes=10-19"})
    assert answer.status_code == 206 and answer.content == (path.parent / "funny 2.mp4").read_bytes()[10:20]


@pytest.mark.parametrize(
    ("mode", "name"),
    [
        ("funny", "1/../2/funny 2.mp4"),
        ("funny", "../../secret.mp4"),
        ("funny", "/etc/passwd"),
        ("funny", "2/funny 1.mp4"),
        ("funny", "funny 1.mp4"),
        ("funny", "1"),
        ("funny", ""),
        ("funny", "1/funny 1.mp4\0"),
        ("scary", "1/funny 1.mp4"),
        ("../clips/funny", "1/funny 1.mp4"),
        ("sad", "1/funny 1.mp4"),
    ],
)
def test_a_name_outside_the_catalogue_is_no_path(client, mode, name):
    write_clip(paths.data() / "secret.mp4")
    request = Request({"type": "http", "path_params": {"mode": mode, "name": name}})
    assert page.clip(request).status_code == 404
    address = f"/clips/{mode}/{name}".replace("%", "%25").replace("\0", "%00").replace("..", "%2e%2e")
    assert client.get(address.replace("%2e/", "%2e%2f")).status_code == 404


def test_a_clip_that_is_not_made_yet_is_made_for_the_one_who_asks(client, monkeypatch):
    remove_own("funny", 3)
    wanted = clips.catalogue().clips["funny"][3][0]

    def ensure(mode, level):
        assert (mode, level) == ("funny", 3)
        wanted.path.parent.mkdir(parents=True)
        wanted.path.write_bytes(b"video")

    monkeypatch.setattr(clips, "ensure", ensure)
    assert client.get(f"/clips/funny/{wanted.name}").content == b"video"


def test_a_clip_that_cannot_be_made_is_refused(client, monkeypatch):
    remove_own("funny", 3)
    wanted = clips.catalogue().clips["funny"][3][0]

    def ensure(mode, level):
        raise OSError("no space left")

    monkeypatch.setattr(clips, "ensure", ensure)
    assert client.get(f"/clips/funny/{wanted.name}").status_code == 503


def test_every_text_of_the_page_is_there_in_both_languages():
    source = "".join((web.ASSETS / f"game.{suffix}").read_text("utf-8") for suffix in ("html", "js"))
    used = set(re.findall(r'(?:data-text="|say\(")(\w+)"', source))
    texts = shared.texts(wording.NAMES, wording.TEXTS, wording.ERRORS)
    for language in shared.LANGUAGES:
        assert used <= set(texts[language]) and len(used) > 30
    for key, pair in (wording.TEXTS | wording.ERRORS).items():
        fields = [sorted(re.findall(r"{\w+}", text)) for text in pair]
        assert fields[0] == fields[1], key
        assert re.search("[가-힣]", pair[1]) or key in ("of", "place"), key


def test_the_rules_load_without_the_page():
    code = "import sys, fer.apps.game.rules; print({'gradio', 'pandas', 'starlette'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_the_command_tells_what_is_wrong(capsys):
    bad = paths.data() / "clips" / "funny" / "1" / "broken.mp4"
    bad.write_text("no video")
    assert command.main(["--model", "no-such-model"]) == 1
    told = capsys.readouterr().err
    assert f"Skipped {bad}: cannot be read as a video" in told and "no-such-model" in told
    with pytest.raises(SystemExit) as stop:
        command.main(["--detector", "eyes"])
    assert stop.value.code == 2
