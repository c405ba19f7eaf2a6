import matplotlib.pyplot as plt
import pytest

from fer import plotting


@pytest.fixture(autouse=True)
def figures():
    """The style of the laboratory for one test, and no figure left open after it."""
    with plt.rc_context():
        plotting.use_style()
        yield
        plt.close("all")
