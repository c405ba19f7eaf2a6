import cv2
import numpy as np
import pandas as pd
import pytest

from fer.boxes import intersection_over_union
from fer.synthetic import geometry, raster
from fer.synthetic.crowd import BOX, Crowd


@pytest.fixture(scope="module")
def crowd():
    return Crowd(30, seed=2, image_size=(160, 200), faces=(0, 6), sizes=(14, 0.7))


def alone(**options) -> Crowd:
    """Pictures of one large face each, that nothing covers."""
    return Crowd(12, **{"seed": 1, "image_size": 160, "faces": (1, 1), "sizes": (100, 0.7)} | options)


def points(table: pd.DataFrame, name: str) -> np.ndarray:
    return table[[f"{name}_x", f"{name}_y"]].to_numpy()


def test_pictures_are_as_large_as_asked_and_hold_as_many_faces(crowd):
    assert len(crowd) == 30
    assert {crowd[number].shape for number in range(3)} == {(160, 200, 3)}
    assert crowd[0].dtype == np.uint8
    counts = [len(crowd.faces_of(number)) for number in range(30)]
    assert min(counts) == 0 and max(counts) == 6 and len(set(counts)) > 4
    assert sum(counts) == len(crowd.table)
    with pytest.raises(IndexError):
        crowd[30]


def test_few_pictures_are_the_beginning_of_many():
    few, many = (Crowd(n, seed=3, image_size=80, sizes=(10, 0.5)) for n in (40, 150))
    pd.testing.assert_frame_equal(few.table, many.table.iloc[: len(few.table)])
    np.testing.assert_array_equal(few[39], many[39])
    np.testing.assert_array_equal(few[39], few[39])
    assert (few[39] != Crowd(40, seed=4, image_size=80, sizes=(10, 0.5))[39]).mean() > 0.5


def test_boxes_are_of_the_sizes_asked_for_and_people_stand_from_far_to_near(crowd):
    height = crowd.table["box_height"]
    assert height.min() >= 14 - 1e-6 and height.max() <= 0.7 * 160 + 1e-6
    assert height.max() > 4 * height.min()
    for number in range(30):
        assert crowd.faces_of(number)["box_height"].round(6).is_monotonic_increasing


def test_eyes_nose_and_mouth_lie_in_the_box_and_the_chin_at_its_lower_edge(crowd):
    table = crowd.table
    low, size = table[BOX[:2]].to_numpy(), table[BOX[2:]].to_numpy()
    for name in ("left_eye", "right_eye", "nose", "mouth_left", "mouth_right"):
        share = (points(table, name) + 0.5 - low) / size
        assert (share > 0).all() and (share < 1).all()
    straight = (table["roll"].abs() < 4) & (table["pitch"].abs() < 4)
    chin = ((points(table, "chin") + 0.5 - low) / size)[straight.to_numpy(), 1]
    assert straight.sum() > 10 and chin == pytest.approx(1, abs=0.02)


def test_a_face_is_where_its_box_says():
    # Of a picture with a face and the same one without: the box is where they differ, all but its corners.
    crowd = alone(accessories={"none": 1})
    shares = []
    for number in range(12):
        with_face = crowd[number].astype(int)
        faces = crowd.table
        without = Crowd.__new__(Crowd)
        without.__dict__ |= crowd.__dict__ | {"_begin": np.zeros(13, dtype=int)}
        changed = np.abs(with_face - without[number]).max(axis=2) > 0
        x, y, width, height = faces[BOX].iloc[number].round().astype(int)
        inside = changed[max(y, 0) : y + height, max(x, 0) : x + width]
        shares.append(inside.mean())
    assert np.median(shares) > 0.9


def test_the_colour_of_the_skin_is_in_the_middle_of_the_box():
    crowd = alone(accessories={"none": 1})
    table = crowd.table
    brightness = [
        crowd[number][tuple(points(table, "nose_bridge")[number].round().astype(int)[::-1])].mean()
        for number in range(12)
    ]
    assert np.corrcoef(brightness, -table["skin_tone"])[0, 1] > 0.5


