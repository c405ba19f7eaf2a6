"""Images of unknown origin: what ``images.decode`` takes, and what is made to hurt."""

import struct
import zlib
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from fer import images

FORMATS = ["JPEG", "PNG", "WEBP", "BMP", "GIF"]


@pytest.fixture
def gray():
    return np.random.default_rng(0).integers(0, 256, (12, 18), dtype=np.uint8)


@pytest.fixture
def rgb():
    return np.random.default_rng(1).integers(0, 256, (12, 18, 3), dtype=np.uint8)


def encoded(image, file_format, **options):
    """The content of a file."""
    buffer = BytesIO()
    image = Image.fromarray(image) if isinstance(image, np.ndarray) else image
    image.save(buffer, file_format, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("file_format", FORMATS)
def test_decoded_content_is_what_the_same_file_is_read_as(tmp_path, rgb, file_format):
    content = encoded(rgb, file_format)
    (tmp_path / "photo").write_bytes(content)
    decoded = images.decode(content, FORMATS, rgb.shape[0] * rgb.shape[1])
    np.testing.assert_array_equal(decoded, images.read(tmp_path / "photo"))
    if file_format in ("PNG", "BMP"):
        np.testing.assert_array_equal(decoded, rgb)


def test_decoded_content_is_turned_flattened_and_cut_to_eight_bits_and_one_frame(gray, rgb):
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = images.decode(encoded(rgb, "PNG", exif=exif), FORMATS, 1000)
    np.testing.assert_array_equal(turned, np.rot90(rgb, -1))
    faint = np.dstack([np.full_like(rgb, 100), np.full_like(gray, 51)])
    np.testing.assert_array_equal(images.decode(encoded(faint, "PNG"), FORMATS, 1000), np.full_like(rgb, 224))
    deep = encoded(gray.astype(np.uint16) * 257, "PNG")
    np.testing.assert_array_equal(images.decode(deep, FORMATS, 1000), gray)
    first, second = (Image.new("RGB", (4, 3), color) for color in ((255, 0, 0), (0, 0, 255)))
    for file_format in ("GIF", "PNG", "WEBP"):
        options = {"lossless": True} if file_format == "WEBP" else {}
        film = encoded(first, file_format, save_all=True, append_images=[second], duration=100, **options)
        assert (images.decode(film, FORMATS, 1000) == (255, 0, 0)).all()


def test_photos_with_a_second_picture_inside_are_jpegs_too(rgb):
    """As phones write them."""
    content = encoded(rgb, "MPO", save_all=True, append_images=[Image.fromarray(rgb[::-1])], quality=95)
    alone = images.decode(encoded(rgb, "JPEG", quality=95), ["JPEG"], 1000)
    np.testing.assert_array_equal(images.decode(content, ["JPEG"], 1000), alone)


@pytest.mark.parametrize("file_format", ["TIFF", "ICO", "PPM", "PDF", "TGA", "ICNS", "EPS", "JPEG2000"])
def test_other_formats_are_refused_whatever_they_are_called(rgb, file_format):
    content = encoded(np.resize(rgb, (32, 32, 3)), file_format)
    with pytest.raises(ValueError, match="not an image of the formats JPEG, PNG"):
        images.decode(content, FORMATS, 10_000)


def test_the_list_of_formats_is_all_that_is_tried(rgb):
    photoshop = (
        b"8BPS" + struct.pack(">H6xHIIHH", 1, 3, 1, 1, 8, 3) + bytes(12) + struct.pack(">H", 0) + bytes(3)
    )
    with Image.open(BytesIO(photoshop)) as image:
        assert image.format == "PSD"
    for content in (photoshop, encoded(rgb, "PNG"), b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>"):
        with pytest.raises(ValueError, match="not an image of the formats JPEG"):
            images.decode(content, ["JPEG"], 1000)


def png_header(width, height):
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(bytes(99))),
    ]
    chunks = [
        struct.pack(">I", len(x)) + kind + x + struct.pack(">I", zlib.crc32(kind + x)) for kind, x in parts
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def bmp_header(width, height, bits=24, compression=0):
    fields = (40, width, height, 1, bits, compression, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54, 0, 0, 54) + struct.pack("<IiiHHIIiiII", *fields)


def gif_header(width, height):
    """The screen is one pixel; its first frame is larger."""
    screen = b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + bytes(3) + b"\xff\xff\xff"
    return screen + b"," + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\x02\x02\x44\x01\x00;"


def webp_header(width, height):
    """The canvas of an animation with a frame of one pixel."""
    pixel = encoded(np.zeros((1, 1, 3), np.uint8), "WEBP", lossless=True)[12:]

    def chunk(kind, content):
        return kind + struct.pack("<I", len(content)) + content

    canvas = bytes([2, 0, 0, 0]) + struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    parts = chunk(b"VP8X", canvas), chunk(b"ANIM", bytes(6)), chunk(b"ANMF", bytes(16) + pixel)
    return chunk(b"RIFF", b"WEBP" + b"".join(parts))


def jpeg_header(width, height):
    content = bytearray(encoded(np.zeros((8, 8, 3), np.uint8), "JPEG"))
    place = content.index(b"\xff\xc0") + 5
    content[place : place + 4] = struct.pack(">HH", height, width)
    return bytes(content)


HEADERS = {
    "JPEG": jpeg_header,
    "PNG": png_header,
    "WEBP": webp_header,
    "BMP": bmp_header,
    "GIF": gif_header,
    "BMP from the top": lambda width, height: bmp_header(width, -height),
}


@pytest.mark.parametrize("size", [(60_000, 60_000), (5000, 5001)])
@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS)
def test_too_many_pixels_are_refused_before_one_is_decoded(monkeypatch, header, size):
    content = header(*size)
    assert len(content) < 1000
    decoded = []
    opening = Image.open

    def watched(*args, **kwargs):
        image = opening(*args, **kwargs)
        monkeypatch.setattr(image, "load", lambda: decoded.append(image.size))
        return image

    monkeypatch.setattr(Image, "open", watched)
    with pytest.raises(images.TooLargeError):
        images.decode(content, FORMATS, 25_000_000)
    assert not decoded


