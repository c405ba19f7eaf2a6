"""Faces with emotions from photos, cameras and videos, without Keras: fast to start and fast to run.

Example:
    >>> from fer import images, inference
    >>> predictor = inference.Predictor("saved_models/runs/0123456789ab")
    >>> for face in predictor.predict(images.read("photo.jpg")):
    ...     print(face.box, face.emotion, face.emotions[face.emotion])
"""

from fer.inference.classifier import Classifier
from fer.inference.exporting import export
from fer.inference.predictor import FacePrediction, Predictor
from fer.inference.stream import FaceStream, TrackedFace

__all__ = ["Classifier", "FacePrediction", "FaceStream", "Predictor", "TrackedFace", "export"]
