import keras
import numpy as np
import pytest

from fer import models
from fer.experiments.landscape import (
    Plane,
    WeightPath,
    grid_around,
    loss_surface,
    plane_through,
    project,
    random_plane,
)
from fer.experiments.training_loss import flat_weights


@pytest.fixture
def linear():
    """Two logits from two inputs, without bias: p = softmax(x W)."""
    inputs = keras.Input((2,))
    outputs = keras.layers.Dense(2, activation="softmax", use_bias=False)(inputs)
    model = keras.Model(inputs, outputs)
    model.layers[-1].set_weights([np.array([[1.0, 0.0], [0.0, 2.0]], dtype=np.float32)])
    return model


class TestLossSurface:
    def test_is_the_cross_entropy_of_the_moved_weights(self, linear):
        images, labels = np.float32([[1, 2], [3, -1]]), np.float32([[1, 0], [0, 1]])
        directions = np.float32([[1, 0, 0, 0], [0, 0, 0, 1]])
        plane = Plane(flat_weights(linear), directions)
        surface = loss_surface(linear, plane, images, labels, x=[-1, 0.5], y=[0, 2])
        assert surface[["x", "y"]].to_numpy().tolist() == [[-1, 0], [0.5, 0], [-1, 2], [0.5, 2]]
        for x, y, loss in surface.to_numpy():
            logits = images @ np.array([[1 + x, 0], [0, 2 + y]])
            expected = np.log(np.exp(logits).sum(axis=1)) - (logits * labels).sum(axis=1)
            assert loss == pytest.approx(expected.mean(), rel=1e-5)

    def test_leaves_the_model_as_it_was(self):
        model = models.build("small_cnn", (16, 16, 1), 3, width_multiplier=0.125)
        before = model.get_weights()
        images = np.random.default_rng(0).random((3, 16, 16, 1), dtype=np.float32)
        surface = loss_surface(
            model, random_plane(model), images, np.eye(3, dtype=np.float32), x=[0, 1], y=[0, 1]
        )
        assert surface["loss"].nunique() == 4
        for expected, weight in zip(before, model.get_weights(), strict=True):
            np.testing.assert_array_equal(weight, expected)


class TestRandomPlane:
    def test_every_filter_has_the_length_of_the_filter_of_the_model(self):
        model = models.build("small_cnn", (16, 16, 1), 3, width_multiplier=0.125)
        plane = random_plane(model, seed=1)
        np.testing.assert_array_equal(plane.weights(0, 0), flat_weights(model))
        for direction in plane.directions:
            start = 0
            for variable in model.trainable_variables:
                size = int(np.prod(variable.shape))
                part = direction[start : start + size].reshape(variable.shape)
                start += size
                if variable.name == "kernel":
                    filters = keras.ops.convert_to_numpy(variable).reshape(-1, variable.shape[-1])
                    lengths = np.linalg.norm(part.reshape(filters.shape), axis=0)
                    np.testing.assert_allclose(lengths, np.linalg.norm(filters, axis=0), rtol=1e-5)
                else:
                    assert not part.any()

    def test_the_directions_differ_from_each_other_and_between_seeds(self, linear):
        first, second = random_plane(linear, seed=0), random_plane(linear, seed=1)
        assert not np.allclose(*first.directions)
        assert not np.allclose(first.directions, second.directions)


class TestPlaneThrough:
    start, first, second = np.float32([1, 1, 1, 1]), np.float32([4, 1, 1, 1]), np.float32([1, 3, 1, 1])

    def test_holds_the_three_points(self):
        plane = plane_through(self.start, self.first, self.second)
        for point in (self.start, self.first, self.second):
            np.testing.assert_allclose(plane.weights(*plane.coordinates(point)[0]), point, atol=1e-6)

    def test_starts_at_the_origin_and_measures_distances_of_the_weights(self):
        plane = plane_through(self.start, self.first, self.second)
        start, first, second = plane.coordinates([self.start, self.first, self.second])
        np.testing.assert_allclose(start, [0, 0], atol=1e-6)
        assert np.linalg.norm(first) == pytest.approx(3)
        assert np.linalg.norm(second) == pytest.approx(2)
        assert first[1] == pytest.approx(second[1])
        assert first[0] < second[0]

    def test_refuses_points_on_a_line(self):
        with pytest.raises(ValueError, match="must not lie on a line"):
            plane_through(self.start, self.first, 2 * self.first - self.start)


class TestProjection:
    plane = Plane(np.zeros(3, np.float32), np.float32([[2, 0, 0], [1, 1, 0]]))  # not orthogonal

    def test_gives_the_nearest_point_of_the_plane(self):
        points = project(self.plane, {"a": np.float32([[0, 0, 5], [3, 1, 7]])})
        np.testing.assert_allclose(points[["x", "y"]], [[0, 0], [1, 1]], atol=1e-6)

    def test_states_the_share_of_the_variance_that_the_plane_holds(self):
        inside, across = np.float32([[0, 0, 0], [3, 1, 0]]), np.float32([[0, 0, 0], [0, 0, 1]])
        tilted = np.float32([[1, 0, 9], [4, 0, 13]])  # moves by 3 in the plane and 4 out of it
        points = project(self.plane, {"inside": inside, "across": across, "tilted": tilted})
        shares = points.groupby("name")["share"].first()
        assert shares.to_dict() == pytest.approx({"inside": 1, "across": 0, "tilted": 9 / 25}, abs=1e-6)

    def test_the_grid_reaches_around_the_paths(self):
        points = project(
            self.plane, {"a": np.float32([[0, 0, 0], [4, 0, 0]]), "b": np.float32([[1, 1, 0], [2, 1, 0]])}
        )
        grid = grid_around(points, steps=3, margin=0.5)
        np.testing.assert_allclose(grid["x"], [-1, 1, 3])
        np.testing.assert_allclose(grid["y"], [-0.5, 0.5, 1.5])


class TestWeightPath:
    @pytest.mark.parametrize(("every", "steps"), [(None, [0, 4, 8]), (3, [0, 3, 6])])
    def test_keeps_the_start_and_a_point_an_epoch_or_every_few_steps(self, linear, every, steps):
        linear.compile(optimizer=keras.optimizers.SGD(0.5), loss="categorical_crossentropy")
        images = np.random.default_rng(0).random((8, 2), dtype=np.float32)
        labels = np.float32([[1, 0], [0, 1]] * 4)
        expected = {0: flat_weights(linear)}
        copy = keras.models.clone_model(linear)
        copy.set_weights(linear.get_weights())
        copy.compile(optimizer=keras.optimizers.SGD(0.5), loss="categorical_crossentropy")
        for step in range(1, 9):
            rows = slice(2 * ((step - 1) % 4), 2 * ((step - 1) % 4) + 2)
            copy.train_on_batch(images[rows], labels[rows])
            expected[step] = flat_weights(copy)
        path = WeightPath(every)
        linear.fit(images, labels, batch_size=2, epochs=2, shuffle=False, verbose=0, callbacks=[path])
        np.testing.assert_allclose(path.weights, [expected[step] for step in steps], atol=1e-6)
