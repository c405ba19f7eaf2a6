"""Eyeglasses, sunglasses and face masks drawn onto photos of faces, at random and with exact labels.

Shapes are given in face units, as in ``fer.synthetic.parameters``: the eyes are 0.82 apart, which is about
63 mm, the origin lies between them, x points to the viewer's right, y down and z to the viewer.
"""

from collections.abc import Callable

import cv2
import numpy as np

from fer import images
from fer.synthetic import mask, spectacles
from fer.synthetic.overlay import Overlay

PAINTERS: dict[str, Callable[[Overlay, np.random.Generator], None]] = {
    "glasses": spectacles.eyeglasses,
    "sunglasses": spectacles.sunglasses,
    "mask": mask.face_mask,
}
"""What can be worn: name → function that paints one of random kind."""

FACE_POINTS = {
    "left_eye": (-0.41, 0.0, 0.35),
    "right_eye": (0.41, 0.0, 0.35),
    "nose": (0.0, 0.5, 0.72),
    "mouth_left": (-0.33, 0.92, 0.38),
    "mouth_right": (0.33, 0.92, 0.38),
}
"""Where the five landmarks of ``fer.faces`` lie on an average face, in face units."""

LARGEST_DEPTH = 0.7
"""Largest shift in the picture, in face units, of a point that is one face unit nearer: about 45° of turn."""


def wear(
    image: np.ndarray, landmarks: dict[str, tuple[float, float]], accessory: str, random: np.random.Generator
) -> np.ndarray:
    """Draws an accessory of random shape and colour onto a photo, by the landmarks of a face in it.

    It turns with the face, and is as bright as the photo under it. It is drawn as sharp as the photo's
    pixels allow, so a face should be drawn on before it is enlarged.

    Args:
        image: uint8, shape (height, width) for gray or (height, width, 3) for RGB, range 0…255.
        landmarks: Name (``fer.faces.LANDMARKS``) → (x, y) in pixels, whole numbers being the middles of
            pixels. Left and right are the viewer's.
        accessory: "glasses", "sunglasses" or "mask".
        random: Decides the result together with the arguments.

    Returns:
        uint8, shape of ``image``.

    Raises:
        ValueError: An argument is not as described.

    Example:
        >>> wear(photo, face.landmarks, "mask", np.random.default_rng(0))
    """
    images.check(image, "image")
    if accessory not in PAINTERS:
        raise ValueError(f"`accessory` must be one of {list(PAINTERS)}. Received: {accessory!r}")
    camera = fit_camera(landmarks)
    picture = images.convert(image, None, 3)
    overlay = Overlay(picture.shape[:2], camera)
    PAINTERS[accessory](overlay, random)
    color, alpha = overlay.reduced()
    result = picture * (1 - alpha) + color * _light(picture, overlay)
    result = result.round().clip(0, 255).astype(np.uint8)
    return result if image.ndim == 3 else cv2.cvtColor(result, cv2.COLOR_RGB2GRAY)


def fit_camera(landmarks: dict[str, tuple[float, float]]) -> np.ndarray:
    """Finds how a face lies in the picture: an affine camera, by least squares over the five landmarks.

    Args:
        landmarks: As in ``wear``.

    Returns:
        float64, shape (2, 4): the product with (x, y, z, 1) in face units is (x, y) in pixels.

    Raises:
        ValueError: A landmark is missing, or two eyes or mouth corners lie on one point.
    """
    if missing := sorted(FACE_POINTS.keys() - landmarks.keys()):
        raise ValueError(f"`landmarks` must have {list(FACE_POINTS)}. Missing: {missing}")
    points = np.array([landmarks[name] for name in FACE_POINTS], dtype=np.float64)
    if min(np.ptp(points[:2], axis=0).max(), np.ptp(points[3:], axis=0).max()) < 1:
        raise ValueError(
            f"`landmarks` must have two eyes and two corners of the mouth. Received: {landmarks}"
        )
    known = np.column_stack([np.array(list(FACE_POINTS.values())), np.ones(len(FACE_POINTS))])
    camera = np.linalg.lstsq(known, points, rcond=None)[0].T
    # The nose alone tells the depth, and a wrong nose would turn the head away.
    length = np.linalg.norm(camera[:, 2])
    largest = LARGEST_DEPTH * np.linalg.norm(camera[:, 0])
    if length > largest:
        camera[:, 2] *= largest / length
    camera[:, 3] = (points - known[:, :3] @ camera[:, :3].T).mean(axis=0)
    return camera


def _light(picture: np.ndarray, overlay: Overlay) -> np.ndarray:
    """Returns by how much the photo's light changes a colour: float32, (height, width, 1)."""
    luminance = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    local = cv2.GaussianBlur(luminance, (0, 0), max(0.25 * overlay.scale, 0.5))
    center, radius = overlay.project(np.array([[0, 0.45, 0.4]]))[0], 0.8 * overlay.scale
    face = np.zeros(luminance.shape, dtype=np.uint8)
    cv2.circle(face, tuple(int(x) for x in center.round()), max(1, round(radius)), 1, -1)
    mean = max(float(luminance[face > 0].mean()), 1.0) if face.any() else float(luminance.mean())
    exposure = np.clip(mean / 140, 0.3, 1.2)
    return (exposure * (1 + 0.6 * (np.clip(local / mean, 0.5, 1.6) - 1)))[..., None].astype(np.float32)
