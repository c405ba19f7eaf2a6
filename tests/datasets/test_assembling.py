from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fer import datasets
from fer.datasets import assembling, scan
from fer.datasets.base import DamagedDataError, MissingDataError

NAMES = ["ckplus", "mmi", "kdef", "jaffe", "sfew", "rafdb", "affectnet"]
OWNERS = {
    "ckplus": "jeffcohn.net",
    "mmi": "mmifacedb.eu",
    "kdef": "kdef.se",
    "jaffe": "zenodo.org",
    "sfew": "cs.anu.edu.au",
    "rafdb": "whdeng.cn",
    "affectnet": "mohammadmahoor.com",
}


class TestAskedForDataSets:
    @pytest.mark.parametrize("name", NAMES)
    def test_own_layout_is_read_without_damage(self, name, trees):
        dataset = datasets.load(name, root=trees[name])
        assert dataset.name == name
        assert all(Path(path).is_file() for path in dataset.table["path"])
        assert (dataset.counts().sum(axis=1) > 0).all()

    @pytest.mark.parametrize("name", NAMES)
    def test_layout_of_another_data_set_is_refused(self, name, trees):
        for other in set(NAMES) - {name}:
            with pytest.raises(MissingDataError) as caught:
                datasets.load(name, root=trees[other])
            assert OWNERS[name] in str(caught.value) and str(trees[other]) in str(caught.value)

    @pytest.mark.parametrize("name", NAMES)
    def test_empty_absent_and_foreign_folders_are_refused(self, name, tmp_path, draw_face):
        draw_face(tmp_path / "photos" / "holiday.jpg")
        draw_face(tmp_path / "classes" / "happy" / "1.jpg")
        draw_face(tmp_path / "classes" / "anger" / "1.jpg")
        draw_face(tmp_path / "splits" / "train" / "happy" / "1.jpg")
        draw_face(tmp_path / "splits" / "val" / "happy" / "1.jpg")
        (tmp_path / "empty").mkdir()
        for folder in ("empty", "absent", "photos", "classes", "splits"):
            with pytest.raises(MissingDataError) as caught:
                datasets.load(name, root=tmp_path / folder)
            assert OWNERS[name] in str(caught.value) and str(tmp_path / folder) in str(caught.value)

    @pytest.mark.parametrize("name", ["ckplus", "mmi", "kdef", "jaffe"])
    def test_a_person_is_in_one_split_only(self, name, trees):
        table = datasets.load(name, root=trees[name]).table
        assert (table.groupby("subject")["split"].nunique() == 1).all()
        shares = table["split"].value_counts(normalize=True)
        assert shares["train"] == pytest.approx(0.6, abs=0.1)
        assert shares["validation"] == pytest.approx(shares["test"], abs=0.1)

    @pytest.mark.parametrize("name", ["ckplus", "mmi", "kdef", "jaffe"])
    def test_fractions_and_seed_decide_the_split(self, name, trees):
        options = {"fractions": (0.4, 0.2, 0.4)}
        first, same, other = (
            datasets.load(name, root=trees[name], seed=seed, **options).table["split"] for seed in (1, 1, 2)
        )
        assert first.equals(same) and not first.equals(other)
        assert (first == "test").mean() == pytest.approx(0.4, abs=0.1)

    @pytest.mark.parametrize("name", NAMES)
    def test_reported_emotions_are_those_that_are_read(self, name, trees):
        reported = datasets.reported(name)
        if reported is not None:
            assert set(reported) == set(datasets.load(name, root=trees[name]).emotions)


def assemble(root, files, **options):
    rows = pd.DataFrame({"file": files, "emotion": "happy", "split": "train", "subject": files})
    return assembling.assemble("test", ("happy",), root, rows, lambda table: table["split"], **options)


def test_files_that_are_missing_or_damaged_are_skipped(tmp_path, draw_face):
    files = [Path(draw_face(tmp_path / f"{number:02}.png").name) for number in range(40)]
    (tmp_path / "00.png").write_bytes(b"")
    dataset = assemble(tmp_path, [*files, Path("lost.png")])
    assert dataset.skipped["source"].tolist() == [str(tmp_path / "00.png"), str(tmp_path / "lost.png")]
    assert dataset.skipped["reason"].iloc[1] == "no such file"
    assert dataset.table["subject"].tolist() == files[1:]
    assert dataset.images.shape == (39, 16, 16)
    draw_face(tmp_path / "lost.png")
    assert len(assemble(tmp_path, [*files, Path("lost.png")])) == 40


def test_without_decoding_only_missing_files_are_found(tmp_path, draw_face):
    files = [Path(draw_face(tmp_path / f"{number:02}.png").name) for number in range(20)]
    (tmp_path / "00.png").write_bytes(b"")
    dataset = assemble(tmp_path, [*files, Path("lost.png")], decode=False)
    assert dataset.skipped["source"].tolist() == [str(tmp_path / "lost.png")]
    assert dataset.images is None and len(dataset) == 20


def test_skips_count_as_damage_or_not(tmp_path, draw_face):
    files = [Path(draw_face(tmp_path / f"{number}.png").name) for number in range(8)]
    entries = scan.skips(tmp_path, [Path("a"), Path("b")], "why")
    assert len(assemble(tmp_path, files, left_out=entries).skipped) == 2
    with pytest.raises(DamagedDataError, match="2 of 10"):
        assemble(tmp_path, files, damaged=entries)


def test_held_out_images_are_a_share_of_each_emotion_of_train():
    table = pd.DataFrame({"emotion": ["happy", "sad"] * 50, "split": ["train"] * 80 + ["test"] * 20})
    split = assembling.hold_out(table, share=0.25, seed=0)
    assert split[80:].eq("test").all() and table["split"].eq("train").sum() == 80
    held_out = table["emotion"][split == "validation"]
    assert held_out.value_counts().to_dict() == {"happy": 10, "sad": 10}


def test_held_out_groups_are_held_out_whole():
    groups = pd.Series(np.repeat(np.arange(10), 4))
    table = pd.DataFrame({"emotion": ["happy", "sad"] * 20, "split": "train"})
    split = assembling.hold_out(table, share=0.2, seed=0, groups=groups)
    assert (split.groupby(groups).nunique() == 1).all() and (split == "validation").sum() == 8
