"""Average precision by hand, and against a plain loop over every detection."""

import numpy as np
import pytest

from fer.evaluation.average_precision import OVERLAPS, Detections, match

FACE, OTHER, FAR = (10, 10, 40, 40), (100, 10, 40, 40), (300, 300, 40, 40)


def photo(found=(), truth=(), ignore=None):
    """A photo from (box, score) pairs and true boxes."""
    return Detections(
        np.array([box for box, _ in found], dtype=float).reshape(-1, 4),
        np.array([score for _, score in found], dtype=float),
        np.array(truth, dtype=float).reshape(-1, 4),
        np.zeros(len(truth), dtype=bool) if ignore is None else np.array(ignore),
    )


def ap50(*photos, **sizes):
    return match(photos, **sizes).average_precision()[0]


def test_the_area_under_the_raised_curve_is_that_of_a_hand_computation():
    # Right, false, right, one face is never found: precision 1, 1/2, 2/3 at recall 1/3, 1/3, 2/3.
    answer = photo([(FACE, 0.9), (FAR, 0.8), (OTHER, 0.7)], [FACE, OTHER, (200, 10, 40, 40)])
    assert ap50(answer) == pytest.approx(1 / 3 * 1 + 1 / 3 * 2 / 3)
    # False, right, right: the precisions 0, 1/2, 2/3 are raised to 2/3.
    answer = photo([(FAR, 0.9), (FACE, 0.8), (OTHER, 0.7)], [FACE, OTHER])
    assert ap50(answer) == pytest.approx(2 / 3)


def test_detections_of_all_photos_stand_in_one_order():
    first = photo([(FACE, 0.6)], [FACE])
    second = photo([(FAR, 0.9), (FACE, 0.3)], [FACE])
    assert ap50(first, second) == pytest.approx(2 / 3)
    curve = match([first, second]).curve()
    np.testing.assert_allclose(
        curve, [(0.9, 0, 0, 0.5), (0.6, 0.5, 0.5, 0.5), (0.3, 1, 2 / 3, 0.5)], atol=1e-12
    )
    assert list(curve) == ["score", "recall", "precision", "false_positives"]


def test_a_face_is_found_once():
    assert ap50(photo([(FACE, 0.9), (FACE, 0.8), (OTHER, 0.7)], [FACE, OTHER])) == pytest.approx(
        1 / 2 + 1 / 2 * 2 / 3
    )


def test_a_taken_face_leaves_the_next_best_one():
    shifted = (20, 10, 40, 40)  # overlaps with FACE by 30 / 50
    found = [(FACE, 0.9), (FACE, 0.8)]
    np.testing.assert_array_equal(match([photo(found, [FACE, shifted])]).hits[0], [True, True])
    assert ap50(photo(found, [FACE, shifted])) == 1
    assert match([photo(found, [FACE, shifted])]).average_precision()[3] == 0.5  # at 0.65


def test_overlaps_are_enough_from_the_threshold_on():
    # 35 of 50, 7 of 10 columns: an overlap of 0.7.
    matches = match([photo([((0, 0, 35, 40), 0.9)], [(0, 0, 50, 40)])])
    assert matches.hits[:, 0].tolist() == [overlap < 0.72 for overlap in OVERLAPS]


def test_what_is_ignored_neither_helps_nor_harms():
    found = [(FACE, 0.9), (OTHER, 0.8)]
    assert ap50(photo(found, [FACE, OTHER], [True, False])) == 1
    # Neither a second detection of it nor one of a part of it, such as the mouth.
    found = [(FACE, 0.9), (FACE, 0.85), ((20, 30, 20, 10), 0.84), (OTHER, 0.8)]
    assert ap50(photo(found, [FACE, OTHER], [True, False])) == 1
    # Nor that it is not found.
    assert ap50(photo([(OTHER, 0.8)], [FACE, OTHER], [True, False])) == 1
    # What lies in it by less than half is false.
    assert ap50(photo([((35, 10, 40, 40), 0.9), (OTHER, 0.8)], [FACE, OTHER], [True, False])) == 0.5


def test_a_face_that_counts_comes_before_one_to_be_ignored():
    nearer = (12, 10, 40, 40)
    assert match([photo([(FACE, 0.9)], [FACE, nearer], [True, False])]).hits[0, 0]


def test_sizes_outside_do_not_count():
    small, large = (10, 10, 20, 20), (100, 100, 50, 50)
    answer = photo([(small, 0.9), (large, 0.8), ((300, 10, 20, 20), 0.7)], [small, large])
    assert ap50(answer, smallest=30) == 1
    assert match([answer], smallest=30).faces.tolist() == [1]
    assert ap50(answer, largest=30) == 1
    assert match([answer], largest=30).misses[0].tolist() == [False, False, True]
    # A box of a size inside on a face of a size outside: left out where it overlaps enough.
    near = photo([((10, 10, 32, 20), 0.9), (large, 0.5)], [(10, 10, 20, 20), large])
    assert ap50(near, smallest=25) == 1
    assert ap50(near) == 1
    assert match([near]).average_precision()[3] == pytest.approx(0.25)  # overlap 0.625 < 0.65


def test_bounds_of_sizes_belong_to_the_larger_kind():
    answer = photo([], [(0, 0, 32, 32)])
    assert match([answer], 0, 32).faces.sum() == 0
    assert match([answer], 32, 96).faces.sum() == 1


def test_equal_scores_make_one_point_whatever_their_order():
    first, second = photo([(FAR, 0.5)]), photo([(FACE, 0.5)], [FACE])
    assert ap50(first, second) == ap50(second, first) == 0.5


