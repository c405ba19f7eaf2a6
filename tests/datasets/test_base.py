import numpy as np
import pandas as pd
import pytest

from fer.datasets import FaceDataset

EMOTIONS = ("happy", "sad")


@pytest.fixture
def faces():
    """Forty training images, a quarter of them sad, and ten validation images; image i is filled with i."""
    table = pd.DataFrame(
        {
            "emotion": ["sad" if row % 4 == 0 else "happy" for row in range(50)],
            "split": ["validation" if row % 5 == 4 else "train" for row in range(50)],
        }
    )
    images = np.broadcast_to(np.arange(50, dtype=np.uint8)[:, None, None], (50, 4, 4))
    return FaceDataset("numbered", EMOTIONS, table, images=images)


class TestSubset:
    def test_keeps_the_shares_of_splits_and_emotions_and_the_order(self, faces):
        few = faces.subset(25)
        shares = faces.counts().to_numpy() / 50
        assert np.abs(few.counts().to_numpy() - 25 * shares).max() < 1
        assert (np.diff(few.images[:, 0, 0].astype(int)) > 0).all()
        for row, number in enumerate(few.images[:, 0, 0]):
            assert few.table["emotion"][row] == faces.table["emotion"][number]

    def test_is_decided_by_its_seed(self, faces):
        draws = [faces.subset(10, seed).images[:, 0, 0].tolist() for seed in (0, 0, 1)]
        assert draws[0] == draws[1] != draws[2]

    @pytest.mark.parametrize("n", [None, 50, 1000])
    def test_of_all_is_the_data_set_itself(self, faces, n):
        assert faces.subset(n) is faces

    def test_of_none_is_refused(self, faces):
        with pytest.raises(ValueError, match=r"`n` must be a positive integer\. Received: 0"):
            faces.subset(0)


class TestLimitTraining:
    def test_limits_the_training_split_alone_and_keeps_its_shares(self, faces):
        few = faces.limit_training(12)
        assert few.counts().loc["train"].tolist() == [9, 3]
        pd.testing.assert_frame_equal(few.counts().drop("train"), faces.counts().drop("train"))
        assert len(np.unique(few.images[:, 0, 0])) == len(few) == 22
        for row, number in enumerate(few.images[:, 0, 0]):
            assert few.table["split"][row] == faces.table["split"][number]

    def test_above_all_is_the_data_set_itself(self, faces):
        assert faces.limit_training(40) is faces
