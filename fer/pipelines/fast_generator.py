"""ImageDataGenerator, ten times as fast and reproducible with any number of workers."""

import copy
import functools
import inspect
from collections.abc import Sequence
from numbers import Integral

import numpy as np

# The class that tensorflow.keras.preprocessing.image exports. Keras 3 has no public name for it.
from keras.src.legacy.preprocessing.image import ImageDataGenerator, apply_brightness_shift

from fer.pipelines import warping
from fer.pipelines.iterators import ArrayIterator, DataFrameIterator, DirectoryIterator
from fer.pipelines.noise import add_random_noise, random_noise

VALUES = frozenset({"channel_shift_intensity", "brightness"})
"""Parameters that change gray values."""


class FastImageDataGenerator(ImageDataGenerator):
    """Takes the place of Keras's ImageDataGenerator: same arguments, methods and distributions.

    For the same parameters of a transformation the image is the same but for the interpolation: OpenCV
    rounds positions to 1/32 pixel. What OpenCV does not have (splines, other fill modes, channels first, more
    than four channels) is left to the stock class.

    Unlike there, a batch of ``flow`` and its siblings depends on seed, epoch and index alone, not on the
    number of workers; without a seed, one is drawn from NumPy's global state. A seed gives another order than
    there. An array of bytes stays one and
    is converted batch by batch. ``preprocessing_function=fer.pipelines.random_noise`` is done to many images
    at a time. Another function is called for each image; if it draws from NumPy's global state, it depends
    on the order of the calls.

    Example:
        >>> generator = FastImageDataGenerator(rotation_range=40, horizontal_flip=True, rescale=1 / 255)
        >>> model.fit(generator.flow(images, labels, batch_size=64, seed=0), epochs=10, shuffle=False)
    """

    @functools.wraps(ImageDataGenerator.flow, assigned=())
    def flow(self, *args, **kwargs) -> ArrayIterator:
        """Returns batches of an array of images; for the arguments see ``ImageDataGenerator.flow``."""
        return self._iterator(ArrayIterator, ImageDataGenerator.flow, args, kwargs)

    @functools.wraps(ImageDataGenerator.flow_from_directory, assigned=())
    def flow_from_directory(self, *args, **kwargs) -> DirectoryIterator:
        """Returns batches of the images in class folders, with the arguments of the stock method."""
        return self._iterator(DirectoryIterator, ImageDataGenerator.flow_from_directory, args, kwargs)

    @functools.wraps(ImageDataGenerator.flow_from_dataframe, assigned=())
    def flow_from_dataframe(self, *args, **kwargs) -> DataFrameIterator:
        """Returns batches of the image files that a table names, with the arguments of the stock method."""
        return self._iterator(DataFrameIterator, ImageDataGenerator.flow_from_dataframe, args, kwargs)

    def apply_transform(self, x: np.ndarray, transform_parameters: dict) -> np.ndarray:
        """Returns an image transformed by given parameters.

        Args:
            x: Shape (height, width, channels) or (height, width), range 0…255.
            transform_parameters: As ``get_random_transform`` returns them.

        Returns:
            Same shape; uint8 if the image is and no gray value is changed, else float.
        """
        if x.ndim == 2:
            return self.apply_transform(x[..., None], transform_parameters)[..., 0]
        if not self._is_fast(x.shape) or x.dtype not in (np.uint8, np.float32):
            return super().apply_transform(x, transform_parameters)
        parameters = {
            name: np.array([value]) for name, value in transform_parameters.items() if value is not None
        }
        result = np.empty((1, *x.shape), np.float32 if VALUES & parameters.keys() else x.dtype)
        self._transform(x[None], parameters, result)
        return result[0]

    def transform_batch(self, images: np.ndarray, random: np.random.Generator) -> np.ndarray:
        """Transforms every image by random parameters of its own and standardizes it.

        Images of bytes are moved as bytes, which rounds the interpolated gray values to whole ones, unless
        brightness or colours change.

        Args:
            images: uint8 or float, shape (n, height, width, channels), range 0…255.
            random: Decides the result together with the images.

        Returns:
            Array of ``dtype``, same shape.
        """
        parameters = self.draw(len(images), images.shape[1:], random)
        fast = self._is_fast(images.shape[1:])
        rounds = fast and images.dtype == np.uint8 and not VALUES & parameters.keys()
        moved = np.empty(images.shape, np.uint8 if rounds else np.float32)
        self._transform(images, parameters, moved)
        return self._standardize_batch(moved, random).astype(self.dtype, copy=False)

    def draw(self, n: int, shape: Sequence[int], random: np.random.Generator) -> dict[str, np.ndarray]:
        """Draws the parameters of many images, distributed as those of ``get_random_transform``.

        Args:
            n: Number of images.
            shape: Shape of one image.
            random: Where they are drawn from.

        Returns:
            Name → shape (n,). What this generator does not change is left out.
        """

        def uniform(low: float, high: float) -> np.ndarray:
            return low + (high - low) * random.random(n)

        parameters = {}
        if self.rotation_range:
            parameters["theta"] = uniform(-self.rotation_range, self.rotation_range)
        for name, limit, axis in (
            ("tx", self.height_shift_range, self.row_axis),
            ("ty", self.width_shift_range, self.col_axis),
        ):
            if not limit:
                continue
            if np.ndim(limit) == 0 and not isinstance(limit, Integral):
                parameters[name] = uniform(-limit, limit)
            else:  # one of a list, or of the whole numbers below the limit
                parameters[name] = random.choice(limit, n) * random.choice([-1.0, 1.0], n)
            if np.max(limit) < 1:
                parameters[name] *= shape[axis - 1]
        if self.shear_range:
            parameters["shear"] = uniform(-self.shear_range, self.shear_range)
        if tuple(self.zoom_range) != (1, 1):
            parameters["zx"], parameters["zy"] = uniform(*self.zoom_range), uniform(*self.zoom_range)
        for name, flips in (
            ("flip_horizontal", self.horizontal_flip),
            ("flip_vertical", self.vertical_flip),
        ):
            if flips:
                parameters[name] = random.random(n) < 0.5
        if self.channel_shift_range:
            parameters["channel_shift_intensity"] = uniform(
                -self.channel_shift_range, self.channel_shift_range
            )
        if self.brightness_range is not None:
            parameters["brightness"] = uniform(*self.brightness_range)
        return parameters

    def _is_fast(self, shape: Sequence[int]) -> bool:
        return (
            self.data_format == "channels_last"
            and self.interpolation_order in warping.INTERPOLATIONS
            and self.fill_mode in warping.BORDERS
            and len(shape) == 3
            and shape[2] <= 4
        )

    def _transform(self, images: np.ndarray, parameters: dict[str, np.ndarray], result: np.ndarray) -> None:
        """Puts transformed images into ``result``; each parameter has one value an image."""
        if not self._is_fast(images.shape[1:]):
            for row, image in enumerate(images.astype(self.dtype)):
                values = {name: column[row] for name, column in parameters.items()}
                result[row] = super().apply_transform(image, values)
            return
        if warping.AFFINE & parameters.keys():
            matrices = warping.matrices(parameters, *images.shape[1:3])
            border = {"fill_mode": self.fill_mode, "cval": self.cval, "order": self.interpolation_order}
            warping.warp(np.ascontiguousarray(images, result.dtype), matrices, result, **border)
        else:
            result[...] = images
            for name, axis in (("flip_horizontal", 2), ("flip_vertical", 1)):
                flipped = np.flatnonzero(parameters.get(name, ()))
                result[flipped] = np.flip(result[flipped], axis)
        if "channel_shift_intensity" in parameters:
            low, high = (f(result, axis=(1, 2, 3), keepdims=True) for f in (np.min, np.max))
            result += parameters["channel_shift_intensity"].astype(np.float32)[:, None, None, None]
            np.clip(result, low, high, out=result)
        for image, factor in zip(result, parameters.get("brightness", ()), strict=False):
            image[...] = _brighten(image, factor)

    def _standardize_batch(self, images: np.ndarray, random: np.random.Generator) -> np.ndarray:
        uses_statistics = (
            self.samplewise_center
            or self.samplewise_std_normalization
            or self.featurewise_center
            or self.featurewise_std_normalization
            or self.zca_whitening
        )
        if uses_statistics or self.preprocessing_function not in (None, random_noise):
            generator = copy.copy(self)
            if self.preprocessing_function is random_noise:
                generator.preprocessing_function = functools.partial(random_noise, random=random)
            return np.stack([generator.standardize(image) for image in images.astype(self.dtype)])
        scale = self.rescale or 1
        if self.preprocessing_function is random_noise:
            return add_random_noise(images, random, scale)
        return np.multiply(images, np.float32(scale))

    def _iterator(self, kind, method, args, kwargs):
        """Makes an iterator from the arguments of the stock method that makes its stock sibling."""
        bound = inspect.signature(method).bind(self, *args, **kwargs)
        bound.apply_defaults()
        arguments = {name: value for name, value in bound.arguments.items() if name not in ("self", "kwargs")}
        return kind(**arguments, image_data_generator=self, data_format=self.data_format, dtype=self.dtype)


def _brighten(image: np.ndarray, factor: float) -> np.ndarray:
    """Multiplies gray values by a factor as Pillow does: whole numbers, cut off at 0 and 255."""
    if image.shape[2] not in (1, 3) or image.min() < 0 or image.max() > 255:
        return apply_brightness_shift(image, factor, scale=False)
    table = np.clip(np.float32(factor) * np.arange(256, dtype=np.float32), 0, 255).astype(np.uint8)
    return table[image.astype(np.uint8)]
