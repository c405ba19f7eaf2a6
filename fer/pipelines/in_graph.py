"""Augmentation inside the training step: what ImageDataGenerator does, a batch at a time, on the device."""

from collections.abc import Mapping, Sequence

import keras
from keras import ops

from fer.pipelines.augmentation import PRESETS, check_known
from fer.pipelines.noise import STRENGTHS, random_noise


def in_graph_augmentation(augmentation: str, seed: int) -> "RandomAugmentation":
    """Returns the layer of a preset.

    Args:
        augmentation: One of ``PRESETS``.
        seed: Decides what is drawn, an integer in 0…2³²-1.

    Raises:
        ValueError: ``augmentation`` is unknown.
    """
    check_known(augmentation, engine="graph")
    settings = dict(PRESETS[augmentation])
    noise = {None: False, random_noise: True}[settings.pop("preprocessing_function", None)]
    return RandomAugmentation(**settings, noise=noise, seed=seed)


def _reflect(position, size: int):
    """d c b a | a b c d | d c b a"""
    return size - 0.5 - ops.abs(ops.mod(position + 0.5, 2 * size) - size)


def _wrap(position, size: int):
    """The last pixel lies upon the first: a b c d | b c d"""
    outside = (position < 0) | (position > size - 1)
    return ops.where(outside, ops.mod(position, size - 1), position)


def _stay(position, size: int):
    return position


FILL_MODES = {"nearest": _stay, "reflect": _reflect, "wrap": _wrap, "constant": _stay}
"""Where a position outside of the image is read, before it is clipped to the image."""


