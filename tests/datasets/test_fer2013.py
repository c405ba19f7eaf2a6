import gzip
import logging
import os
import tarfile
import zipfile

import cv2
import numpy as np
import pytest

from fer import datasets, labels
from fer.datasets import fer2013, fer2013_csv
from fer.datasets.base import DamagedDataError, MissingDataError


def write(path, lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes("\n".join([*lines, ""]).encode())
    return path


def skips(dataset):
    return dict(zip(dataset.skipped["source"], dataset.skipped["reason"], strict=True))


def test_csv_gives_the_pixels_labels_and_splits_that_were_written(tmp_path, csv_lines, faces):
    dataset = datasets.load("fer2013", root=write(tmp_path / "fer2013.csv", csv_lines))
    np.testing.assert_array_equal(dataset.images, faces)
    np.testing.assert_array_equal(dataset.labels, np.arange(40) % 7)
    assert dataset.emotions == labels.FER2013
    assert dataset.table["split"].tolist() == ["train"] * 30 + ["validation"] * 5 + ["test"] * 5
    assert dataset.table["line"].tolist() == list(range(2, 42))
    assert dataset.skipped.empty


def test_root_may_be_the_file_the_folder_or_the_default_folder(tmp_path, csv_lines, faces):
    file = write(tmp_path / "fer_data" / "fer2013" / "fer2013.csv", csv_lines)
    for root in (file, file.parent, tmp_path / "fer_data", str(file), None):
        np.testing.assert_array_equal(datasets.load("fer2013", root=root).images, faces)


@pytest.mark.parametrize("place", ["csv.gz", "zip", "zip with folder", "tar.gz", "zip with tar.gz"])
def test_archives_are_read_as_they_are_distributed(tmp_path, csv_lines, faces, place):
    plain = write(tmp_path / "made" / "fer2013.csv", csv_lines)
    folder = tmp_path / "얼굴 사진"
    folder.mkdir()
    if place == "csv.gz":
        (folder / "fer2013.csv.gz").write_bytes(gzip.compress(plain.read_bytes()))
    elif place == "zip":
        with zipfile.ZipFile(folder / "archive.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(plain, "fer2013.csv")
    elif place == "zip with folder":
        with zipfile.ZipFile(folder / "fer2013.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("fer2013/README", "read me")
            archive.write(plain, "fer2013/fer2013.csv")
    else:
        tar = (folder if place == "tar.gz" else tmp_path) / "fer2013.tar.gz"
        with tarfile.open(tar, "w:gz") as archive:
            archive.add(plain, "fer2013/fer2013.csv")
        if place == "zip with tar.gz":
            with zipfile.ZipFile(folder / "archive.zip", "w") as archive:
                archive.writestr("test.csv", "pixels")
                archive.write(tar, "fer2013.tar.gz")
    np.testing.assert_array_equal(datasets.load("fer2013", root=folder).images, faces)


def test_columns_in_any_order_with_spaces_capitals_quotes_and_extras(tmp_path, csv_lines, faces):
    rows = [line.split(",") for line in csv_lines[1:]]
    lines = [
        '\ufeffid, Usage,PIXELS ,"Emotion"',
        *(f'a, {usage},"{pixels}",{label}' for label, pixels, usage in rows),
    ]
    dataset = datasets.load(
        "fer2013", root=write(tmp_path / "icml_face_data.csv", [f"{line}\r" for line in lines])
    )
    np.testing.assert_array_equal(dataset.images, faces)
    np.testing.assert_array_equal(dataset.labels, np.arange(40) % 7)


def test_csv_of_the_test_split_alone(tmp_path, csv_lines, faces):
    dataset = datasets.load("fer2013", root=write(tmp_path / "fer2013.csv", [csv_lines[0], *csv_lines[36:]]))
    assert set(dataset.table["split"]) == {"test"}
    np.testing.assert_array_equal(dataset.images, faces[35:])


def test_empty_lines_are_no_rows_but_count_as_lines(tmp_path, csv_lines):
    lines = [*csv_lines[:3], "", *csv_lines[3:], "", ""]
    dataset = datasets.load("fer2013", root=write(tmp_path / "fer2013.csv", lines))
    assert len(dataset) == 40 and dataset.skipped.empty
    assert dataset.table["line"].tolist() == [2, 3, *range(5, 43)]


PIXELS = " ".join(["7"] * 2304)
DAMAGES = {
    "emotion missing": (f",{PIXELS},Training", "emotion is missing or not 0 to 6"),
    "emotion too large": (f"7,{PIXELS},Training", "emotion is missing or not 0 to 6"),
    "emotion in words": (f"happy,{PIXELS},Training", "emotion is missing or not 0 to 6"),
    "usage unknown": (f"0,{PIXELS},Trainin", "usage is none of Training, PublicTest, PrivateTest"),
    "one pixel less": (f"0,{PIXELS[2:]},Training", "wrong number of pixels"),
    "one pixel more": (f"0,{PIXELS} 7,Training", "wrong number of pixels"),
    "no pixels": ("0,,Training", "wrong number of pixels"),
    "pixel in letters": (f"0,{PIXELS[:-1]}x,Training", "a pixel is not a whole number"),
    "pixel with a point": (f"0,{PIXELS}.5,Training", "a pixel is not a whole number"),
    "pixel 256": (f"0,{PIXELS[:-1]}256,Training", "a pixel is not from 0 to 255"),
    "pixel beyond 64 bits": (f"0,{PIXELS[:-1]}{10**30},Training", "a pixel is not from 0 to 255"),
    "pixel negative": (f"0,{PIXELS[:-1]}-1,Training", "a pixel is not from 0 to 255"),
    "field missing": (f"0,{PIXELS}", "wrong number of fields"),
    "field too many": (f"0,{PIXELS},Training,Training", "wrong number of fields"),
    "quote left open": (f'0,"{PIXELS},Training', "wrong number of fields"),
    "not UTF-8": (f"0,{PIXELS},Training".replace("7", "\udcff", 1), "bytes that are not text"),
    "carriage return inside": (f"0,{PIXELS},\rTraining", "not a row of a csv"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_row_is_listed_with_its_line_and_the_rest_loads(tmp_path, csv_lines, faces, damage):
    line, reason = DAMAGES[damage]
    csv_lines[10] = line
    file = tmp_path / "fer2013.csv"
    file.write_bytes("\n".join(csv_lines).encode(errors="surrogateescape"))
    dataset = datasets.load("fer2013", root=file)
    assert skips(dataset) == {"line 11": reason}
    np.testing.assert_array_equal(dataset.images, np.delete(faces, 9, axis=0))


def test_row_cut_by_a_half_written_file_is_listed(tmp_path, csv_lines):
    file = write(tmp_path / "fer2013.csv", csv_lines)
    file.write_bytes(file.read_bytes()[:-3000])
    dataset = datasets.load("fer2013", root=file)
    assert len(dataset) == 39
    assert skips(dataset) == {"line 41": "wrong number of fields"}


def test_half_downloaded_gzip_loads_what_is_there_and_says_so(tmp_path, csv_lines, faces):
    file = tmp_path / "fer2013.csv.gz"
    content = gzip.compress("\n".join(csv_lines).encode())
    file.write_bytes(content[: len(content) * 9 // 10])
    dataset = datasets.load("fer2013", root=file)
    n = len(dataset)
    assert 30 < n < 40
    np.testing.assert_array_equal(dataset.images, faces[:n])
    assert list(skips(dataset)) == [f"line {n + 2}"]
    assert "the rest is lost" in dataset.skipped["reason"][0]


@pytest.mark.parametrize("name", ["archive.zip", "fer2013.tar.gz", "fer2013.csv.gz"])
def test_archive_without_a_beginning_or_an_end_is_refused(tmp_path, name):
    start = {
        "archive.zip": b"PK\x03\x04",
        "fer2013.tar.gz": b"\x1f\x8b\x08\0",
        "fer2013.csv.gz": b"\x1f\x8b\x08\0",
    }
    (tmp_path / name).write_bytes(start[name] + b"\0" * 100)
    with pytest.raises(DamagedDataError, match=name):
        datasets.load("fer2013", root=tmp_path)


def test_archive_without_the_csv_says_what_it_looked_for(tmp_path):
    with zipfile.ZipFile(tmp_path / "archive.zip", "w") as archive:
        archive.writestr("train/happy/1.jpg", "")
    with pytest.raises(DamagedDataError, match=r"fer2013\.csv.*unpack"):
        datasets.load("fer2013", root=tmp_path)


def test_five_percent_of_damaged_rows_load_and_more_stop(tmp_path, csv_lines):
    csv_lines[3] = csv_lines[30] = "0,1 2 3,Training"
    dataset = datasets.load("fer2013", root=write(tmp_path / "fer2013.csv", csv_lines))
    assert len(dataset) == 38
    assert skips(dataset) == dict.fromkeys(["line 4", "line 31"], "wrong number of pixels")
    csv_lines[31] = f"9,{PIXELS},Training"
    write(tmp_path / "fer2013.csv", csv_lines)
    for _ in range(2):  # parsed, and from the cache
        with pytest.raises(DamagedDataError, match=r"3 of 40 .*wrong number of pixels \(2\).*line 4"):
            datasets.load("fer2013", root=tmp_path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ("<!DOCTYPE html><html></html>", "web page"),
        ("version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "Git LFS"),
        ("emotion,pixels\n0,1 2 3\n", "no column usage.*'emotion,pixels'"),
        ("0,1 2 3,Training\n", "no column emotion, pixels, usage"),
        ("emotion,pixels,Usage\n", "no rows"),
        ("\x89PNG\r\0", "no column"),
    ],
)
def test_file_that_is_no_such_csv_is_named_with_the_reason(tmp_path, content, message):
    (tmp_path / "fer2013.csv").write_bytes(content.encode("latin-1"))
    with pytest.raises(DamagedDataError, match=message) as caught:
        datasets.load("fer2013", root=tmp_path)
    assert str(tmp_path / "fer2013.csv") in str(caught.value)


def test_missing_data_says_where_to_get_it_and_where_it_was_looked_for(tmp_path):
    with pytest.raises(MissingDataError) as caught:
        datasets.load("fer2013", root=tmp_path / "nothing")
    for hint in (
        str(tmp_path / "nothing"),
        "download fer2013",
        "kaggle.com",
        "fer2013.csv",
        "train/<class>/",
    ):
        assert hint in str(caught.value)


class TestCache:
    @pytest.fixture
    def parses(self, monkeypatch):
        """Counts how often the csv is parsed."""
        calls = []
        parse = fer2013_csv.parse
        monkeypatch.setattr(fer2013_csv, "parse", lambda path: calls.append(path) or parse(path))
        return calls

    @pytest.fixture
    def file(self, tmp_path, csv_lines):
        csv_lines[5] = "0,1 2 3,Training"
        return write(tmp_path / "fer2013.csv", csv_lines)

    @staticmethod
    def cache_file(tmp_path):
        (found,) = (tmp_path / "fer_cache").rglob("*.cache")
        return found

    def test_second_load_does_not_parse_and_is_the_same(self, file, parses):
        first, second = (datasets.load("fer2013", root=file) for _ in range(2))
        assert len(parses) == 1
        assert first.fingerprint == second.fingerprint
        assert skips(first) == skips(second) == {"line 6": "wrong number of pixels"}

    def test_change_of_one_byte_is_seen_even_if_size_and_time_are_the_same(self, file, parses):
        status = file.stat()
        before = datasets.load("fer2013", root=file)
        content = bytearray(file.read_bytes())
        content[content.index(b"\n") + 1] = ord("3")
        file.write_bytes(content)
        os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
        after = datasets.load("fer2013", root=file)
        assert (before.table["emotion"][0], after.table["emotion"][0]) == ("angry", "happy")
        assert len(parses) == 2

    def test_other_version_of_the_parser_parses_again(self, file, parses, monkeypatch):
        datasets.load("fer2013", root=file)
        monkeypatch.setattr(fer2013_csv, "VERSION", fer2013_csv.VERSION + 1)
        datasets.load("fer2013", root=file)
        assert len(parses) == 2

    @pytest.mark.parametrize("position", [0, 50, -20, None])
    def test_damaged_or_half_written_cache_is_made_again(self, file, parses, tmp_path, position):
        before = datasets.load("fer2013", root=file)
        cache = self.cache_file(tmp_path)
        content = bytearray(cache.read_bytes())
        if position is None:
            del content[len(content) // 2 :]
        else:
            content[position] ^= 1
        cache.write_bytes(content)
        assert datasets.load("fer2013", root=file).fingerprint == before.fingerprint
        datasets.load("fer2013", root=file)
        assert len(parses) == 2

    def test_cache_that_cannot_be_written_is_done_without(self, file, parses, tmp_path, caplog):
        (tmp_path / "fer_cache").write_text("a file where the folder should be")
        with caplog.at_level(logging.WARNING):
            assert len(datasets.load("fer2013", root=file)) == 39
        assert "Cannot write the cache" in caplog.text

    def test_interrupted_parse_leaves_nothing_behind(self, file, tmp_path, monkeypatch):
        def interrupt(line, header):
            raise KeyboardInterrupt

        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(fer2013_csv, "_parse_row", interrupt)
            datasets.load("fer2013", root=file)
        assert not [path for path in (tmp_path / "fer_cache").rglob("*") if path.is_file()]
        assert len(datasets.load("fer2013", root=file)) == 39


class TestClassFolders:
    @pytest.fixture
    def root(self, tmp_path, faces):
        for split, count in (("train", 4), ("test", 2)):
            for label, emotion in enumerate(labels.FER2013):
                folder = tmp_path / "fer2013" / split / emotion
                folder.mkdir(parents=True)
                for number in range(count):
                    cv2.imwrite(str(folder / f"{number}.png"), faces[label * 4 + number])
        return tmp_path / "fer2013"

    def test_share_of_train_becomes_validation_and_test_stays_whole(self, root, faces):
        dataset = datasets.load("fer2013", root=root, validation_share=0.25)
        assert dataset.name == "fer2013"
        assert dataset.counts().to_numpy().tolist() == [[3] * 7, [1] * 7, [2] * 7]
        for row in range(0, len(dataset), 5):
            label, number = dataset.labels[row], int(dataset.table["path"][row][-5])
            np.testing.assert_array_equal(dataset.images[row], faces[label * 4 + number])

    def test_draw_depends_on_the_seed_alone(self, root):
        def validation(seed):
            table = (
                datasets.load("fer2013", root=root, validation_share=0.25, seed=seed)
                .split("validation")
                .table
            )
            return set(table["path"])

        assert validation(0) == validation(0) != validation(1)

    def test_own_validation_folder_is_used(self, root):
        (root / "test").rename(root / "val")
        assert datasets.load("fer2013", root=root).counts().sum(axis=1).tolist() == [28, 14, 0]

    def test_class_outside_the_vocabulary_is_refused(self, root):
        (root / "train" / "fear").rename(root / "train" / "contempt")
        with pytest.raises(ValueError, match=r"Received: \['contempt'\]"):
            datasets.load("fer2013", root=root)

    def test_csv_comes_first(self, root, csv_lines):
        assert fer2013.find(root) == root
        assert fer2013.find(write(root / "fer2013.csv", csv_lines).parent).name == "fer2013.csv"
