import json
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from fer import datasets
from fer.datasets.__main__ import main


@pytest.fixture
def csv(tmp_path, csv_lines):
    csv_lines[3] = csv_lines[2].replace("1,", "5,", 1)  # a copy with another label
    csv_lines[40] = csv_lines[2].replace("Training", "PrivateTest")
    csv_lines[5] = f"0,{' '.join(['0'] * 2304)},Training"
    csv_lines[6] = "0,1 2 3,Training"
    file = tmp_path / "fer2013.csv"
    file.write_text("\n".join(csv_lines))
    return file


def test_info_json_is_pure_json_and_complete(csv, capfd):
    assert main(["info", "fer2013", "--root", str(csv), "--json"]) == 0
    answer = json.loads(capfd.readouterr().out)
    counts = datasets.load("fer2013", root=csv).counts()
    assert answer["counts"] == counts.to_dict(orient="index")
    assert answer["images"] == sum(sum(row.values()) for row in answer["counts"].values()) == 39
    assert answer["height"] == answer["width"] == [48, 48]
    assert (answer["constant_images"], answer["constant_rows"]) == (1, [4])
    assert answer["duplicates"] == {
        "images": 3,
        "groups": 1,
        "copies": 2,
        "groups_within_a_split": 1,
        "groups_across_splits": 1,
        "also_in_train": {"validation": 0, "test": 1},
        "groups_with_different_emotions": 1,
    }
    assert answer["skipped"] == {
        "count": 1,
        "reasons": {"wrong number of pixels": 1},
        "entries": [{"source": "line 7", "reason": "wrong number of pixels"}],
    }


def test_info_prints_counts_and_the_skipped_rows(csv, capsys):
    assert main(["info", "fer2013", "--root", str(csv)]) == 0
    printed = capsys.readouterr().out
    for text in ("48 × 48", "line 7: wrong number of pixels", "3 images in 1 groups", "1 in test", "disgust"):
        assert text in printed


def test_info_shows_the_reported_counts_beside_the_found_ones(trees, capfd):
    assert main(["info", "ckplus", "--root", str(trees["ckplus"]), "--json"]) == 0
    answer = json.loads(capfd.readouterr().out)
    assert answer["reported"] == datasets.reported("ckplus")
    assert main(["info", "ckplus", "--root", str(trees["ckplus"])]) == 0
    lines = [line.split() for line in capfd.readouterr().out.splitlines() if line.strip()]
    lines = {words[0]: words[1:] for words in lines}
    assert lines["neutral"] == ["happy", "surprise", "sad", "angry", "disgust", "fear", "contempt"]
    assert lines["found"] == ["14", *["6"] * 7]
    assert lines["reported"] == ["327", "207", "249", "84", "135", "177", "75", "54"]


def test_info_of_fewer_emotions_than_reported_leaves_none_out(draw_face, tmp_path, capsys):
    for person in range(10):
        for emotion in ("anger", "surprise"):
            draw_face(tmp_path / emotion / f"S{person:03}_001_00000001.png")
    assert main(["info", "ckplus", "--root", str(tmp_path)]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines() if line.strip()]
    lines = {words[0]: words[1:] for words in lines}
    assert lines["happy"] == ["surprise", "sad", "angry", "disgust", "fear", "contempt", "neutral"]
    assert (lines["found"][-1], lines["reported"][-1]) == ("0", "327")


def test_info_without_reported_counts_says_null(csv, capfd):
    assert main(["info", "fer2013", "--root", str(csv), "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["reported"] is None


def test_list_names_every_data_set(capsys):
    assert main(["list", "--json"]) == 0
    assert list(json.loads(capsys.readouterr().out)) == [*datasets.available(), *datasets.BOX_READERS]


def test_missing_data_is_one_message_and_status_1(tmp_path):
    command = [sys.executable, "-m", "fer.datasets", "info", "fer2013", "--root", str(tmp_path)]
    answer = subprocess.run(command, capture_output=True, text=True)
    assert answer.returncode == 1
    assert answer.stdout == ""
    assert answer.stderr.startswith(f"FER-2013 is not at {tmp_path}.")
    assert "Traceback" not in answer.stderr


def test_wrong_usage_is_status_2(capsys):
    for arguments in (["info"], ["info", "unknown"], ["download", "aihub"], []):
        with pytest.raises(SystemExit) as stopped:
            main(arguments)
        assert stopped.value.code == 2


def test_info_of_every_row_damaged_stops(tmp_path, capsys):
    (tmp_path / "fer2013.csv").write_text("emotion,pixels,Usage\n0,1,Training\n")
    assert main(["info", "fer2013", "--root", str(tmp_path)]) == 1
    assert "1 of 1 rows" in capsys.readouterr().err


def test_info_reads_images_of_several_sizes(tmp_path, capsys):
    for emotion in ("happy", "sad"):
        for size in (8, 9):
            (tmp_path / emotion).mkdir(exist_ok=True)
            Image.fromarray(np.full((size, 12), size, dtype=np.uint8)).save(
                tmp_path / emotion / f"{size}.png"
            )
    assert main(["info", "folder", "--root", str(tmp_path)]) == 0
    assert "8–9 × 12" in capsys.readouterr().out


@pytest.fixture
def boxes(tmp_path):
    for name in "ab":
        Image.new("RGB", (100, 80)).save(tmp_path / f"{name}.png")
    rows = [
        "a.png,1,1,10,10,0,train",
        "a.png,1,1,40,40,0,train",
        "a.png,1,1,90,70,1,train",
        "b.png,,,,,,test",
    ]
    rows += ["c.png,1,1,1,1,2,test"] + ["a.png,5,5,20,20,0,train"] * 17
    (tmp_path / "boxes.csv").write_text("\n".join(["file,x,y,width,height,ignore,split", *rows]))
    return tmp_path / "boxes.csv"


def test_info_counts_boxes_and_their_sizes(boxes, capfd):
    assert main(["info", "boxes_csv", "--root", str(boxes), "--json"]) == 0
    answer = json.loads(capfd.readouterr().out)
    assert answer["counts"] == {
        "train": {"photos": 1, "without_box": 0, "boxes": 20, "ignored": 1},
        "validation": {"photos": 0, "without_box": 0, "boxes": 0, "ignored": 0},
        "test": {"photos": 1, "without_box": 1, "boxes": 0, "ignored": 0},
    }
    assert (answer["height"], answer["width"]) == ([80, 80], [100, 100])
    assert answer["box_sizes"]["50"] == 20
    assert answer["skipped"]["reasons"] == {"ignore is neither 0 nor 1": 1}
    assert main(["info", "boxes_csv", "--root", str(boxes)]) == 0
    printed = capfd.readouterr().out
    for text in ("80 × 100", "below 20 pixels", "line 6: ignore is neither 0 nor 1"):
        assert text in printed
