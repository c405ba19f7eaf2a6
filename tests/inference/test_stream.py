"""A video's faces: followed, numbered and smoothed. Most tests script what is detected and classified."""

import gc
import math
import tracemalloc

import cv2
import numpy as np
import pytest

from fer import faces, inference

HAPPY, SAD = np.float32([1, 0]), np.float32([0, 1])


class Scripted:
    """Stands for a predictor: says in each frame what the script says.

    Attributes:
        found: Boxes that the next detections find.
        emotions: Probabilities that all faces get.
        detections: Number of detections so far.
    """

    def __init__(self, *found, landmarks=None):
        self.found, self.landmarks, self.emotions, self.detections = found, landmarks, HAPPY, 0

    def detect(self, image):
        self.detections += 1
        return [faces.Face(box, 0.9, self.landmarks) for box in self.found]

    def classify_faces(self, image, found):
        return np.tile(self.emotions, (len(found), 1))

    def named(self, row):
        return dict(zip(("happy", "sad"), row.tolist(), strict=True))


@pytest.fixture(scope="module")
def scene(portraits):
    """A function that draws the first faces with their top left corners at these places, 480 × 640, RGB."""
    noise = np.random.default_rng(1).integers(60, 200, (15, 20, 3), dtype=np.uint8)
    background = cv2.resize(noise, (640, 480), interpolation=cv2.INTER_CUBIC)

    def draw(*places):
        frame = background.copy()
        for portrait, (x, y) in zip(portraits, places, strict=False):
            frame[y : y + 200, x : x + 200] = portrait
        return frame

    return draw


def box(x, y):
    """Where a detector finds the face that is drawn at a place."""
    return x + 25, y + 5, 150, 190


def test_detection_comes_every_few_frames_and_the_box_moves_with_the_face_in_between(scene):
    predictor = Scripted(box(50, 60))
    stream = inference.FaceStream(predictor, detect_every=4)
    for number in range(8):
        place = (50 + 6 * number, 60 + 2 * number)
        if number % 4 == 0:
            predictor.found = [box(*place)]
        (face,) = stream.update(scene(place), number / 30)
        assert face.track == 1
        assert face.box == pytest.approx(box(*place), abs=2)
        assert predictor.detections == number // 4 + 1


def test_landmarks_move_with_the_face(scene):
    predictor = Scripted(box(50, 60), landmarks={"nose": (150.0, 180.0)})
    stream = inference.FaceStream(predictor)
    stream.update(scene((50, 60)), 0)
    (face,) = stream.update(scene((62, 55)), 0.03)
    assert face.landmarks["nose"] == pytest.approx((162, 175), abs=1)


def test_boxes_go_half_of_the_way_to_a_detection_that_jitters(scene):
    predictor = Scripted((75, 65, 150, 190))
    stream = inference.FaceStream(predictor, detect_every=1)
    stream.update(scene((50, 60)), 0)
    predictor.found = [(83, 65, 142, 194)]
    (face,) = stream.update(scene((50, 60)), 0.03)
    assert face.box == (79, 65, 146, 192)
    (face,) = stream.update(scene((50, 60)), 0.06)
    assert face.box == (81, 65, 144, 193)


def test_faces_keep_their_numbers_when_they_are_found_in_another_order(scene):
    places = [(20, 100), (400, 120)]
    predictor = Scripted(*(box(*place) for place in places))
    stream = inference.FaceStream(predictor, detect_every=1)
    assert [face.track for face in stream.update(scene(*places), 0)] == [1, 2]
    predictor.found = predictor.found[::-1]
    found = stream.update(scene(*places), 0.1)
    assert [(face.track, face.box) for face in found] == [(1, box(20, 100)), (2, box(400, 120))]