def test_without_faces_there_is_no_average_precision_and_without_detections_it_is_0():
    assert np.isnan(ap50(photo([(FACE, 0.9)])))
    assert np.isnan(match([photo([(FACE, 0.9)])]).interval(10, 0)).all()
    assert ap50(photo([], [FACE])) == 0
    assert len(match([photo([], [FACE])]).curve()) == 0


def overlap(box, other):
    across = min(box[0] + box[2], other[0] + other[2]) - max(box[0], other[0])
    down = min(box[1] + box[3], other[1] + other[3]) - max(box[1], other[1])
    shared = across * down if across > 0 and down > 0 else 0
    return shared, shared / (box[2] * box[3] + other[2] * other[3] - shared)


def plain_average_precision(photos, threshold, smallest, largest):
    """The definition, one detection after the other."""

    def fits(box):
        return smallest <= (box[2] * box[3]) ** 0.5 < largest

    answers, faces = [], 0
    for photo in photos:
        truth, ignore = photo.truth.tolist(), photo.ignore.tolist()
        faces += sum(fits(box) and not ignored for box, ignored in zip(truth, ignore, strict=True))
        taken = set()
        for row in sorted(range(len(photo.scores)), key=lambda row: (-photo.scores[row], row)):
            box, score = photo.boxes[row], photo.scores[row]
            best, best_overlap = None, 0
            left_out = not fits(box)
            for number, face in enumerate(truth):
                shared, covered = overlap(box, face)
                if ignore[number] and shared >= threshold * box[2] * box[3]:
                    left_out = True
                if not fits(face) and covered >= threshold:
                    left_out = True
                counts = fits(face) and not ignore[number] and number not in taken
                if counts and covered >= threshold and covered > best_overlap:
                    best, best_overlap = number, covered
            if best is not None:
                taken.add(best)
                answers.append((score, True))
            elif not left_out:
                answers.append((score, False))
    if faces == 0:
        return None
    points = []
    for score in {score for score, _ in answers}:
        above = [right for other, right in answers if other >= score]
        points.append((sum(above) / faces, sum(above) / len(above)))
    total, before = 0.0, 0.0
    for recall, _ in sorted(points):
        total += (recall - before) * max(precision for other, precision in points if other >= recall)
        before = recall
    return total


def random_photos(random):
    """Few places and scores, so that boxes overlap, faces are found twice and scores are equal."""
    photos = []
    for _ in range(int(random.integers(1, 5))):
        n, k = random.integers(0, 5, 2)
        truth = np.concatenate([random.integers(0, 60, (n, 2)), random.integers(10, 50, (n, 2))], axis=1)
        near = truth[random.integers(0, n, k)] + random.integers(-3, 4, (k, 4)) if n else np.empty((0, 4))
        strays = np.concatenate([random.integers(0, 90, (2, 2)), random.integers(5, 50, (2, 2))], axis=1)
        boxes = np.unique(np.concatenate([near, strays]), axis=0)
        boxes = random.permutation(boxes).astype(float)
        scores = random.integers(1, 6, len(boxes)) / 5
        photos.append(Detections(boxes, scores, truth.astype(float), random.random(n) < 0.25))
    return photos


@pytest.mark.parametrize("smallest, largest", [(0, np.inf), (20, 35), (32, np.inf)])
def test_it_is_that_of_a_plain_loop(smallest, largest):
    random = np.random.default_rng(0)
    values = []
    for _ in range(150):
        photos = random_photos(random)
        found = match(photos, smallest, largest).average_precision()
        for threshold, value in zip(OVERLAPS, found, strict=True):
            wanted = plain_average_precision(photos, threshold - 1e-9, smallest, largest)
            assert np.isnan(value) if wanted is None else value == pytest.approx(wanted, abs=1e-12)
            values.append(value)
    assert 0.1 < np.nanmean(values) < 0.9 and len(set(values)) > 100


def test_the_interval_is_that_of_drawn_photos():
    random = np.random.default_rng(3)
    photos = [photo for _ in range(12) for photo in random_photos(random)]
    low, high = match(photos).interval(200, seed=5)
    draws = np.random.default_rng(5).multinomial(len(photos), np.full(len(photos), 1 / len(photos)), size=200)
    values = [
        plain_average_precision(
            [photo for photo, times in zip(photos, draw, strict=True) for _ in range(times)], 0.5, 0, np.inf
        )
        for draw in draws
    ]
    np.testing.assert_allclose((low, high), np.percentile(values, (2.5, 97.5)))
    assert low < ap50(*photos) < high
    assert match(photos).interval(200, seed=5) == (low, high) != match(photos).interval(200, seed=6)


@pytest.mark.parametrize(
    "arrays, name",
    [
        ((np.zeros((2, 4)), np.zeros(3), np.zeros((1, 4)), np.zeros(1, bool)), "boxes"),
        ((np.zeros((2, 4)), np.zeros(2), np.zeros((2, 4)), np.zeros(1, bool)), "truth"),
        ((np.zeros(4), np.zeros(1), np.zeros((1, 4)), np.zeros(1, bool)), "boxes"),
        ((np.zeros((1, 4)), np.full(1, np.nan), np.zeros((1, 4)), np.zeros(1, bool)), "scores"),
    ],
)
def test_arrays_that_do_not_go_together_are_refused(arrays, name):
    with pytest.raises(ValueError, match=f"`{name}` must"):
        Detections(*arrays)
