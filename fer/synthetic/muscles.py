"""What the action units do to a face: movements of its parts in face units.

Each movement is linear in the intensities, so that a slider from 0 to 1 moves the face evenly.
"""

import numpy as np

from fer.synthetic.expression import COLUMNS

MOVEMENTS = {
    "inner_brow_up": {"au01": 0.19, "au02": 0.02, "au04": -0.13, "au09": -0.05},
    "middle_brow_up": {"au01": 0.06, "au02": 0.15, "au04": -0.1, "au09": -0.04},
    "outer_brow_up": {"au01": -0.01, "au02": 0.16, "au04": -0.03},
    "brow_in": {"au04": 0.075, "au09": 0.02},
    "upper_lid_up": {"au05": 0.06, "au06": -0.016, "au07": -0.028, "au09": -0.02, "au43": -0.17},
    "lower_lid_up": {"au05": -0.008, "au06": 0.03, "au07": 0.028, "au09": 0.022},
    "inner_lid_up": {"au01": 0.35, "au02": -0.3, "au04": -0.1},
    "cheek_up": {"au06": 1, "au12": 0.4, "au09": 0.3},
    "nose_up": {"au09": 0.05, "au10": 0.015},
    "nostril_out": {"au09": 0.02, "au10": 0.01, "au12": 0.012},
    "corner_up": {"au12": 0.2, "au15": -0.15, "au20": -0.03, "au16": -0.02, "au10": 0.01},
    "corner_out": {
        "au12": 0.14,
        "au20": 0.17,
        "au15": 0.01,
        "au17": -0.02,
        "au23": -0.05,
        "au24": -0.04,
        "au26": -0.11,
    },
    "lip_line_up": {"au17": 0.04, "au15": 0.015, "au12": -0.03, "au09": 0.025, "au10": 0.03},
    "upper_lip_up": {"au09": 0.045, "au10": 0.075, "au12": 0.012, "au25": 0.018, "au16": 0.004},
    "lower_lip_down": {"au16": 0.05, "au25": 0.06, "au26": 0.3, "au20": 0.012, "au17": -0.03},
    "mouth_open": {"au10": 0.025, "au16": 0.045, "au25": 0.085, "au26": 0.31, "au23": -0.05, "au24": -0.08},
    "upper_lip_thicker": {
        "au12": -0.2,
        "au20": -0.3,
        "au23": -0.45,
        "au24": -0.55,
        "au26": -0.1,
        "au10": 0.15,
    },
    "lower_lip_thicker": {
        "au12": -0.1,
        "au20": -0.25,
        "au23": -0.45,
        "au24": -0.55,
        "au17": 0.25,
        "au16": -0.1,
    },
    "jaw_down": {"au26": 0.24, "au25": 0.02},
    "chin_up": {"au17": 0.05, "au24": 0.01},
    "forehead_lines": {"au01": 0.7, "au02": 0.5, "au04": -0.3},
    "frown_lines": {"au04": 0.9, "au09": 0.4},
    "nose_lines": {"au09": 1},
    "nasolabial_folds": {"au12": 0.75, "au09": 0.6, "au10": 0.5, "au06": 0.15, "au15": 0.1, "au20": 0.15},
    "crows_feet": {"au06": 0.9, "au07": 0.15},
    "eye_bags": {"au06": 0.5, "au07": 0.5, "au09": 0.4},
    "corner_lines": {"au15": 0.8, "au20": 0.4, "au12": 0.2, "au24": 0.2},
    "chin_lines": {"au17": 0.9, "au15": 0.3},
}
"""For each movement, how far one unit of each action unit moves it. Lengths are face units; lid tilt,
lip thickness, cheek and lines are shares of their full size."""


def movements(action_units: dict[str, np.ndarray], asymmetry: np.ndarray) -> dict[str, np.ndarray]:
    """Returns how far each part of both halves of the faces moves.

    Args:
        action_units: Intensity 0…1 by column name, each of shape (n,).
        asymmetry: -1…1, shape (n,): by how much less the left half (positive) or the right half moves.

    Returns:
        For each movement an array of shape (n, 2): left half, right half.
    """
    intensities = np.stack([action_units[column] for column in COLUMNS], axis=1)
    halves = 1 - np.maximum(asymmetry[:, None] * [1, -1], 0)
    moved = intensities @ _matrix()
    return {name: moved[:, [column]] * halves for column, name in enumerate(MOVEMENTS)}


def _matrix() -> np.ndarray:
    return np.array([[effects.get(unit, 0) for effects in MOVEMENTS.values()] for unit in COLUMNS])