def test_a_new_face_gets_a_new_number_and_a_vanished_one_goes_at_once(scene):
    predictor = Scripted(box(20, 100))
    stream = inference.FaceStream(predictor, detect_every=5)
    stream.update(scene((20, 100)), 0)
    predictor.found = []
    assert stream.update(scene(), 0.03) == []
    assert predictor.detections == 2
    predictor.found = [box(20, 100)]
    numbers = [[face.track for face in stream.update(scene((20, 100)), 0.1)] for _ in range(5)]
    assert numbers == [[], [], [], [], [2]]


def test_after_a_cut_faces_are_looked_for_at_once(scene):
    predictor = Scripted(box(20, 100))
    stream = inference.FaceStream(predictor, detect_every=100)
    stream.update(scene((20, 100)), 0)
    predictor.found = [box(400, 200)]
    (face,) = stream.update(scene((400, 200)), 0.03)
    assert (face.track, face.box) == (2, box(400, 200))
    assert predictor.detections == 2


def test_a_face_that_one_detection_misses_stays_and_after_two_it_goes(scene):
    predictor = Scripted(box(20, 100))
    stream = inference.FaceStream(predictor, detect_every=2)
    stream.update(scene((20, 100)), 0)
    predictor.found = []
    seen = [len(stream.update(scene((20, 100)), number / 30)) for number in range(1, 6)]
    assert seen == [1, 1, 1, 0, 0]


def test_only_detections_in_a_row_that_miss_a_face_end_it(scene):
    predictor = Scripted(box(20, 100))
    stream = inference.FaceStream(predictor, detect_every=1)
    for number, found in enumerate([[box(20, 100)], [], [box(20, 100)], [], [box(20, 100)]]):
        predictor.found = found
        (face,) = stream.update(scene((20, 100)), number / 30)
        assert face.track == 1


def test_a_face_that_could_not_be_followed_is_where_it_is_detected(scene):
    predictor = Scripted(box(50, 60))
    stream = inference.FaceStream(predictor, detect_every=100)
    stream.update(scene((50, 60)), 0)
    predictor.found = [(60, 80, 130, 190)]
    (face,) = stream.update(scene((50, 60))[:, ::-1].copy(), 0.03)
    assert (face.track, face.box) == (1, (60, 80, 130, 190))


def test_a_box_is_clipped_to_the_frame_and_a_face_that_left_it_is_gone(scene):
    predictor = Scripted((500, 100, 140, 190))
    stream = inference.FaceStream(predictor, detect_every=100)
    frame = scene((440, 90))
    stream.update(frame, 0)
    moved = np.roll(frame, 20, axis=1)
    (face,) = stream.update(moved, 0.03)
    x, _, width, _ = face.box
    assert x == pytest.approx(520, abs=2) and x + width == 640
    for number in range(2, 12):
        moved = np.roll(moved, 20, axis=1)
        predictor.found = []
        found = stream.update(moved, number / 30)
        assert all(face.box[0] + face.box[2] <= 640 and face.box[2] >= 1 for face in found)
    assert found == []


@pytest.mark.parametrize("rate", [10, 60])
def test_emotions_are_smoothed_by_seconds_not_by_frames(scene, rate):
    predictor = Scripted(box(50, 60))
    stream = inference.FaceStream(predictor, smoothing=0.4)
    frame = scene((50, 60))
    stream.update(frame, 100.0)
    predictor.emotions = SAD
    for number in range(1, rate + 1):
        (face,) = stream.update(frame, 100 + number / rate)
    assert face.emotions["sad"] == pytest.approx(1 - math.exp(-1 / 0.4), abs=1e-5)
    assert sum(face.emotions.values()) == pytest.approx(1, abs=1e-5)
    assert face.emotion == "sad"


def test_a_new_face_starts_from_its_own_emotions(scene):
    predictor = Scripted(box(20, 100))
    stream = inference.FaceStream(predictor, detect_every=1, smoothing=10)
    stream.update(scene((20, 100)), 0)
    predictor.emotions, predictor.found = SAD, [box(20, 100), box(400, 120)]
    old, new = stream.update(scene((20, 100), (400, 120)), 0.01)
    assert old.emotion == "happy" and new.emotions["sad"] == 1


