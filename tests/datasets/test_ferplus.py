import numpy as np
import pytest

from fer import datasets, labels
from fer.datasets import ferplus
from fer.datasets.base import DamagedDataError, MissingDataError

HEADER = "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"

# Votes, the emotion by majority, and the soft label, each worked out by hand from the paper's rules.
CASES = [
    ([10, 0, 0, 0, 0, 0, 0, 0, 0, 0], "neutral", {"neutral": 1}),
    ([0, 6, 1, 1, 1, 1, 0, 0, 0, 0], "happy", {"happy": 1}),  # single votes are outliers
    ([4, 0, 0, 1, 3, 2, 0, 0, 0, 0], None, {"neutral": 4 / 7, "angry": 3 / 7}),  # 7 of 9 is enough
    ([0, 5, 5, 0, 0, 0, 0, 0, 0, 0], None, {"happy": 0.5, "surprise": 0.5}),  # half is no majority
    ([0, 8, 2, 0, 0, 0, 0, 0, 0, 0], "happy", {"happy": 1}),  # 8 of 10 is three quarters: stop
    ([0, 7, 3, 0, 0, 0, 0, 0, 0, 0], "happy", {"happy": 0.7, "surprise": 0.3}),
    ([0, 0, 0, 0, 0, 0, 0, 0, 2, 8], None, None),  # no face
    ([0, 0, 4, 0, 0, 0, 0, 0, 6, 0], None, None),  # unknown wins
    ([0, 0, 6, 2, 0, 0, 0, 0, 3, 0], "surprise", {"surprise": 1}),  # unknown comes second: stop
    ([0, 0, 4, 2, 0, 0, 0, 0, 4, 0], None, None),  # equal to unknown: taken, but 4 of 10 is too little
    ([0, 0, 5, 2, 0, 0, 0, 0, 4, 0], None, None),  # five of eleven is too little
    ([2, 2, 2, 2, 2, 0, 0, 0, 0, 0], None, None),  # five emotions are too many
    ([4, 2, 2, 2, 0, 0, 0, 0, 0, 0], None, None),  # equals come together: four are too many
    ([3, 3, 2, 0, 0, 0, 0, 0, 0, 0], None, {"neutral": 0.5, "happy": 0.5}),  # exactly three quarters
    ([4, 0, 3, 0, 0, 0, 3, 0, 0, 0], None, {"neutral": 0.4, "surprise": 0.3, "fear": 0.3}),
    ([1, 1, 1, 1, 1, 1, 1, 1, 1, 1], None, None),
    ([0, 0, 0, 0, 0, 0, 0, 9, 0, 0], "contempt", {"contempt": 1}),
    ([0, 0, 0, 0, 3, 0, 0, 6, 0, 0], "contempt", {"angry": 3 / 9, "contempt": 6 / 9}),
]
VOTES = np.array([votes for votes, _, _ in CASES])
HAPPY = [0, 10, 0, 0, 0, 0, 0, 0, 0, 0]


def distribution(shares, vocabulary=labels.FERPLUS):
    return [(shares or {}).get(emotion, 0) for emotion in vocabulary]


@pytest.fixture
def root(tmp_path, csv_lines):
    """A full FER-2013 csv of forty rows, and FER+ with the cases in its first rows, then happy ones."""
    (tmp_path / "fer2013").mkdir()
    (tmp_path / "fer2013" / "fer2013.csv").write_text("\n".join(csv_lines))
    votes = [case[0] for case in CASES] + [HAPPY] * (40 - len(CASES))
    usages = [line.rsplit(",", 1)[1] for line in csv_lines[1:]]
    rows = [
        f"{usage},{'' if number == 6 else 'fer0000001.png'},{','.join(map(str, counts))}"
        for number, (usage, counts) in enumerate(zip(usages, votes, strict=True))
    ]
    (tmp_path / "ferplus").mkdir()
    (tmp_path / "ferplus" / "fer2013new.csv").write_text("\n".join([HEADER, *rows, ""]))
    return tmp_path


def change_csv(root, change):
    file = root / "fer2013" / "fer2013.csv"
    file.write_text("\n".join(change(file.read_text().split("\n"))))


def test_majority_is_more_than_half_of_the_votes_without_outliers():
    expected = [distribution({emotion: 1} if emotion else None) for _, emotion, _ in CASES]
    np.testing.assert_array_equal(ferplus.majority(VOTES), expected)


