"""What a stream makes of descriptions: how often it looks, what it smooths and keeps. A script describes."""

import gc
import math

import cv2
import numpy as np
import pytest

from fer import faces
from fer.faces.skin_tone import SkinTone
from fer.inference.describing import DescriptionStream, FaceDescription


class Scripted:
    """Stands for a describer, and for its predictor: says in each frame what the script says.

    Attributes:
        found: Boxes that the next detections find.
        happy: Probability of "happy" of all faces.
        glasses, mask, tone: What is told of all faces.
        looked: Boxes of the faces that were looked at.
    """

    def __init__(self, *found):
        self.predictor, self.found, self.happy = self, found, 1.0
        self.glasses, self.mask, self.tone = (1.0, 0.0, 0.0), 0.0, None
        self.looked = []

    def detect(self, image):
        return [faces.Face(box, 0.9, None) for box in self.found]

    def classify_faces(self, image, found):
        return np.tile(np.float32([self.happy, 1 - self.happy]), (len(found), 1))

    def named(self, row):
        return dict(zip(("happy", "sad"), row.tolist(), strict=True))

    def complete(self, image, face):
        self.looked.append(face.box)
        glasses = dict(zip(("none", "glasses", "sunglasses"), self.glasses, strict=True))
        return FaceDescription(face.box, face.score, None, face.emotions, glasses, self.mask, self.tone)


BOX, OTHER = (145, 45, 150, 190), (405, 105, 150, 190)


@pytest.fixture(scope="module")
def frame():
    """A frame that optical flow can hold on to."""
    noise = np.random.default_rng(1).integers(60, 200, (60, 80, 3), dtype=np.uint8)
    return cv2.resize(noise, (640, 480), interpolation=cv2.INTER_CUBIC)


@pytest.mark.parametrize("every", [1, 3, 5])
def test_faces_are_looked_at_every_few_frames_and_emotions_follow_each(frame, every):
    script = Scripted(BOX)
    stream = DescriptionStream(script, describe_every=every, smoothing=0)
    for number in range(15):
        script.happy, script.mask = number / 15, number / 15
        shown = stream.update(frame, number / 30)
        assert list(shown) == [1] and shown[1].box == BOX
        assert shown[1].emotions["happy"] == pytest.approx(number / 15)
        assert len(script.looked) == number // every + 1


def test_a_new_face_is_looked_at_when_it_appears(frame):
    script = Scripted(BOX)
    stream = DescriptionStream(script, describe_every=100)
    for number in range(5):
        stream.update(frame, number / 30)
    script.found, script.mask = (BOX, OTHER), 1.0
    shown = stream.update(frame, 0.2)
    assert list(shown) == [1, 2] and (shown[1].mask, shown[2].mask) == (0, 1)
    assert script.looked == [BOX, OTHER]


def test_boxes_follow_every_frame(frame):
    script = Scripted(BOX)
    stream = DescriptionStream(script, describe_every=100)
    stream.update(frame, 0)
    (face,) = stream.update(np.roll(frame, 6, axis=1), 0.03).values()
    assert face.box == pytest.approx((151, 45, 150, 190), abs=1)


@pytest.mark.parametrize(("rate", "every"), [(60, 5), (30, 5), (15, 5), (30, 1), (10, 2)])
def test_what_is_worn_is_smoothed_by_seconds_not_by_frames_or_looks(frame, rate, every):
    script = Scripted(BOX)
    stream = DescriptionStream(script, every, attribute_smoothing=0.8)
    script.tone = SkinTone(2, 1, 3, 60.0, 4.0)
    stream.update(frame, 50.0)
    script.glasses, script.mask, script.tone = (0.1, 0.2, 0.7), 1.0, SkinTone(8, 6, 10, -20.0, 12.0)
    for number in range(1, rate + 1):
        (face,) = stream.update(frame, 50 + number / rate).values()
        assert sum(face.glasses.values()) == pytest.approx(1)
        assert face.skin_tone.lowest <= face.skin_tone.tone <= face.skin_tone.highest
    share = 1 - math.exp(-1 / 0.8)
    assert face.mask == pytest.approx(share)
    assert face.glasses["sunglasses"] == pytest.approx(0.7 * share)
    assert face.glasses["none"] == pytest.approx(1 - 0.9 * share)
    expected = SkinTone(
        round(2 + 6 * share), round(1 + 5 * share), round(3 + 7 * share), 60 - 80 * share, 4 + 8 * share
    )
    assert vars(face.skin_tone) == pytest.approx(vars(expected))


