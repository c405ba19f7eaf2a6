"""A network in the LiteRT format."""

import numpy as np

from fer import kernel


class Network:
    """Computes on one core; serves one thread at a time.

    Args:
        weights: Content of a ``.tflite`` file; one input, one output, the batch first in both.

    Attributes:
        input_shape: Shape of an image.
        output_shape: Shape of what an image gives.
    """

    def __init__(self, weights: bytes):
        from ai_edge_litert.interpreter import Interpreter

        with kernel.native_stderr():
            self._interpreter = Interpreter(model_content=weights, num_threads=1)
            self._interpreter.allocate_tensors()
        (given,), (wanted,) = self._interpreter.get_input_details(), self._interpreter.get_output_details()
        self._input, self._output = given["index"], wanted["index"]
        self.input_shape, self.output_shape = (
            tuple(detail["shape"][1:].tolist()) for detail in (given, wanted)
        )

    def __call__(self, image: np.ndarray) -> np.ndarray:
        """Returns what an image (float32, shape ``input_shape``) gives: float32, shape ``output_shape``."""
        self._interpreter.set_tensor(self._input, image[None])
        self._interpreter.invoke()
        return self._interpreter.get_tensor(self._output)[0]
