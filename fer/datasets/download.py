"""Downloads a data set where its owners allow it; the others say in ``data/README.md`` how to get them."""

import tempfile
from pathlib import Path

from fer import paths
from fer.datasets.base import MissingDataError

KAGGLE = {"fer2013": ("deadskull7/fer2013", "fer2013.csv")}
"""The Kaggle data set that has a data set's file, and the name of the file."""


def download(name: str) -> Path:
    """Downloads a data set from Kaggle into its folder in ``paths.data()``, unless it is there.

    Args:
        name: One of ``KAGGLE``.

    Returns:
        The file.

    Raises:
        MissingDataError: It cannot be downloaded: kagglehub is not installed, Kaggle cannot be reached or
            refuses. The message says what to do.
    """
    handle, file = KAGGLE[name]
    target = paths.data() / name / file
    if target.is_file():
        return target
    by_hand = (
        f"download https://www.kaggle.com/datasets/{handle} in a browser and put {file} into {target.parent}"
    )
    try:
        import kagglehub
        from kagglehub import exceptions
    except ImportError as error:
        raise MissingDataError(
            f"The download needs kagglehub: run `pip install kagglehub` in this environment, or {by_hand}."
        ) from error
    refusals = (
        exceptions.BackendError,
        exceptions.CredentialError,
        exceptions.DataCorruptionError,
        exceptions.NotFoundError,
        exceptions.UnauthenticatedError,
        OSError,
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".download-") as folder:
        try:
            Path(kagglehub.dataset_download(handle, path=file, output_dir=folder)).replace(target)
        except refusals as error:
            raise MissingDataError(
                f"Kaggle did not give {handle}: {error}\n"
                "Check the network. If Kaggle asks who you are, make a token at "
                "https://www.kaggle.com/settings and put it into the environment variable KAGGLE_API_TOKEN. "
                f"Or {by_hand}."
            ) from error
    return target
