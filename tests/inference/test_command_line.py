"""python -m fer.inference on photos and videos."""

import csv
import json
import shutil

import cv2
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from fer import faces, images, labels, paths
from fer.inference.__main__ import main
from fer.models import shipped


@pytest.fixture(autouse=True)
def working_folder(tmp_path, monkeypatch):
    """A folder of its own, and a machine on which SSD is the best detector that is there."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(faces, "best", lambda: "ssd")


@pytest.fixture
def photo(tmp_path, group):
    path = tmp_path / "group.png"
    Image.fromarray(group).save(path)
    return path


def write_video(path, frames, codec="MJPG"):
    height, width = frames[0].shape[:2]
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*codec), 10, (width, height))
    for frame in frames:
        writer.write(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))
    writer.release()


@pytest.fixture(scope="module")
def moving(portraits):
    """Thirty frames, 240 × 480, in which a face moves to the right."""
    frames = [np.full((240, 480, 3), 128, dtype=np.uint8) for _ in range(30)]
    for number, frame in enumerate(frames):
        frame[20:220, 20 + 5 * number : 220 + 5 * number] = portraits[0]
    return frames


def test_json_has_every_face_of_every_photo(exported, predictor, photo, tmp_path, capsys):
    empty = tmp_path / "empty.png"
    Image.fromarray(np.full((100, 100, 3), 90, dtype=np.uint8)).save(empty)
    assert main([str(photo), str(empty), "--model", str(exported), "--json"]) == 0
    first, second = json.loads(capsys.readouterr().out)
    assert second == {"photo": str(empty), "faces": []}
    assert first["photo"] == str(photo)
    for face, wanted in zip(first["faces"], predictor.predict(images.read(photo)), strict=True):
        assert set(face) == {"box", "score", "emotions"}
        assert face["box"] == list(wanted.box)
        assert face["score"] == pytest.approx(wanted.score, abs=1e-4)
        assert face["emotions"] == pytest.approx(wanted.emotions, abs=1e-4)


def test_json_has_landmarks_where_the_detector_gives_them(exported, photo, capsys, monkeypatch):
    class Landmarks(faces.Detector):
        def _candidates(self, image):
            return [((30, 20, 230, 220), 0.9, {"nose": (130.123, 150)})]

    monkeypatch.setitem(faces.DETECTORS, "landmarks", Landmarks)
    assert main([str(photo), "--model", str(exported), "--detector", "landmarks", "--json"]) == 0
    (face,) = json.loads(capsys.readouterr().out)[0]["faces"]
    assert face["box"] == [30, 20, 200, 200] and face["landmarks"] == {"nose": [130.1, 150]}


def test_the_table_names_the_emotions_the_most_probable_first(exported, predictor, photo, capsys):
    assert main([str(photo), "--model", str(exported)]) == 0
    title, *lines = capsys.readouterr().out.splitlines()
    assert title == f"{photo}:"
    for line, face in zip(lines, predictor.predict(images.read(photo)), strict=True):
        _, _, width, height = face.box
        words = line.split()
        assert words[:3] == [str(width), "×", str(height)]
        assert words[6:8] == ["score", f"{face.score:.2f}"]
        assert words[8:10] == [face.emotion, f"{face.emotions[face.emotion]:.0%}"]


def test_a_broken_photo_is_told_and_the_others_go_on(exported, photo, tmp_path, capsys):
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(photo.read_bytes()[:1000])
    missing = tmp_path / "missing.jpg"
    assert main([str(broken), str(missing), str(photo), "--model", str(exported), "--json"]) == 1
    captured = capsys.readouterr()
    (entry,) = json.loads(captured.out)
    assert entry["photo"] == str(photo) and len(entry["faces"]) == 4
    detector, first, second = captured.err.splitlines()
    assert detector == "Detector: ssd"
    assert first.startswith(f"Error: {broken}: ") and second.startswith(f"Error: {missing}: ")


@pytest.mark.parametrize("name, codec", [("clip.avi", "MJPG"), ("clip.mp4", "mp4v")])
def test_a_video_gives_a_table_and_a_figure(exported, moving, tmp_path, capsys, name, codec):
    write_video(tmp_path / name, moving, codec)
    arguments = [str(tmp_path / name), "--model", str(exported), "--out", str(tmp_path / "out"), "--json"]
    assert main(arguments) == 0
    (entry,) = json.loads(capsys.readouterr().out)
    assert entry == {
        "video": str(tmp_path / name),
        "tracks": 1,
        "table": str(tmp_path / "out" / "clip.csv"),
        "figure": str(tmp_path / "out" / "clip.png"),
    }
    table = pd.read_csv(entry["table"])
    assert list(table.columns) == ["time", "track", "x", "y", "width", "height", "score", *labels.FER2013]
    assert table["time"].tolist() == pytest.approx([number / 10 for number in range(30)], abs=1e-3)
    assert (table["track"] == 1).all()
    middles = table["x"] + table["width"] / 2
    np.testing.assert_allclose(middles.diff()[1:].mean(), 5, atol=1)
    np.testing.assert_allclose(table[list(labels.FER2013)].sum(axis=1), 1, atol=1e-3)
    assert min(images.read(entry["figure"]).shape[:2]) > 100


def test_a_video_that_breaks_off_keeps_what_was_read(exported, moving, tmp_path, capsys):
    whole, cut = tmp_path / "whole.avi", tmp_path / "cut.avi"
    write_video(whole, moving)
    content = whole.read_bytes()
    cut.write_bytes(content[: len(content) * 2 // 3])
    assert main([str(cut), "--model", str(exported)]) == 1
    error = capsys.readouterr().err
    assert f"{cut}: ends after" in error and "of 30 frames" in error
    with (tmp_path / "emotions" / "cut.csv").open(newline="") as file:
        assert 10 < len(list(csv.DictReader(file))) < 25
    assert (tmp_path / "emotions" / "cut.png").is_file()


def test_a_file_that_is_no_video_leaves_nothing(exported, tmp_path, capsys):
    (tmp_path / "text.mp4").write_text("hello")
    assert main(["text.mp4", "missing.avi", "--model", str(exported)]) == 1
    assert "text.mp4: cannot be read as a video" in (error := capsys.readouterr().err)
    assert "missing.avi: no such file" in error
    assert not (tmp_path / "emotions").exists()


def test_ctrl_c_keeps_what_was_read(exported, moving, tmp_path, capsys, monkeypatch):
    from fer.inference.stream import FaceStream

    write_video(tmp_path / "clip.avi", moving)
    update, calls = FaceStream.update, iter(range(30))

    def interrupted(stream, frame, time):
        if next(calls) == 12:
            raise KeyboardInterrupt
        return update(stream, frame, time)

    monkeypatch.setattr(FaceStream, "update", interrupted)
    assert main(["clip.avi", "--model", str(exported)]) == 130
    assert "Interrupted. The table of a video holds what was read" in capsys.readouterr().err
    assert len(pd.read_csv(tmp_path / "emotions" / "clip.csv")) == 12


def test_videos_that_would_overwrite_each_other_are_refused(exported, capsys):
    assert main(["a/clip.mp4", "b/clip.avi", "--model", str(exported)]) == 1
    assert "Two videos would write clip.csv" in capsys.readouterr().err


def test_without_a_model_the_trained_one_is_used(exported, photo, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(paths, "saved_models", lambda: tmp_path / "models")
    assert main([str(photo)]) == 1
    assert "`model` must be one of [], or the folder" in capsys.readouterr().err
    place = shutil.copytree(exported, tmp_path / "models" / "emotion-small")
    files = {path.name: shipped.describe(path) for path in place.glob("model.*")}
    (place / "card.json").write_text(json.dumps({"files": files}))
    assert main([str(photo), "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)[0]["faces"]) == 4