def test_without_smoothing_emotions_are_those_of_the_frame(scene):
    predictor = Scripted(box(20, 100))
    stream = inference.FaceStream(predictor, smoothing=0)
    stream.update(scene((20, 100)), 0)
    predictor.emotions = SAD
    assert stream.update(scene((20, 100)), 0)[0].emotions == {"happy": 0, "sad": 1}


def test_times_that_stand_still_or_jump_back_do_no_harm(scene):
    predictor = Scripted(box(50, 60))
    stream = inference.FaceStream(predictor, smoothing=0.5)
    frame = scene((50, 60))
    stream.update(frame, 50.0)
    predictor.emotions = SAD
    for time in (50.0, 50.0, 3.0, math.nan, 3.0):
        (face,) = stream.update(frame, time)
        assert face.emotions == {"happy": 1, "sad": 0}
    (face,) = stream.update(frame, 3.5)
    assert face.emotions["sad"] == pytest.approx(1 - math.exp(-1))
    (face,) = stream.update(frame, 1e9)
    assert face.emotions["sad"] == 1


def test_another_frame_size_begins_a_new_video(scene):
    predictor = Scripted(box(50, 60))
    stream = inference.FaceStream(predictor, detect_every=100)
    stream.update(scene((50, 60)), 0)
    predictor.found = [(75, 65, 150, 190)]
    (face,) = stream.update(scene((50, 60))[:400, :500], 0.1)
    assert (face.track, predictor.detections) == (2, 2)


def test_a_frame_buffer_may_be_used_again(scene):
    predictor = Scripted(box(50, 60))
    stream = inference.FaceStream(predictor)
    buffer = cv2.cvtColor(scene((50, 60)), cv2.COLOR_RGB2GRAY)
    stream.update(buffer, 0)
    buffer[:] = cv2.cvtColor(scene((70, 60)), cv2.COLOR_RGB2GRAY)
    (face,) = stream.update(buffer, 0.1)
    assert face.box == pytest.approx(box(70, 60), abs=2)


@pytest.mark.parametrize("arguments", [{"detect_every": 0}, {"smoothing": -1}, {"smoothing": math.nan}])
def test_wrong_arguments_are_refused(arguments):
    with pytest.raises(ValueError, match=f"`{next(iter(arguments))}` must be"):
        inference.FaceStream(Scripted(), **arguments)


@pytest.mark.parametrize(
    "frame", [np.zeros((50, 50, 4), np.uint8), np.zeros((50, 50)), np.zeros(50, np.uint8)]
)
def test_another_frame_is_refused(frame):
    with pytest.raises(ValueError, match="`frame` must be uint8"):
        inference.FaceStream(Scripted()).update(frame, 0)


def test_the_real_detector_and_network_follow_a_drawn_face(predictor, scene):
    stream = inference.FaceStream(predictor)
    for number in range(12):
        place = (60 + 5 * number, 100 + 3 * number)
        (face,) = stream.update(scene(place), number / 30)
        assert face.track == 1
        (detected,) = predictor.detect(scene(place))
        assert face.box == pytest.approx(detected.box, abs=12)
        assert sum(face.emotions.values()) == pytest.approx(1, abs=1e-4)


def test_memory_does_not_grow_with_the_video(scene):
    """Faces move, come and go; after two hundred frames nothing more is kept than before them."""
    predictor = Scripted()
    stream = inference.FaceStream(predictor, detect_every=3)

    def play(frames):
        for number in range(frames):
            place = (100 + number % 50, 100)
            seen = number % 20 < 15
            predictor.found = [box(*place)] if seen else []
            stream.update(scene(place) if seen else scene(), number / 30)
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        before = play(40)
        assert play(200) - before < 20_000
    finally:
        tracemalloc.stop()
