"""What the page asks for, answered without a page."""

import base64
import io
import json
import threading
import time

import numpy as np
import pytest
from PIL import Image

from fer import synthetic
from fer.apps.emoticon import page
from fer.apps.emoticon.drawing import Emoticon, draw
from fer.apps.emoticon.service import MOST_FACES, PHOTOS_AT_ONCE, Service, from_description
from fer.apps.uploads import Refused
from fer.inference.describing import Describer


@pytest.fixture(scope="module")
def service():
    return Service(Describer(detector="yolo"), live_users=2)


def url(picture):
    with io.BytesIO() as file:
        Image.fromarray(picture).save(file, "JPEG", quality=90)
        return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()


def frame(emotion="neutral", strength=1, **chosen):
    picture = np.full((240, 320, 3), 150, dtype=np.uint8)
    look = {"hair_style": "short"} | chosen
    portrait = synthetic.render(synthetic.face(emotion, strength, **look), 200).images[0]
    picture[20:220, 60:260] = portrait
    return url(picture)


def test_the_examples_show_what_they_are_made_of(service):
    answers = [service.describe(example) for example in page.examples()]
    assert [answer["all"] for answer in answers] == [1, 2, 3]
    (smiling,) = answers[0]["faces"]
    assert max(smiling["emotions"], key=smiling["emotions"].get) == "happy"
    left, right = sorted(answers[1]["faces"], key=lambda face: face["box"][0])
    assert left["emoticon"]["glasses"] == "glasses" and not left["emoticon"]["mask"]
    assert right["emoticon"]["mask"] and right["emoticon"]["glasses"] == "none"
    dark, light, between = sorted(answers[2]["faces"], key=lambda face: face["box"][0])
    assert light["emoticon"]["glasses"] == "sunglasses"
    tones = [face["skin_tone"] for face in (light, between, dark)]
    assert tones == sorted(tones) and tones[2] - tones[0] >= 4


def test_an_answer_is_json_and_its_drawing_that_of_its_emoticon(service):
    (face,) = json.loads(json.dumps(service.describe(page.examples()[0])))["faces"]
    assert face["svg"] == draw(Emoticon(**face["emoticon"]), face["text"]["en"])
    assert face["text"]["ko"] != face["text"]["en"]
    assert {"box", "emotions", "glasses", "mask", "skin_tone"} <= face.keys()


def test_a_correction_by_hand_is_drawn(service):
    corrected = {
        "emotions": {"sad": 1.0},
        "glasses": "glasses",
        "mask": False,
        "skin_tone": 9,
        "beard": "full",
    }
    answer = service.draw(corrected)
    assert answer["svg"] == draw(Emoticon(**corrected), answer["text"]["en"])
    with pytest.raises(ValueError, match="beard"):
        service.draw({"beard": "<script>"})


def test_gray_pictures_have_no_tone(service):
    gray = np.asarray(Image.open(io.BytesIO(base64.b64decode(page.examples()[0].split(",")[1]))).convert("L"))
    (face,) = service.describe(url(gray))["faces"]
    assert face["skin_tone"] is None and face["emoticon"]["skin_tone"] is None


def test_no_face_and_too_many(service):
    assert service.describe(url(np.full((200, 300, 3), 90, np.uint8))) == {"faces": [], "all": 0}
    portrait = synthetic.render(synthetic.face(hair_style="short"), 80).images[0]
    crowd = np.tile(portrait, (5, 6, 1))
    answer = service.describe(url(crowd))
    assert len(answer["faces"]) == min(MOST_FACES, answer["all"]) > 10


def test_of_many_photos_at_once_only_some_are_in_memory():
    """The last one to come is answered like the first one."""
    inside, most = [], []

    class Slow:
        def describe(self, photo):
            inside.append(photo)
            most.append(len(inside))
            time.sleep(0.02)
            inside.pop()
            return []

    service, answers = Service(Slow()), []
    photo = url(np.zeros((20, 20, 3), np.uint8))
    threads = [threading.Thread(target=lambda: answers.append(service.describe(photo))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert answers == [{"faces": [], "all": 0}] * 8
    assert max(most) <= PHOTOS_AT_ONCE


def test_live_the_emoticon_follows_the_face(service):
    seat = service.enter()["seat"]
    for step in range(8):
        (calm,) = service.frame(seat, frame("neutral"), step / 15)["faces"]
    for step in range(8, 30):
        (smiling,) = service.frame(seat, frame("happy"), step / 15)["faces"]
        if step == 9:
            between = smiling["emotions"]["happy"]
    service.leave(seat)
    assert calm["emotions"]["happy"] < between < smiling["emotions"]["happy"]
    assert smiling["emotions"]["happy"] > 0.8 and calm["track"] == smiling["track"]
    assert calm["svg"] != smiling["svg"]


def test_live_what_was_chosen_by_hand_stays(service):
    seat = service.enter()["seat"]
    (face,) = service.frame(seat, frame(), 0)["faces"]
    chosen = {str(face["track"]): {"hair_style": "curly", "skin_tone": 8}, "999": {"mask": True}}
    (face,) = service.frame(seat, frame(), 0.1, chosen)["faces"]
    service.leave(seat)
    assert face["emoticon"]["hair_style"] == "curly" and face["emoticon"]["skin_tone"] == 8
    assert not face["emoticon"]["mask"] and face["skin_tone"] != 8


def test_a_broken_frame_ends_nothing(service):
    seat = service.enter()["seat"]
    (first,) = service.frame(seat, frame(), 0)["faces"]
    for broken in ("", "data:image/jpeg;base64,AAAA", frame()[:-3000], None):
        with pytest.raises(Refused):
            service.frame(seat, broken, 0.1)
    (again,) = service.frame(seat, frame(), 0.2)["faces"]
    assert again["track"] == first["track"]
    service.leave(seat)


def test_one_more_than_there_are_seats_waits(service):
    seats = [service.enter()["seat"] for _ in range(2)]
    with pytest.raises(Refused, match="seats_taken"):
        service.enter()
    service.leave(seats.pop())
    seats.append(service.enter()["seat"])
    for seat in seats:
        service.leave(seat)
    with pytest.raises(Refused, match="no_seat"):
        service.frame(seats[0], frame(), 0)


def test_the_emoticon_of_a_description(service):
    describer = Describer(detector="yolo")
    portrait = synthetic.render(synthetic.face("happy", accessory="sunglasses", skin_tone=6), 300).images[0]
    (face,) = describer.describe(portrait)
    emoticon = from_description(face, {"beard": "goatee"})
    assert (emoticon.glasses, emoticon.mask, emoticon.beard) == ("sunglasses", False, "goatee")
    assert emoticon.emotions == face.emotions and emoticon.skin_tone == face.skin_tone.tone