def test_pixels_are_counted_to_the_last_one(rgb):
    height, width = rgb.shape[:2]
    for file_format in FORMATS:
        content = encoded(rgb, file_format)
        assert images.decode(content, FORMATS, height * width).shape == rgb.shape
        with pytest.raises(images.TooLargeError, match="18 × 12 pixels are more than 215"):
            images.decode(content, FORMATS, height * width - 1)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
@pytest.mark.parametrize("file_format", FORMATS)
def test_truncated_content_is_damaged(file_format, share):
    whole = encoded(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8), file_format)
    with pytest.raises(ValueError, match=r"damaged or unreadable|not an image") as failure:
        images.decode(whole[: int(share * len(whole))], FORMATS, 10_000)
    assert not isinstance(failure.value, images.TooLargeError)


def test_a_jpeg_of_countless_scans_is_refused():
    """Ten megabytes of scans of some forty bytes each would take hours."""
    content = encoded(Image.new("L", (64, 64), 90), "JPEG", progressive=True)
    last = content[content.rindex(b"\xff\xda") : -2]

    def repeated(times):
        return content[:-2] + times * last + content[-2:]

    assert (images.decode(repeated(20), FORMATS, 10_000) == 90).all()
    with pytest.raises(ValueError, match=r"damaged or unreadable \(more than 100 scans"):
        images.decode(repeated(100), FORMATS, 10_000)


@pytest.mark.parametrize("compression", [1, 2])
def test_a_bmp_of_run_lengths_is_refused(monkeypatch, compression):
    """Pillow keeps all that they skip, here 255 rows of 25 million pixels, twice."""
    skip = bytes([0, 2, 0, 255, 0, 1])
    header = bmp_header(25_000_000, 1, bits=8 // compression, compression=compression)
    palette = bytes(4 * (256 if compression == 1 else 16))
    content = header[:10] + struct.pack("<I", 54 + len(palette)) + header[14:] + palette + skip
    with Image.open(BytesIO(content)) as image:
        assert image.info["compression"] == compression
    monkeypatch.setattr("PIL.BmpImagePlugin.BmpRleDecoder.decode", lambda *_: pytest.fail("it was decoded"))
    with pytest.raises(ValueError, match=r"damaged or unreadable \(a BMP with run lengths"):
        images.decode(content, FORMATS, 25_000_000)


@pytest.mark.filterwarnings("ignore")
def test_random_damage_of_content_raises_nothing_but_value_errors(rgb):
    random = np.random.default_rng(0)
    contents = [np.frombuffer(encoded(rgb, file_format), dtype=np.uint8) for file_format in FORMATS]
    contents.append(np.frombuffer(encoded(rgb, "JPEG", progressive=True), dtype=np.uint8))
    outcomes = set()
    for trial in range(900):
        damaged = contents[trial % len(contents)].copy()
        damaged[random.integers(0, min(300, len(damaged)), size=4)] = random.integers(0, 256, size=4)
        try:
            outcomes.add(images.decode(damaged.tobytes(), FORMATS, 25_000_000).dtype)
        except ValueError:
            outcomes.add(ValueError)
    assert outcomes == {np.dtype(np.uint8), ValueError}