def test_without_smoothing_a_look_is_shown_as_it_is(frame):
    script = Scripted(BOX)
    stream = DescriptionStream(script, 1, smoothing=0, attribute_smoothing=0)
    for number in range(4):
        script.mask, script.tone = number % 2, SkinTone(number + 1, 1, 10, 0.0, 1.0)
        (face,) = stream.update(frame, 0).values()
        assert (face.mask, face.skin_tone) == (number % 2, script.tone)


def test_a_tone_that_cannot_be_measured_changes_nothing_and_the_first_one_counts_at_once(frame):
    script = Scripted(BOX)
    stream = DescriptionStream(script, 1)
    (face,) = stream.update(frame, 0).values()
    assert face.skin_tone is None
    script.tone = tone = SkinTone(7, 6, 8, 10.0, 3.0)
    for time in (0.1, 0.2):
        (face,) = stream.update(frame, time).values()
        assert face.skin_tone == tone
        script.tone = None
    script.tone = None
    (face,) = stream.update(frame, 90).values()
    assert face.skin_tone == tone


def test_times_that_stand_still_or_jump_back_do_no_harm(frame):
    script = Scripted(BOX)
    stream = DescriptionStream(script, 1, attribute_smoothing=0.5)
    stream.update(frame, 50.0)
    script.mask = 1.0
    for time in (50.0, 50.0, 3.0, math.nan, 3.0):
        (face,) = stream.update(frame, time).values()
        assert face.mask == 0
    (face,) = stream.update(frame, 3.5).values()
    assert face.mask == pytest.approx(1 - math.exp(-1))


def test_a_face_that_is_gone_is_forgotten(frame):
    """Thirty come and go; each starts from what it shows itself, and nothing of it is kept."""
    script = Scripted()
    stream = DescriptionStream(script, describe_every=2)
    gc.collect()
    before = sum(isinstance(kept, FaceDescription) for kept in gc.get_objects())
    for number in range(30):
        script.found, script.mask = (BOX if number % 2 else OTHER,), number / 30
        # Another picture each time, so that no face can be followed into the next.
        shown = stream.update(np.ascontiguousarray(np.rot90(frame, 2 * (number % 2))), number / 30)
        assert [face.mask for face in shown.values()] == [number / 30] and list(shown) == [number + 1]
    script.found = ()
    for number in range(30, 45):
        shown = stream.update(frame, number / 30)
    assert shown == {}
    gc.collect()
    assert sum(isinstance(kept, FaceDescription) for kept in gc.get_objects()) == before


def test_another_frame_size_begins_a_new_video(frame):
    script = Scripted(BOX)
    stream = DescriptionStream(script, describe_every=100)
    stream.update(frame, 0)
    script.mask = 1.0
    shown = stream.update(frame[:400, :600], 0.03)
    assert list(shown) == [2] and shown[2].mask == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("describe_every", 0),
        ("describe_every", -5),
        ("describe_every", 2.0),
        ("describe_every", None),
        ("smoothing", -1),
        ("smoothing", math.nan),
        ("attribute_smoothing", -0.1),
        ("attribute_smoothing", math.nan),
        ("attribute_smoothing", math.inf),
    ],
)
def test_wrong_arguments_of_a_stream_are_refused(name, value):
    with pytest.raises(ValueError, match=f"`{name}` must be.*Received: {value}"):
        DescriptionStream(Scripted(), **{name: value})
