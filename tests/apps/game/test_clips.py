"""The catalogue of clips, and making the animated ones."""

import dataclasses
import fcntl
import json
import multiprocessing
import shutil
import threading
from pathlib import Path

import cv2
import numpy as np
import pytest

from fer import paths
from fer.apps.game import animation, clips
from fer.apps.game.animation import HEIGHT, WIDTH, Scene


def scene(name, shade=0, frames=4, drawn=None) -> Scene:
    """A clip of plain pictures; ``drawn`` notes who draws it."""

    def draw(times, random):
        if drawn is not None:
            drawn.append(name)
        for number in range(len(times)):
            yield np.full((HEIGHT, WIDTH, 3), shade + 20 * number, dtype=np.uint8)

    return Scene(name, frames / animation.RATE, draw)


@pytest.fixture
def drawn(monkeypatch):
    """Two small scenes for each mode and level in the place of the real ones; the names that are drawn."""
    names = []
    few = {
        mode: {
            level: (scene(f"a{level}", 40, drawn=names), scene(f"b{level}", 90, drawn=names))
            for level in (1, 2, 3)
        }
        for mode in ("funny", "scary")
    }
    monkeypatch.setattr(clips, "SCENES", few)
    return names


def put(mode, level, name, frames=6, codec="vp09"):
    """Writes a video of the user's."""
    path = paths.data() / "clips" / mode / str(level) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*codec), 20, (64, 48))
    for number in range(frames):
        writer.write(np.full((48, 64, 3), 20 * number % 256, dtype=np.uint8))
    writer.release()
    return path


def names(found):
    return [clip.name for clip in found]


def test_every_mode_and_level_has_two_animated_clips_of_5_to_7_seconds():
    found = clips.catalogue()
    assert found.skipped == []
    assert {mode: list(levels) for mode, levels in found.clips.items()} == {
        "funny": [1, 2, 3],
        "scary": [1, 2, 3],
    }
    for levels in found.clips.values():
        listed = [clip for of_level in levels.values() for clip in of_level]
        assert len({clip.name for clip in listed}) == len(listed) == 6
        assert all(5 <= clip.seconds <= 7 and not clip.own and not clip.ready for clip in listed)
    assert not paths.cache().exists()  # listing makes nothing


def test_what_is_missing_is_made_once(drawn):
    made = clips.ensure("funny", 2)
    assert names(made) == ["2/a2", "2/b2"]
    assert drawn == ["a2", "b2"]
    for clip, shade in zip(made, (40, 90), strict=True):
        assert clip.ready and clip.path.is_relative_to(paths.cache())
        capture = cv2.VideoCapture(str(clip.path))
        assert capture.get(cv2.CAP_PROP_FPS) == animation.RATE
        fourcc = int(capture.get(cv2.CAP_PROP_FOURCC)).to_bytes(4, "little")
        assert fourcc.lower() in (b"vp09", b"vp90")
        pictures = [capture.read()[1] for _ in range(4)]
        assert [picture.mean() for picture in pictures] == pytest.approx(shade + 20 * np.arange(4), abs=4)
        assert not capture.read()[0]
    clips.ensure("funny", 2)
    assert drawn == ["a2", "b2"]
    made[0].path.unlink()
    clips.ensure("funny", 2)
    assert drawn == ["a2", "b2", "a2"]
    assert not clips.catalogue().clips["scary"][2][0].ready


