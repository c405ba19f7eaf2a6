"""``python -m fer.apps.emoticon --photo``: files of emoticons and a manifest."""

import json
import socket
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from fer import synthetic
from fer.apps.emoticon.__main__ import main


@pytest.fixture
def photos(tmp_path):
    """Three photos: a smile, somebody with a mask in a folder of its own with the same name, and no image."""
    paths = [tmp_path / "a" / "me.png", tmp_path / "b" / "me.png", tmp_path / "notes.png"]
    looks = [("happy", {"accessory": "sunglasses"}), ("neutral", {"accessory": "mask", "skin_tone": 8})]
    for path, (emotion, chosen) in zip(paths, looks, strict=False):
        path.parent.mkdir()
        Image.fromarray(synthetic.render(synthetic.face(emotion, **chosen), 256).images[0]).save(path)
    paths[2].write_text("no picture")
    return paths


def test_files_and_manifest(photos, tmp_path, capsys):
    out = tmp_path / "out"
    arguments = ["--photo", *map(str, photos[:2]), "--out", str(out), "--json", "--detector", "yolo"]
    assert main(arguments) == 0
    manifest = json.loads((out / "manifest.json").read_text())
    assert json.loads(capsys.readouterr().out) == manifest
    (smiling,), (masked,) = (photo["faces"] for photo in manifest)
    assert [photo["photo"] for photo in manifest] == [str(path) for path in photos[:2]]
    assert smiling["glasses"].keys() == {"none", "glasses", "sunglasses"}
    assert smiling["glasses"]["sunglasses"] > 0.5 > smiling["mask"]
    assert masked["mask"] > 0.5 and masked["skin_tone"] > smiling["skin_tone"]
    for face in (smiling, masked):
        assert abs(sum(face["emotions"].values()) - 1) < 0.01 and 1 <= face["skin_tone"] <= 10
        x, y, width, height = face["box"]
        assert 0 <= x < x + width <= 256 and 0 <= y < y + height <= 256
        assert ElementTree.parse(out / face["svg"]).getroot().tag.endswith("svg")
    assert smiling["svg"] != masked["svg"]


def test_a_bad_photo_is_told_and_the_rest_is_drawn(photos, tmp_path, capsys):
    out = tmp_path / "out"
    files = [str(photos[2]), str(tmp_path / "missing.jpg"), str(photos[0])]
    assert main(["--photo", *files, "--out", str(out)]) == 1
    told = capsys.readouterr().err
    assert "notes.png: not an image" in told and "missing.jpg: no such file" in told
    assert [photo["photo"] for photo in json.loads((out / "manifest.json").read_text())] == files[2:]


def test_a_photo_without_faces_is_in_the_manifest(tmp_path):
    Image.fromarray(np.full((200, 200, 3), 99, np.uint8)).save(tmp_path / "wall.png")
    assert main(["--photo", str(tmp_path / "wall.png"), "--out", str(tmp_path / "out")]) == 0
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())[0]["faces"] == []


def test_photo_and_out_go_together(tmp_path, capsys):
    for arguments in (["--photo", "a.png"], ["--out", str(tmp_path)]):
        with pytest.raises(SystemExit) as stopped:
            main(arguments)
        assert stopped.value.code == 2
    assert "go together" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_is_told(photos, tmp_path, capsys):
    (tmp_path / "out").write_text("a file")
    assert main(["--photo", str(photos[0]), "--out", str(tmp_path / "out")]) == 1
    assert "out" in capsys.readouterr().err


def test_where_nothing_can_be_read_an_earlier_manifest_stays(photos, tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["--photo", str(photos[0]), "--out", str(out)]) == 0
    assert str(out / "me_1.svg") in capsys.readouterr().out
    before = (out / "manifest.json").read_bytes()
    assert main(["--photo", str(photos[2]), "--out", str(out)]) == 1
    assert (out / "manifest.json").read_bytes() == before


@pytest.mark.parametrize("port", ["0", "99999", "-1", "http"])
def test_a_port_that_is_none_is_refused(port, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["--port", port])
    assert stopped.value.code == 2 and "--port" in capsys.readouterr().err


def test_a_port_in_use_is_told(capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["--port", str(port), "--detector", "yolo"]) == 1
    assert f"Port {port} is in use" in capsys.readouterr().err
