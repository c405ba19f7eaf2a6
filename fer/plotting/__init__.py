"""Every figure of the laboratory, one function a figure. Data first; axes in, axes out."""

from fer.plotting.data import (
    class_balance,
    mean_faces,
    photo_to_crop,
    pictures,
    pixel_statistics,
    sample_grid,
)
from fer.plotting.evaluation import (
    confusion_matrix,
    grad_cam,
    per_class,
    reliability_diagram,
    sample_predictions,
    split_gap,
)
from fer.plotting.style import EMOTION_COLORS, use_style
from fer.plotting.training import gradient_norms, training_curves

__all__ = [
    "EMOTION_COLORS",
    "class_balance",
    "confusion_matrix",
    "grad_cam",
    "gradient_norms",
    "mean_faces",
    "per_class",
    "photo_to_crop",
    "pictures",
    "pixel_statistics",
    "reliability_diagram",
    "sample_grid",
    "sample_predictions",
    "split_gap",
    "training_curves",
    "use_style",
]
