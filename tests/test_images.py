"""Files as they come from cameras, scanners, browsers and broken downloads."""

from io import BytesIO

import cv2
import numpy as np
import pytest
from PIL import Image

from fer import images


@pytest.fixture
def gray():
    return np.random.default_rng(0).integers(0, 256, (12, 18), dtype=np.uint8)


@pytest.fixture
def rgb():
    return np.random.default_rng(1).integers(0, 256, (12, 18, 3), dtype=np.uint8)


def saved(path, array, **options):
    Image.fromarray(array).save(path, **options)
    return path


ORIENTATIONS = {
    1: lambda image: image,
    2: lambda image: image[:, ::-1],
    3: lambda image: image[::-1, ::-1],
    4: lambda image: image[::-1],
    5: lambda image: image.swapaxes(0, 1),
    6: lambda image: np.rot90(image, -1),
    7: lambda image: image[::-1, ::-1].swapaxes(0, 1),
    8: lambda image: np.rot90(image),
}


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_exif_orientation_turns_the_image(tmp_path, rgb, orientation, suffix):
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = saved(tmp_path / f"photo.{suffix}", rgb, exif=exif)
    np.testing.assert_array_equal(images.read(path), ORIENTATIONS[orientation](rgb))


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_sixteen_bits_become_eight(tmp_path, gray, rgb, suffix):
    path = saved(tmp_path / f"gray.{suffix}", gray.astype(np.uint16) * 257)
    np.testing.assert_array_equal(images.read(path), gray)
    cv2.imwrite(str(tmp_path / f"rgb.{suffix}"), rgb[..., ::-1].astype(np.uint16) * 257)
    np.testing.assert_array_equal(images.read(tmp_path / f"rgb.{suffix}"), rgb)


def test_one_bit_becomes_black_and_white(tmp_path, gray):
    path = saved(tmp_path / "scan.png", gray > 127)
    np.testing.assert_array_equal(images.read(path), np.where(gray > 127, 255, 0))


@pytest.mark.parametrize("scale", [1, 255])
def test_floats_count_from_0_to_1_or_to_255(tmp_path, gray, scale):
    values = gray.astype(np.float32) / 255 * scale
    values[0, 0] = np.nan
    path = saved(tmp_path / "float.tif", values)
    gray[0, 0] = 0
    np.testing.assert_array_equal(images.read(path), gray)


def test_palettes_are_looked_up(tmp_path):
    image = Image.new("P", (2, 1))
    image.putpalette([10, 20, 30, 200, 100, 50])
    image.putdata([0, 1])
    image.save(tmp_path / "palette.png")
    np.testing.assert_array_equal(images.read(tmp_path / "palette.png"), [[[10, 20, 30], [200, 100, 50]]])


@pytest.mark.parametrize("mode", ["LA", "RGBA"])
def test_transparency_is_laid_on_white(tmp_path, mode):
    pixels = np.array([[[100], [100], [100]]], dtype=np.uint8).repeat(len(mode) - 1, axis=2)
    alpha = np.array([[[0], [51], [255]]], dtype=np.uint8)
    path = saved(tmp_path / "transparent.png", np.concatenate([pixels, alpha], axis=2))
    # 255 (1 − α) + 100 α for α of 0, 0.2 and 1.
    expected = np.array([[255, 224, 100]])
    np.testing.assert_array_equal(images.read(path), expected if mode == "LA" else np.dstack([expected] * 3))


def test_a_transparent_gray_level_is_laid_on_white(tmp_path):
    path = saved(tmp_path / "keyed.png", np.array([[7, 8]], dtype=np.uint8), transparency=7)
    np.testing.assert_array_equal(images.read(path), [[255, 8]])


def test_cmyk_becomes_rgb(tmp_path):
    Image.new("CMYK", (16, 16), (0, 255, 255, 0)).save(tmp_path / "print.jpg", quality=100)
    assert np.abs(images.read(tmp_path / "print.jpg").astype(int) - [255, 0, 0]).max() <= 2


def test_an_animation_gives_its_first_frame(tmp_path):
    first, second = (Image.new("RGB", (4, 3), color) for color in ((255, 0, 0), (0, 0, 255)))
    first.save(tmp_path / "animated.gif", save_all=True, append_images=[second])
    np.testing.assert_array_equal(images.read(tmp_path / "animated.gif"), np.full((3, 4, 3), (255, 0, 0)))


def jpeg(array):
    buffer = BytesIO()
    Image.fromarray(array).save(buffer, "JPEG")
    return buffer.getvalue()


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_truncated_file_is_damaged(tmp_path, share):
    whole = jpeg(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8))
    path = tmp_path / "photo.jpg"
    path.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(ValueError, match=r"photo\.jpg: damaged or unreadable"):
        images.read(path)


@pytest.mark.parametrize("content", [b"", b"dear diary", b"<!doctype html>404"])
def test_a_file_of_something_else_is_not_an_image(tmp_path, content):
    (tmp_path / "photo.jpg").write_bytes(content)
    with pytest.raises(ValueError, match=r"photo\.jpg: not an image"):
        images.read(tmp_path / "photo.jpg")


def test_a_missing_file_and_a_folder_are_called_by_their_name(tmp_path):
    with pytest.raises(ValueError, match=r"gone\.jpg: no such file"):
        images.read(tmp_path / "gone.jpg")
    with pytest.raises(ValueError, match="a folder, not an image"):
        images.read(tmp_path)


@pytest.mark.filterwarnings("ignore")
def test_random_damage_raises_nothing_but_value_errors(tmp_path, rgb):
    random = np.random.default_rng(0)
    exif = Image.Exif()
    exif[0x0112] = 6
    buffers = []
    for file_format in ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF"):
        buffer = BytesIO()
        Image.fromarray(rgb).save(buffer, file_format, exif=exif)
        buffers.append(np.frombuffer(buffer.getvalue(), dtype=np.uint8))
    outcomes = set()
    for trial in range(600):
        damaged = buffers[trial % len(buffers)].copy()
        places = random.integers(0, min(200, len(damaged)), size=5)
        damaged[places] = random.integers(0, 256, size=5)
        (tmp_path / "photo").write_bytes(damaged.tobytes())
        try:
            outcomes.add(images.read(tmp_path / "photo").dtype)
        except ValueError:
            outcomes.add(ValueError)
    assert outcomes == {np.dtype(np.uint8), ValueError}


def test_convert_weighs_colors_as_itu_r_601(rgb):
    expected = rgb @ np.array([0.299, 0.587, 0.114])
    assert np.abs(images.convert(rgb, None, 1)[..., 0] - expected).max() <= 0.51


def test_convert_averages_areas_when_it_shrinks():
    image = np.arange(16, dtype=np.uint8).reshape(4, 4) * 10
    # Each pixel is the mean of 2 × 2.
    np.testing.assert_array_equal(images.convert(image, 2, 1)[..., 0], [[25, 45], [105, 125]])


def test_convert_repeats_gray_in_three_channels(gray):
    np.testing.assert_array_equal(images.convert(gray, None, 3), np.dstack([gray] * 3))