def test_soft_labels_are_the_shares_of_the_most_chosen_emotions():
    np.testing.assert_allclose(ferplus.soft(VOTES), [distribution(shares) for _, _, shares in CASES])


def test_majority_drops_the_others_and_lists_them_with_their_line(root):
    dataset = datasets.load("ferplus", root=root)
    kept = [row for row, (_, emotion, _) in enumerate(CASES) if emotion]
    assert dataset.emotions == labels.FERPLUS
    assert dataset.soft_labels is None
    assert dataset.table["emotion"][: len(kept)].tolist() == [CASES[row][1] for row in kept]
    assert dataset.table["line"].tolist() == [row + 2 for row in [*kept, *range(len(CASES), 40)]]
    reasons = dict(zip(dataset.skipped["source"], dataset.skipped["reason"], strict=True))
    assert set(reasons) == {f"line {row + 2}" for row in range(len(CASES)) if row not in kept}
    assert reasons["line 5"] == "FER+: the taggers disagree"
    assert reasons["line 8"] == reasons["line 9"] == "FER+: unknown or no face has the most votes"


def test_soft_mode_keeps_votes_original_label_and_image(root, faces):
    dataset = datasets.load("ferplus", root=root, mode="soft")
    assert dataset.table["line"][2] == 4
    np.testing.assert_array_equal(dataset.images[2], faces[2])
    np.testing.assert_allclose(dataset.soft_labels[2], distribution(CASES[2][2]), rtol=1e-6)
    row = dataset.table.iloc[2]
    assert (row["emotion"], row["original_emotion"], row["split"]) == ("neutral", "fear", "train")
    columns = [f"votes_{name}" for name in (*labels.FERPLUS, "unknown", "nf")]
    assert row[columns].tolist() == CASES[2][0]


def test_fer2013_vocabulary_leaves_contempt_out_and_scales_the_rest(root):
    dataset = datasets.load("ferplus", root=root, mode="soft", emotions="fer2013")
    assert dataset.emotions == labels.FER2013
    np.testing.assert_allclose(dataset.soft_labels.sum(axis=1), 1, rtol=1e-6)
    last_case = dataset.soft_labels[dataset.table["line"] == len(CASES) + 1][0]
    np.testing.assert_allclose(last_case, distribution({"angry": 1}, labels.FER2013))
    only_contempt = dataset.skipped.loc[dataset.skipped["source"] == f"line {len(CASES)}", "reason"]
    assert only_contempt.tolist() == ["FER+: contempt is none of the seven emotions"]


def test_translate_finds_the_labels_that_go_with_votes():
    random = np.random.default_rng(7)
    probabilities = np.array([[0.7, 0, 0.3, 0, 0, 0, 0], [0, 0, 0, 0, 0.4, 0, 0.6]])  # by what all choose
    chosen = random.integers(0, 2, 4000)
    emotions = (random.random((4000, 1)) > probabilities[chosen].cumsum(axis=1)).sum(axis=1)
    votes = np.zeros((4000, 10), int)
    votes[np.arange(4000), np.array([4, 0])[chosen]] = 10  # anger, neutral
    translated = ferplus.translate(votes, emotions)
    np.testing.assert_allclose(translated, probabilities[chosen], atol=0.03)
    np.testing.assert_allclose(translated.sum(axis=1), 1)


def test_translate_mode_keeps_the_labels_of_fer2013_and_mixes_the_votes_into_those_of_training(root):
    original = datasets.load("fer2013", root=root / "fer2013")
    mixed = datasets.load("ferplus", root=root, mode="translate", emotions="fer2013", weight=0.4)
    rows = mixed.table["line"] - 2
    assert mixed.emotions == labels.FER2013
    assert mixed.table["emotion"].tolist() == original.table["emotion"].iloc[rows].tolist()
    np.testing.assert_array_equal(mixed.images, original.images[rows])
    train = (mixed.table["split"] == "train").to_numpy()
    votes = np.vstack([VOTES, np.tile(HAPPY, (40 - len(CASES), 1))])[rows]
    np.testing.assert_array_equal(mixed.table.filter(like="votes_"), votes)
    label = np.eye(7)[mixed.labels]
    expected = 0.6 * label[train] + 0.4 * ferplus.translate(votes[train], mixed.labels[train])
    np.testing.assert_allclose(mixed.soft_labels[train], expected, atol=1e-6)
    np.testing.assert_array_equal(mixed.soft_labels[~train], label[~train])


