"""Pictures as browsers send them, and as nobody should."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from fer import images
from fer.apps import uploads


def content_of(array, file_format="PNG", **options):
    with io.BytesIO() as file:
        Image.fromarray(array).save(file, file_format, **options)
        return file.getvalue()


def url_of(content, kind="image/jpeg"):
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


PICTURE = np.random.default_rng(0).integers(0, 256, (12, 18, 3), dtype=np.uint8)
CONTENT = content_of(PICTURE)
TEXT = base64.b64encode(CONTENT).decode()


@pytest.fixture(params=["photo", "frame"])
def read(request):
    """Both functions: what holds for one holds for the other."""
    return getattr(uploads, request.param)


def reason(read, url):
    with pytest.raises(uploads.Refused) as refused:
        read(url)
    assert str(refused.value) == refused.value.reason
    return refused.value.reason


@pytest.mark.parametrize(("kind", "file_format"), uploads.FORMATS.items())
def test_every_type_that_is_taken_can_be_read(read, kind, file_format):
    picture = read(url_of(content_of(PICTURE, file_format), kind))
    assert (picture.shape, picture.dtype) == (PICTURE.shape, np.uint8)
    if file_format in ("PNG", "BMP"):
        np.testing.assert_array_equal(picture, PICTURE)


@pytest.mark.parametrize("kind", uploads.FORMATS)
def test_the_content_decides_not_the_name(read, kind):
    np.testing.assert_array_equal(read(url_of(CONTENT, kind)), PICTURE)


def test_gray_stays_gray_and_a_turned_photo_is_turned(read):
    np.testing.assert_array_equal(read(url_of(content_of(PICTURE[..., 0]))), PICTURE[..., 0])
    exif = Image.Exif()
    exif[0x0112] = 8
    np.testing.assert_array_equal(read(url_of(content_of(PICTURE, exif=exif))), np.rot90(PICTURE))


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        0,
        3.5,
        float("nan"),
        [],
        {},
        [f"data:image/png;base64,{TEXT}"],
        {"url": TEXT},
        TEXT.encode(),
    ],
    ids=str,
)
def test_what_is_no_text_is_refused(read, value):
    assert reason(read, value) == "wrong_type"


@pytest.mark.parametrize(
    "head",
    [
        "",
        "data:",
        "data:,",
        "data:image/png",
        "data:image/png,",
        "data:image/png;base64",
        "data:image/png;base64;",
        "data:image/png;base32,",
        "data:image/png;charset=utf-8;base64,",
        "data:image/png;BASE64,",
        "data:image/png; base64,",
        " data:image/png;base64,",
        "data:data:image/png;base64,",
        "image/png;base64,",
        "file:image/png;base64,",
        "data:;base64,",
        "data:image/*;base64,",
        "data:image/svg+xml;base64,",
        "data:image/tiff;base64,",
        "data:image/x-icon;base64,",
        "data:image/vnd.adobe.photoshop;base64,",
        "data:text/html;base64,",
        "data:application/octet-stream;base64,",
        "https://example.com/photo.png,",
        "file:///etc/passwd,",
        "/etc/passwd",
    ],
)
def test_another_head_is_refused(read, head):
    assert reason(read, head + TEXT) == "wrong_type"


@pytest.mark.parametrize(
    "text",
    [
        TEXT[:-1],
        TEXT + "=",
        TEXT + "====",
        TEXT[:40] + " " + TEXT[40:],
        TEXT[:40] + "\r\n" + TEXT[40:],
        " " + TEXT,
        TEXT + "\n",
        TEXT.replace("A", "%41"),
        TEXT.replace("A", "Ａ"),
        TEXT.replace("A", "\0"),
        TEXT.replace("A", "\ud800"),
        "," + TEXT,
        "=",
    ],
    ids=range(13),
)
def test_broken_base64_is_damaged(read, text):
    assert reason(read, "data:image/png;base64," + text) == "damaged"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"dear diary",
        b"<!doctype html><script>alert(1)</script>",
        b"<svg xmlns='http://www.w3.org/2000/svg'><rect width='9' height='9'/></svg>",
        b"%PDF-1.7",
        b"RIFF\x04\0\0\0AVI ",
        b"\0\0\0\x18ftypheic",
        content_of(PICTURE, "TIFF"),
        content_of(PICTURE, "ICO"),
        content_of(PICTURE, "PPM"),
        content_of(PICTURE, "JPEG2000"),
    ],
    ids=range(11),
)
@pytest.mark.parametrize("kind", ["image/jpeg", "image/png"])
def test_something_else_that_is_called_a_picture_is_refused(read, content, kind):
    assert reason(read, url_of(content, kind)) == "wrong_type"


def test_half_a_picture_is_damaged(read):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    for file_format in ("JPEG", "PNG", "WEBP"):
        whole = content_of(noise, file_format)
        assert reason(read, url_of(whole[: 2 * len(whole) // 3])) == "damaged"


LIMITS = {uploads.photo: 10 * 2**20, uploads.frame: 512 * 2**10}


@pytest.mark.parametrize("rest", [0, 1, 2])
def test_a_file_may_have_its_largest_size_and_not_one_byte_more(monkeypatch, read, rest):
    # A JPEG ends where it says; what follows is left alone. Base64 goes by three bytes.
    name = {uploads.photo: "LARGEST_PHOTO", uploads.frame: "LARGEST_FRAME"}[read]
    assert getattr(uploads, name) == LIMITS[read]
    largest = LIMITS[read] + rest
    monkeypatch.setattr(uploads, name, largest)
    content = content_of(PICTURE, "JPEG")
    largest_file = content + bytes(largest - len(content))
    assert read(url_of(largest_file)).shape == PICTURE.shape
    for more in (1, 2, 3, 4):
        assert reason(read, url_of(largest_file + bytes(more))) == "file_too_large"


def test_a_file_that_is_too_large_is_not_even_decoded(monkeypatch, read):
    monkeypatch.setattr(uploads.base64, "b64decode", lambda *_, **__: pytest.fail("it was decoded"))
    monkeypatch.setattr(images, "decode", lambda *_: pytest.fail("it was read"))
    assert reason(read, "data:image/png;base64," + "A" * 30_000_000) == "file_too_large"


def square(height, width):
    """A picture of two colours, some kB."""
    return content_of(np.zeros((height, width), dtype=bool))


@pytest.mark.parametrize("size", [(5000, 5000), (1, 25_000_000)])
def test_a_photo_of_25_megapixels_is_read(size):
    assert uploads.photo(url_of(square(*size))).shape == size


@pytest.mark.parametrize("size", [(5000, 5001), (1, 25_000_001)])
def test_a_photo_of_more_pixels_is_refused(size):
    assert reason(uploads.photo, url_of(square(*size))) == "too_many_pixels"


def test_a_photo_that_announces_gigapixels_has_too_many_pixels(read):
    """Far beyond what Pillow itself warns of."""
    content = bytearray(content_of(PICTURE, "BMP"))
    content[18:26] = (60_000).to_bytes(4, "little") * 2
    assert reason(read, url_of(bytes(content))) == "too_many_pixels"


@pytest.mark.parametrize("size", [(480, 640), (640, 480), (1, 307_200)])
def test_a_frame_of_a_camera_is_read(size):
    assert uploads.frame(url_of(square(*size))).shape == size


@pytest.mark.parametrize("size", [(481, 640), (480, 641), (1, 307_201)])
def test_a_larger_frame_is_refused(size):
    assert reason(uploads.frame, url_of(square(*size))) == "too_many_pixels"
    assert uploads.photo(url_of(square(*size))).shape == size