def test_a_cut_out_on_a_picture_is_the_face_on_it():
    # Laid on the face's own background, it has to give what is painted on that directly.
    crowd = alone()
    rows = crowd.table.iloc[:2].assign(zoom=0.6, shift_x=0.0, shift_y=0.05, blur=0.0, noise=0.0)
    (first, _) = raster.cut_outs(rows, [120, 90], geometry.build(rows))
    assert first.shape == (120, 120, 4)
    direct = raster.draw(rows.iloc[:1], 120, color=True)[0][0].astype(float)
    opaque, clear = first[..., 3] == 255, first[..., 3] == 0
    assert opaque.mean() > 0.2 and clear.mean() > 0.2
    assert np.abs(first[..., :3].clip(0, 255) - direct)[opaque].max() <= 1
    assert (first[clear] == 0).all()


def test_faces_cover_no_more_of_each_other_than_asked_where_there_is_room():
    table = Crowd(60, image_size=256, faces=(2, 3), sizes=(12, 0.15), overlap=0.1).table
    for _, faces in table.groupby("picture"):
        boxes = faces[BOX].to_numpy()
        assert (intersection_over_union(boxes, boxes) - np.eye(len(boxes))).max() < 0.12
    assert (table["visible"] > 0.6).mean() > 0.85


def test_what_is_covered_or_beyond_the_border_is_not_visible():
    table = Crowd(60, image_size=100, faces=(8, 8), sizes=(40, 0.9), overlap=1).table
    assert table["visible"].between(0, 1).all()
    nearest = table.groupby("picture").tail(1)
    others = table.drop(nearest.index)
    assert nearest["visible"].mean() > 0.85 > 0.6 > others["visible"].mean()
    inside = (table[["box_x", "box_y"]] >= 0).all(axis=1)
    inside &= (table["box_x"] + table["box_width"] <= 100) & (table["box_y"] + table["box_height"] <= 100)
    assert (
        nearest["visible"][~inside[nearest.index]].mean() < nearest["visible"][inside[nearest.index]].mean()
    )


def test_accessories_have_the_shares_asked_for():
    worn = Crowd(60, image_size=64, faces=(5, 5), sizes=(6, 0.3), accessories={"mask": 1, "none": 1}).table
    assert set(worn["accessory"]) == {"mask", "none"}
    assert (worn["accessory"] == "mask").mean() == pytest.approx(0.5, abs=0.1)


def test_masks_show_in_the_picture():
    bare, masked = (alone(accessories={name: 1}) for name in ("none", "mask"))
    x, y = points(bare.table, "mouth_bottom").round().astype(int).T
    differences = [
        np.abs(bare[number][y[number], x[number]].astype(int) - masked[number][y[number], x[number]]).max()
        for number in range(12)
    ]
    assert np.median(differences) > 30


def test_pictures_without_faces_are_all_different_and_not_plain():
    empty = Crowd(8, image_size=64, faces=(0, 0))
    pictures = [empty[number] for number in range(8)]
    assert empty.table.empty
    assert min(cv2.GaussianBlur(picture, (0, 0), 3).std() for picture in pictures) > 1
    assert len({picture.tobytes() for picture in pictures}) == 8


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n": 0}, "`n` must be a positive integer.*0"),
        ({"image_size": (400, 20)}, "`image_size` must be at least 64 pixels.*400 × 20"),
        ({"faces": (3, 2)}, "`faces` must be two numbers"),
        ({"sizes": (200, 0.3)}, "`sizes` must be at least 4 pixels"),
        ({"overlap": 2}, "`overlap` must be in 0…1"),
        ({"accessories": {"hat": 1}}, "`accessories` must have shares.*'none', 'glasses'.*'hat'"),
        ({"accessories": {"mask": 0}}, "`accessories` must have shares"),
    ],
)
def test_wrong_arguments_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        Crowd(**{"n": 2} | options)
