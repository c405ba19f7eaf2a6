import cv2
import numpy as np
import pytest

from fer import synthetic
from fer.synthetic import colors, raster

SIZE = 224


def flat(**parameters):
    """A face without shadows: the colours of the picture are those of the palette."""
    defaults = {"light_strength": 0, "hair_style": "bald", "age": 0}
    return synthetic.face(**(defaults | parameters))


def changed(first, second):
    """Mask of the pixels in which two faces differ."""
    pictures = [synthetic.render(face, SIZE).images[0].astype(int) for face in (first, second)]
    return np.abs(pictures[0] - pictures[1]).sum(axis=2) > 12


def near(picture, color, tolerance=12):
    return np.abs(picture.astype(int) - color).max(axis=-1) <= tolerance


@pytest.mark.parametrize("pose", [{}, {"yaw": 20}, {"roll": 25, "pitch": -10}, {"zoom": 0.7, "shift_x": 0.1}])
def test_the_iris_lies_at_the_eye_landmark(pose):
    face = flat(iris_color="blue", eye_height=0.2, **pose)
    faces = synthetic.render(face.assign(au05=1.0), SIZE)
    row = faces.table.iloc[0]
    blue = near(faces.images[0], colors.IRIS["blue"], 30)
    for side in ("left", "right"):
        x, y = row[f"{side}_eye_x"], row[f"{side}_eye_y"]
        ys, xs = np.nonzero(blue)
        close = np.hypot(xs - x, ys - y) < 25 * row["zoom"]
        middle = (xs[close].min() + xs[close].max()) / 2, (ys[close].min() + ys[close].max()) / 2
        assert close.sum() > 20
        assert np.hypot(middle[0] - x, middle[1] - y) < 1.5


def test_landmarks_scale_with_the_picture():
    small, large = (synthetic.generate(7, image_size=size, difficulty="easy").table for size in (48, 192))
    for name in ("left_eye_x", "mouth_bottom_y", "chin_y"):
        np.testing.assert_allclose((large[name] + 0.5) / 4, small[name] + 0.5)


def test_mouth_corners_bound_the_lips():
    face = flat(mouth_width=0.4)
    row = synthetic.render(face, SIZE).table.iloc[0]
    painted = changed(face, face.assign(upper_lip=0.1, lower_lip=0.14))
    xs = np.nonzero(painted)[1]
    assert xs.min() >= row["mouth_left_x"] - 1.5
    assert xs.max() <= row["mouth_right_x"] + 1.5


@pytest.mark.parametrize("pose", [{}, {"yaw": 30, "zoom": 0.6}, {"roll": 20, "zoom": 0.55, "shift_y": 0.1}])
def test_the_box_holds_every_pixel_of_the_skin_and_no_more(pose):
    face = flat(skin_tone=2, **pose)
    row = synthetic.render(face, SIZE).table.iloc[0]
    ys, xs = np.nonzero(changed(face, face.assign(skin_tone=9)))
    inside = (ys > row["box_y"]) & (ys < row["chin_y"])
    ears_and_neck = 0.12 * raster.UNIT * SIZE * row["zoom"] + 2
    assert ys.min() == pytest.approx(max(row["box_y"], -0.5) + 0.5, abs=2)
    assert xs[inside].min() >= row["box_x"] - ears_and_neck
    assert xs[inside].max() <= row["box_x"] + row["box_width"] + ears_and_neck
    assert row["box_y"] + row["box_height"] == pytest.approx(min(row["chin_y"], SIZE - 0.5), abs=6)


@pytest.mark.parametrize("tone", range(1, 11))
def test_skin_without_light_has_the_color_of_the_monk_scale(tone):
    picture = synthetic.render(flat(skin_tone=tone), SIZE).images[0]
    cheeks = np.concatenate([picture[110:150, 40:70], picture[110:150, 154:184]]).reshape(-1, 3)
    measured = np.median(cheeks, axis=0)
    expected = colors.MONK_SKIN_TONES[tone - 1]
    lab = cv2.cvtColor(np.float32([[measured, expected]]) / 255, cv2.COLOR_RGB2LAB)[0]
    assert np.linalg.norm(lab[0] - lab[1]) < 1


def test_darker_tones_stay_darker_under_light():
    faces = synthetic.render(synthetic.face(n=10, skin_tone=range(1, 11), light_direction=0), 96, color=False)
    means = faces.images[:, 45:65, 30:66].mean(axis=(1, 2))
    assert (np.diff(means[3:]) < 0).all()


def test_light_from_the_left_brightens_the_left():
    left, right = synthetic.render(synthetic.face(n=2, light_direction=[-80, 80]), 96, color=False).images
    cheeks = np.s_[50:65, 20:34], np.s_[50:65, 62:76]
    assert left[cheeks[0]].mean() > left[cheeks[1]].mean() + 10
    assert right[cheeks[0]].mean() < right[cheeks[1]].mean() - 10


@pytest.mark.parametrize(
    ("accessory", "landmark", "covers"),
    [("glasses", "left_eye", False), ("sunglasses", "right_eye", True), ("mask", "mouth_bottom", True)],
)
def test_the_accessory_is_drawn_where_it_is_worn(accessory, landmark, covers):
    face = flat(yaw=10)
    row = synthetic.render(face, SIZE).table.iloc[0]
    painted = changed(face, face.assign(accessory=accessory))
    x, y = round(row[f"{landmark}_x"]), round(row[f"{landmark}_y"])
    assert painted.any()
    assert painted[y, x] == covers
    assert not painted[: round(row["left_brow_middle_y"]) - 20].any()


def test_opposite_yaw_draws_the_mirror_image():
    right, left = synthetic.render(flat(n=2, yaw=[25, -25], emotion="happy"), SIZE, color=False).images
    face_only = np.s_[60:200, 60:165]
    difference = np.abs(right.astype(int) - left[:, ::-1])[face_only]
    # The background and the highlights in the eyes are not mirrored.
    assert np.median(difference) == 0
    assert difference.mean() < 3


def test_pictures_of_all_sizes_show_the_same_face():
    face = synthetic.face("surprise", skin_tone=3)
    large = synthetic.render(face, 384, color=False).images[0]
    for size in (48, 96, 128, 224):
        picture = synthetic.render(face, size, color=False).images[0].astype(float)
        reduced = cv2.resize(large, (size, size), interpolation=cv2.INTER_AREA).astype(float)
        assert np.corrcoef(picture.ravel(), reduced.ravel())[0, 1] > 0.97


def test_occlusion_hides_and_blur_softens():
    plain = synthetic.face(texture=5)
    hidden = changed(plain, plain.assign(occlusion=1.0))
    assert 0.02 < hidden.mean() < 0.3
    sharp, soft = (
        synthetic.render(plain.assign(blur=blur), 96, color=False).images[0] for blur in (0.0, 0.03)
    )
    gradients = [cv2.Laplacian(picture, cv2.CV_64F).var() for picture in (sharp, soft)]
    assert gradients[1] < gradients[0] / 4
