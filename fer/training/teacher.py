"""A teacher: trained networks whose probabilities another one learns."""

from collections.abc import Sequence

import numpy as np

from fer import inference, kernel
from fer.inference import exporting
from fer.inference.pool import Pool
from fer.models.network import Network
from fer.training.run import Run


class Teacher:
    """Gives the mean probabilities of finished runs, in their fast form with weights of 8 bits.

    On the augmented images that the student sees, not on the originals: what it learns is a function, not a
    table of labels. Each is averaged with its mirror image, whose emotion is the same.

    Source: Hinton, Vinyals and Dean (2015), Distilling the knowledge in a neural network, arXiv:1503.02531;
    the augmented images: Beyer et al. (2022), Knowledge distillation: a good teacher is patient and
    consistent, arXiv:2106.05237.

    Args:
        runs: Finished runs that take the same images and name the same emotions.
    """

    def __init__(self, runs: Sequence[Run]):
        folders = [
            inference.export(
                run.model_path, run.folder / "exported-int8", {"emotion": run.metrics["emotions"]}, "int8"
            )
            for run in runs
        ]
        weights = [exporting.load(folder)[1] for folder in folders]
        self._networks = Pool(lambda: [Network(content) for content in weights], size=kernel.cores())

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Returns the probabilities of images. Serves several threads at a time.

        Args:
            images: float32, shape (n, height, width, channels), range 0…1.

        Returns:
            float32, shape (n, emotions).
        """
        with self._networks.lend() as networks:
            return np.stack(
                [
                    np.mean(
                        [network(view) for network in networks for view in (image, image[:, ::-1])], axis=0
                    )
                    for image in images
                ]
            )