def test_translate_mode_leaves_unclear_images_out_of_training_only(root):
    mixed = datasets.load("ferplus", root=root, mode="translate", emotions="fer2013")
    unclear = [row + 2 for row, (votes, _, _) in enumerate(CASES) if max(votes[8:]) > max(votes[:8])]
    assert mixed.skipped["source"].tolist() == [f"line {line}" for line in unclear]
    assert mixed.table["line"].tolist() == [line for line in range(2, 42) if line not in unclear]
    assert (mixed.table["split"] != "train").sum() == 10


@pytest.mark.parametrize("options", [{"emotions": "ferplus"}, {"emotions": "fer2013", "weight": 1.5}])
def test_translate_mode_refuses_other_emotions_and_weights(root, options):
    with pytest.raises(ValueError, match="`mode` 'translate' needs"):
        datasets.load("ferplus", root=root, mode="translate", **options)


def test_damaged_rows_of_the_csv_do_not_shift_the_join(root):
    change_csv(root, lambda lines: [*lines[:2], "0,1 2 3,Training", "cut", *lines[4:]])
    dataset = datasets.load("ferplus", root=root, mode="soft")
    assert dataset.table["line"][:3].tolist() == [2, 5, 6]
    np.testing.assert_allclose(dataset.soft_labels[1], distribution(CASES[3][2]), rtol=1e-6)


@pytest.mark.parametrize(("first", "last"), [(0, 35), (30, 40), (35, 40)])
def test_csv_with_some_of_the_splits_is_joined_with_their_votes(root, first, last):
    whole = datasets.load("ferplus", root=root).table
    change_csv(root, lambda lines: [lines[0], *lines[first + 1 : last + 1]])
    part = datasets.load("ferplus", root=root).table
    columns = ["emotion", "original_emotion", "split"]
    expected = whole[(whole["line"] > first + 1) & (whole["line"] <= last + 1)]
    assert part[columns].to_numpy().tolist() == expected[columns].to_numpy().tolist()


@pytest.mark.parametrize(
    "change",
    [
        lambda lines: lines[:-1],
        lambda lines: [*lines, lines[-1]],
        lambda lines: [lines[0], *lines[:0:-1]],
        lambda lines: [lines[0], "", *lines[1:]],
    ],
    ids=["row missing", "row too many", "other order", "empty line"],
)
def test_files_that_do_not_fit_row_by_row_are_refused(root, change):
    change_csv(root, change)
    with pytest.raises(DamagedDataError, match="row by row"):
        datasets.load("ferplus", root=root)


def test_root_may_be_either_folder_or_one_with_both_files(root):
    for place in (root, root / "ferplus", root / "fer2013", root / "fer2013" / "fer2013.csv"):
        assert len(datasets.load("ferplus", root=place)) == len(datasets.load("ferplus", root=root))
    votes = (root / "ferplus" / "fer2013new.csv").rename(root / "votes.csv")
    assert len(datasets.load("ferplus", root=root, votes=votes)) > 0
    votes.rename(root / "fer2013" / "fer2013new.csv")
    assert len(datasets.load("ferplus", root=root / "fer2013")) > 0


def test_missing_votes_say_where_to_get_them(root):
    (root / "ferplus" / "fer2013new.csv").unlink()
    with pytest.raises(MissingDataError, match=r"github\.com/microsoft/FERPlus"):
        datasets.load("ferplus", root=root)
    with pytest.raises(MissingDataError, match=r"not at .*elsewhere\.csv"):
        datasets.load("ferplus", root=root, votes=root / "elsewhere.csv")
    with pytest.raises(MissingDataError, match=rf"FER-2013 is not at {root / 'no' / 'where'}\."):
        datasets.load("ferplus", root=root / "no" / "where")


@pytest.mark.parametrize(
    "content", ["", "<html>", HEADER.replace("sadness,", ""), f"{HEADER}\nTraining,,many{',0' * 9}"]
)
def test_votes_that_are_not_the_csv_are_refused(root, content):
    (root / "ferplus" / "fer2013new.csv").write_text(content)
    with pytest.raises(DamagedDataError, match=r"fer2013new\.csv is not the csv of FER\+"):
        datasets.load("ferplus", root=root)


@pytest.mark.parametrize("option", [{"mode": "mean"}, {"emotions": "ekman"}])
def test_unknown_option_value_is_refused(root, option):
    with pytest.raises(ValueError, match=r"must be one of.*Received"):
        datasets.load("ferplus", root=root, **option)
