"""What a trained network is worth and what it looks at.

Metrics need no Keras and are imported here; ``predictions``, ``gradients`` and ``explanations`` are modules
of their own.
"""

from fer.evaluation.metrics import Metrics, evaluate, wilson_interval

__all__ = ["Metrics", "evaluate", "wilson_interval"]