def test_threads_that_want_the_same_clip_wait_for_the_one_that_makes_it(drawn):
    results = []
    threads = [threading.Thread(target=lambda: results.append(clips.ensure("scary", 1))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(drawn) == ["a1", "b1"]
    assert len(results) == 4 and all(result == results[0] for result in results)


def _hold(path, locked, release):
    """Another process that makes a clip."""
    with path.with_name(f".{path.stem}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        locked.set()
        release.wait(60)
        path.write_bytes(b"made by another process")


def test_a_clip_that_another_process_makes_is_waited_for(drawn):
    path = clips.catalogue().clips["funny"][1][0].path
    path.parent.mkdir(parents=True)
    context = multiprocessing.get_context("fork")
    locked, release = context.Event(), context.Event()
    other = context.Process(target=_hold, args=(path, locked, release))
    other.start()
    assert locked.wait(30)
    waiting = threading.Thread(target=clips.ensure, args=("funny", 1))
    waiting.start()
    waiting.join(0.3)
    assert waiting.is_alive() and drawn == []
    release.set()
    waiting.join(30)
    other.join(30)
    assert path.read_bytes() == b"made by another process"
    assert drawn == ["b1"]


def test_a_full_disk_is_told_and_leaves_nothing_half_written(drawn, monkeypatch):
    class FullDisk:
        def __init__(self, path, *_):
            self._file = Path(path).open("wb")  # noqa: SIM115

        def isOpened(self):
            return True

        def write(self, frame):
            self._file.write(b"part")

        def release(self):
            self._file.close()

    first = clips.ensure("funny", 1)
    before = [clip.path.read_bytes() for clip in first]
    monkeypatch.setattr(cv2, "VideoWriter", FullDisk)
    with pytest.raises(OSError, match=r"0 of 4 frames could be written\. Is the disk full"):
        clips.ensure("funny", 3)
    assert not clips.catalogue().clips["funny"][3][0].ready
    assert not [path for path in (paths.cache() / "clips" / "funny" / "3").iterdir() if path.suffix == ".mp4"]
    assert [clip.path.read_bytes() for clip in first] == before
    monkeypatch.undo()


def test_what_a_killed_process_left_is_cleared_away(drawn):
    path = clips.catalogue().clips["funny"][1][0].path
    path.parent.mkdir(parents=True)
    left = path.with_name(f".{path.stem}.12345.partial.mp4")
    left.write_bytes(b"half")
    clips.ensure("funny", 1)
    assert path.is_file() and not left.exists()


def test_a_folder_that_cannot_be_written_is_an_error_of_the_system(drawn):
    paths.cache().parent.mkdir(parents=True, exist_ok=True)
    paths.cache().write_text("a file in the place of the folder")
    with pytest.raises(OSError):
        clips.ensure("funny", 1)


def test_videos_of_the_user_replace_those_of_their_mode_and_level_alone(drawn):
    put("funny", 2, "my cat.mp4", frames=30)
    put("funny", 2, "웃음.WEBM", frames=10, codec="VP80")
    found = clips.catalogue()
    assert names(found.clips["funny"][2]) == ["2/my cat.mp4", "2/웃음.WEBM"]
    assert all(clip.own and clip.ready for clip in found.clips["funny"][2])
    assert found.clips["funny"][2][0].seconds == pytest.approx(1.5)
    assert names(found.clips["funny"][1]) == ["1/a1", "1/b1"]
    assert names(found.clips["scary"][2]) == ["2/a2", "2/b2"]
    assert clips.ensure("funny", 2) == found.clips["funny"][2]
    assert drawn == []


def test_files_that_are_no_videos_are_skipped_and_told(drawn):
    good = put("scary", 1, "good.mp4")
    folder = good.parent
    (folder / "empty.mp4").touch()
    (folder / "noise.webm").write_bytes(np.random.default_rng(0).bytes(5000))
    (folder / "cut.mp4").write_bytes(good.read_bytes()[:200])
    (folder / "text.txt").write_text("no video")
    (folder / ".hidden.mp4").touch()
    (folder / "folder.mp4").mkdir()
    (folder / "gone.mp4").symlink_to("nowhere.mp4")
    found = clips.catalogue()
    assert names(found.clips["scary"][1]) == ["1/good.mp4"]
    reasons = {item.path.name: item.reason for item in found.skipped}
    assert reasons == {
        "cut.mp4": "cannot be read as a video",
        "empty.mp4": "empty",
        "folder.mp4": "not a file",
        "gone.mp4": "No such file or directory",
        "noise.webm": "cannot be read as a video",
        "text.txt": "not one of .mp4, .webm, .m4v, .mov, .ogv",
    }


def test_where_all_are_bad_the_animated_clips_are_played(drawn):
    path = put("scary", 3, "bad.mp4")
    path.write_bytes(b"")
    assert names(clips.catalogue().clips["scary"][3]) == ["3/a3", "3/b3"]
    assert all(clip.ready for clip in clips.ensure("scary", 3))


def test_a_file_that_is_replaced_is_looked_at_again(drawn):
    path = put("funny", 1, "clip.mp4", frames=10)
    assert clips.catalogue().clips["funny"][1][0].seconds == pytest.approx(0.5)
    shutil.copy(put("funny", 2, "longer.mp4", frames=40), path)
    assert clips.catalogue().clips["funny"][1][0].seconds == pytest.approx(2)


@pytest.mark.parametrize("arguments", [("sad", 1), ("funny", 0), ("funny", 4), ("funny", "1")])
def test_an_unknown_mode_or_level_is_refused(arguments):
    with pytest.raises(ValueError, match="must be one of"):
        clips.ensure(*arguments)


def test_the_command_line_lists_what_there_is(drawn, capsys):
    put("funny", 1, "cat.mp4", frames=20)
    for mode, level in (("funny", 2), ("scary", 1)):
        clips.ensure(mode, level)
    assert clips.main(["--list"]) == 0
    text = capsys.readouterr().out
    assert text.count("(not made yet)") == 6
    assert "1/cat.mp4                  1.0 s" in text
    assert clips.main(["--list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert listed["skipped"] == []
    assert [clip["name"] for clip in listed["clips"]["funny"]["1"]] == ["1/cat.mp4"]
    assert [clip["ready"] for clip in listed["clips"]["funny"]["2"]] == [True, True]
    assert listed["clips"]["scary"]["3"][0] | {"path": ""} == {
        "name": "3/a3",
        "path": "",
        "seconds": 0.2,
        "own": False,
        "ready": False,
    }


def test_other_processes_make_the_clips_and_an_error_names_the_file(capsys, monkeypatch):
    """The beginning of a real scene is left to make, into a folder that is a file for the second attempt."""
    short = {3: tuple(dataclasses.replace(scene, seconds=0.3) for scene in clips.SCENES["scary"][3])}
    monkeypatch.setitem(clips.SCENES, "scary", clips.SCENES["scary"] | short)
    for mode, levels in clips.catalogue().clips.items():
        for level, of_level in levels.items():
            for clip in of_level:
                clip.path.parent.mkdir(parents=True, exist_ok=True)
                if (mode, level, clip.name) != ("scary", 3, "3/lake"):
                    clip.path.write_bytes(b"there")
    lake = clips.catalogue().clips["scary"][3][1]
    reports = []
    clips.make_all(lambda *report: reports.append(report))
    assert reports == [(lake, 1, 1)]
    capture = cv2.VideoCapture(str(lake.path))
    assert capture.get(cv2.CAP_PROP_FRAME_COUNT) == round(lake.seconds * animation.RATE)
    clips.make_all(lambda *report: reports.append(report))
    assert len(reports) == 1  # nothing is missing
    shutil.rmtree(lake.path.parent)
    lake.path.parent.write_text("a file")
    assert clips.main([]) == 1
    assert str(lake.path.parent) in capsys.readouterr().err
