"""Every figure of the laboratory, one function a figure. Data first; axes in, axes out."""

from fer.plotting.activations import (
    activation_functions,
    derivative_product,
    difference_by_dataset,
    unit_deaths,
    weight_distances,
)
from fer.plotting.batch_size import accuracy_by_batch_size, learning_by_batch_size, noise_scale, throughput
from fer.plotting.comparison import (
    differences,
    learning_rate_sensitivity,
    race,
    seed_dots,
    tuned_against_default,
)
from fer.plotting.data import (
    class_balance,
    mean_faces,
    photo_to_crop,
    pictures,
    pixel_statistics,
    sample_grid,
)
from fer.plotting.detection import detections, precision_by_size, precision_by_time, precision_recall
from fer.plotting.evaluation import (
    confusion_matrix,
    grad_cam,
    per_class,
    reliability_diagram,
    sample_predictions,
    split_gap,
)
from fer.plotting.game import (
    decisions_over_time,
    false_alarms_by_delay,
    rules_compared,
    score_over_time,
    smoothing_by_frame_rate,
    step_delays,
)
from fer.plotting.inference import emotions_over_time, measured_tones
from fer.plotting.initialization import variance_by_depth, weight_densities
from fer.plotting.landscape import loss_surface
from fer.plotting.live import live_curves
from fer.plotting.mobilenet import classifiers, operations_by_stage, residual_blocks, spiral_recovery
from fer.plotting.optimizers import (
    animation_html,
    effective_steps,
    optimizer_animation,
    optimizer_paths,
    optimizer_paths_grid,
    optimizer_values,
)
from fer.plotting.robustness import robustness
from fer.plotting.style import EMOTION_COLORS, use_style
from fer.plotting.training import gradient_norms, training_curves
from fer.plotting.transfer import accuracy_by_target_size, recall_by_share
from fer.plotting.yolo import (
    anchor_overlap,
    anchor_sizes,
    decoded_box,
    detection_curves,
    learned_where,
    scales,
)

__all__ = [
    "EMOTION_COLORS",
    "accuracy_by_batch_size",
    "accuracy_by_target_size",
    "activation_functions",
    "anchor_overlap",
    "anchor_sizes",
    "animation_html",
    "class_balance",
    "classifiers",
    "confusion_matrix",
    "decisions_over_time",
    "decoded_box",
    "derivative_product",
    "detection_curves",
    "detections",
    "difference_by_dataset",
    "differences",
    "effective_steps",
    "emotions_over_time",
    "false_alarms_by_delay",
    "grad_cam",
    "gradient_norms",
    "learned_where",
    "learning_by_batch_size",
    "learning_rate_sensitivity",
    "live_curves",
    "loss_surface",
    "mean_faces",
    "measured_tones",
    "noise_scale",
    "operations_by_stage",
    "optimizer_animation",
    "optimizer_paths",
    "optimizer_paths_grid",
    "optimizer_values",
    "per_class",
    "photo_to_crop",
    "pictures",
    "pixel_statistics",
    "precision_by_size",
    "precision_by_time",
    "precision_recall",
    "race",
    "recall_by_share",
    "reliability_diagram",
    "residual_blocks",
    "robustness",
    "rules_compared",
    "sample_grid",
    "sample_predictions",
    "scales",
    "score_over_time",
    "seed_dots",
    "smoothing_by_frame_rate",
    "spiral_recovery",
    "split_gap",
    "step_delays",
    "throughput",
    "training_curves",
    "tuned_against_default",
    "unit_deaths",
    "use_style",
    "variance_by_depth",
    "weight_densities",
    "weight_distances",
]
