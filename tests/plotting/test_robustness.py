"""The figure of robustness: what is drawn, not pixels."""

import pandas as pd

from fer import plotting


def test_every_distortion_has_its_curve_and_its_unit():
    rows = [
        {"distortion": f"kind {kind}", "label": f"unit {kind}", "level": level, "accuracy": level / 4}
        for kind in range(6)
        for level in (1, 2, 3)
    ]
    table = pd.DataFrame(rows).assign(low=0.1, high=0.9, n=1234)
    figure = plotting.robustness(table)
    assert len(figure.axes) == 6
    for kind, ax in enumerate(figure.axes):
        assert ax.get_title() == f"kind {kind}" or ax.get_title(loc="left") == f"kind {kind}"
        assert ax.get_xlabel() == f"unit {kind}"
        assert ax.get_ylim() == (0, 1)
        line = ax.lines[0]
        assert line.get_xdata().tolist() == [1, 2, 3]
        assert line.get_ydata().tolist() == [0.25, 0.5, 0.75]
    assert "n = 1,234" in figure.get_suptitle()