@keras.saving.register_keras_serializable(package="fer")
class RandomAugmentation(keras.layers.Layer):
    """Moves every image by random parameters of its own and adds noise, in training only.

    Arguments are those of ``ImageDataGenerator``, and so is the result for square images. The pixel at column
    x and row y, counted from the middle of the image, is read bilinearly at

        x' = z_x cos(θ) f_h x − z_y sin(θ + φ) f_v y + t_x cos(θ) − t_y sin(θ)
        y' = z_x sin(θ) f_h x + z_y cos(θ + φ) f_v y + t_x sin(θ) + t_y cos(θ)

    which is that class's product of rotation θ, shift (t_x, t_y), shear φ and zoom (z_x, z_y), after the
    flips (f_h and f_v are −1 or 1). All is made of elementary operations: XLA cannot compile TensorFlow's
    ``keras.ops.image.affine_transform``, and would leave the whole training step alone.

    Args:
        rotation_range: Largest θ in degrees.
        width_shift_range: Largest t_y as a share of the width. As in the class, it moves along the columns.
        height_shift_range: Largest t_x as a share of the height.
        shear_range: Largest φ in degrees.
        zoom_range: Lowest and highest z_x and z_y, or their largest distance from 1.
        horizontal_flip: Whether to exchange left and right in half of the cases.
        vertical_flip: Whether to exchange top and bottom in half of the cases.
        fill_mode: What lies outside of the image: "nearest", "reflect", "wrap" or "constant" of SciPy.
        cval: Gray level outside of the image with "constant", range 0…255.
        noise: Whether ``fer.pipelines.random_noise`` follows.
        seed: Decides what is drawn, an integer in 0…2³²-1. How much was drawn is a variable of the layer.

    Input and output: shape (batch, size, size, channels), range 0…1. It computes in float32 under every dtype
    policy and casts the result. Devices that train together draw the same for their shares of a batch.

    Raises:
        ValueError: ``fill_mode`` is none of the four, or a shift is no share.
    """

    def __init__(
        self,
        rotation_range: float = 0.0,
        width_shift_range: float = 0.0,
        height_shift_range: float = 0.0,
        shear_range: float = 0.0,
        zoom_range: float | Sequence[float] = 0.0,
        horizontal_flip: bool = False,
        vertical_flip: bool = False,
        fill_mode: str = "nearest",
        cval: float = 0.0,
        noise: bool = False,
        seed: int = 0,
        **kwargs,
    ):
        super().__init__(autocast=False, **kwargs)
        if fill_mode not in FILL_MODES:
            raise ValueError(f"`fill_mode` must be one of {list(FILL_MODES)}. Received: {fill_mode!r}")
        for name, shift in (("width", width_shift_range), ("height", height_shift_range)):
            if not 0 <= shift < 1:
                raise ValueError(
                    f"`{name}_shift_range` must be a share of the {name}, at least 0 and below 1. "
                    f"Received: {shift!r}"
                )
        self.rotation_range = rotation_range
        self.width_shift_range = width_shift_range
        self.height_shift_range = height_shift_range
        self.shear_range = shear_range
        self.zoom_range = zoom_range
        self.horizontal_flip = horizontal_flip
        self.vertical_flip = vertical_flip
        self.fill_mode = fill_mode
        self.cval = cval
        self.noise = noise
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, images, training: bool = False):
        if training:
            images = self.transform(images, self.draw(ops.shape(images)))
        return ops.cast(images, self.compute_dtype)

    def draw(self, shape: Sequence[int]) -> dict:
        """Draws the parameters of a batch of images of a shape, as ``transform`` takes them."""
        batch, height, width, _ = shape
        uniform = keras.random.uniform((9, batch), dtype="float32", seed=self.seed_generator)
        theta, tx, ty, shear, zx, zy, horizontal, vertical, strength = ops.unstack(uniform, 9)
        zoom = self.zoom_range
        zooms = zoom if isinstance(zoom, Sequence) else (1 - zoom, 1 + zoom)
        parameters = {
            "theta": _stretch(theta, -self.rotation_range, self.rotation_range),
            "tx": height * _stretch(tx, -self.height_shift_range, self.height_shift_range),
            "ty": width * _stretch(ty, -self.width_shift_range, self.width_shift_range),
            "shear": _stretch(shear, -self.shear_range, self.shear_range),
            "zx": _stretch(zx, *zooms),
            "zy": _stretch(zy, *zooms),
            "flip_horizontal": horizontal < 0.5 * self.horizontal_flip,
            "flip_vertical": vertical < 0.5 * self.vertical_flip,
        }
        if self.noise:
            parameters["strength"] = _stretch(strength, *STRENGTHS)
            parameters["noise"] = keras.random.normal(shape, dtype="float32", seed=self.seed_generator)
        return parameters

    def transform(self, images, parameters: Mapping):
        """Applies given parameters.

        Args:
            images: Shape (batch, size, size, channels), range 0…1.
            parameters: One value an image under the names of ``ImageDataGenerator.get_random_transform``:
                "theta" and "shear" in degrees, "tx" and "ty" in pixels, "zx", "zy", and the booleans
                "flip_horizontal" and "flip_vertical". For the noise "strength", standard deviation in gray
                levels, and "noise", standard normal values in the shape of the images.

        Returns:
            float32, same shape, range 0…1.
        """
        images = self._read(ops.cast(images, "float32"), *_positions(ops.shape(images), parameters))
        if not self.noise:
            return images
        images = images + ops.reshape(parameters["strength"], (-1, 1, 1, 1)) / 255 * parameters["noise"]
        images = images - ops.min(images, axis=(1, 2, 3), keepdims=True)
        return ops.divide_no_nan(images, ops.max(images, axis=(1, 2, 3), keepdims=True))

    def _read(self, images, rows, columns):
        """Reads images at positions, each (batch, height, width), between pixels bilinearly."""
        batch, height, width, channels = ops.shape(images)
        outside = (rows < 0) | (rows > height - 1) | (columns < 0) | (columns > width - 1)
        fold = FILL_MODES[self.fill_mode]
        rows = ops.clip(fold(rows, height), 0, height - 1)
        columns = ops.clip(fold(columns, width), 0, width - 1)
        top, left = ops.floor(rows), ops.floor(columns)
        down, across = ops.expand_dims(rows - top, -1), ops.expand_dims(columns - left, -1)
        top, left = ops.cast(top, "int32"), ops.cast(left, "int32")
        bottom, right = ops.minimum(top + 1, height - 1), ops.minimum(left + 1, width - 1)
        pixels = ops.reshape(images, (-1, channels))
        start = ops.reshape(ops.arange(batch, dtype="int32") * (height * width), (-1, 1, 1))

        def read_row(row):
            first, second = (
                ops.take(pixels, start + row * width + column, axis=0) for column in (left, right)
            )
            return (1 - across) * first + across * second

        images = (1 - down) * read_row(top) + down * read_row(bottom)
        if self.fill_mode == "constant":
            images = ops.where(ops.expand_dims(outside, -1), self.cval / 255, images)
        return images

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return super().get_config() | {
            "rotation_range": self.rotation_range,
            "width_shift_range": self.width_shift_range,
            "height_shift_range": self.height_shift_range,
            "shear_range": self.shear_range,
            "zoom_range": self.zoom_range,
            "horizontal_flip": self.horizontal_flip,
            "vertical_flip": self.vertical_flip,
            "fill_mode": self.fill_mode,
            "cval": self.cval,
            "noise": self.noise,
            "seed": self.seed,
        }


def _stretch(uniform, low: float, high: float):
    """Takes 0…1 to low…high."""
    return low + (high - low) * uniform


def _positions(shape: Sequence[int], parameters: Mapping) -> tuple:
    """Returns rows and columns, each (batch, height, width): where every pixel of the result is read."""
    _, height, width, _ = shape
    y = ops.reshape(ops.arange(height, dtype="float32") - (height - 1) / 2, (1, -1, 1))
    x = ops.reshape(ops.arange(width, dtype="float32") - (width - 1) / 2, (1, 1, -1))

    def of_image(name):
        return ops.reshape(parameters[name], (-1, 1, 1))

    theta, shear = ops.deg2rad(of_image("theta")), ops.deg2rad(of_image("shear"))
    tx, ty = of_image("tx"), of_image("ty")
    x = ops.where(of_image("flip_horizontal"), -x, x) * of_image("zx")
    y = ops.where(of_image("flip_vertical"), -y, y) * of_image("zy")
    columns = ops.cos(theta) * (x + tx) - ops.sin(theta + shear) * y - ops.sin(theta) * ty
    rows = ops.sin(theta) * (x + tx) + ops.cos(theta + shear) * y + ops.cos(theta) * ty
    return rows + (height - 1) / 2, columns + (width - 1) / 2
