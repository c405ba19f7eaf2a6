import keras
import numpy as np
import pytest

from fer import models
from fer.evaluation.gradients import loss_gradient_norms, score_gradients


@pytest.fixture
def images():
    return np.random.default_rng(0).random((4, 32, 32, 1), dtype=np.float32)


def one_hot(labels):
    return np.eye(3, dtype=np.float32)[labels]


class TestLossGradientNorms:
    def test_of_a_softmax_layer_is_the_known_formula(self):
        inputs = keras.Input((5,))
        outputs = keras.layers.Dense(3, activation="softmax", name="logits")(inputs)
        model = keras.Model(inputs, outputs)
        x = np.random.default_rng(0).random((6, 5), dtype=np.float32)
        y = one_hot([0, 1, 2, 0, 1, 1])
        norms = loss_gradient_norms(model, x, y)
        # d loss / d W = xᵀ (p - y) / n
        expected = x.T @ (keras.ops.convert_to_numpy(model(x)) - y) / len(x)
        assert norms["layer"].tolist() == ["logits"]
        assert norms["norm"][0] == pytest.approx(np.linalg.norm(expected), rel=1e-4)
        assert norms["rms"][0] == pytest.approx(np.sqrt(np.mean(expected**2)), rel=1e-4)

    def test_agrees_with_the_difference_quotient_deep_in_a_network(self, images):
        keras.utils.set_random_seed(0)
        model = models.build("small_cnn", (32, 32, 1), 3, width_multiplier=0.125, activation="tanh")
        labels = one_hot([0, 1, 2, 0])
        norms = loss_gradient_norms(model, images, labels).set_index("layer")["norm"]
        bottom = model.get_layer("stage1_conv1")
        kernel, bias = bottom.get_weights()
        step = 1e-3
        quotients = np.zeros_like(kernel)
        for place in np.ndindex(kernel.shape):
            losses = []
            for sign in (1, -1):
                moved = kernel.copy()
                moved[place] += sign * step
                bottom.set_weights([moved, bias])
                probabilities, _ = model.stateless_call(
                    model.trainable_variables, model.non_trainable_variables, images, training=True
                )
                picked = (keras.ops.convert_to_numpy(probabilities) * labels).sum(axis=1)
                losses.append(-np.log(picked).mean())
            quotients[place] = (losses[0] - losses[1]) / (2 * step)
        assert norms["stage1_conv1"] == pytest.approx(np.linalg.norm(quotients), rel=0.02)

    def test_goes_from_the_images_to_the_logits(self, images):
        model = models.build("resnet50", (32, 32, 1), 3, blocks=(1, 1), width_multiplier=0.125)
        norms = loss_gradient_norms(model, images, one_hot([0, 1, 2, 0]))
        assert norms["layer"].iloc[[0, -1]].tolist() == ["stem_conv", "logits"]
        assert norms["depth"].tolist() == list(range(len(norms)))
        assert (norms["norm"] > 0).all()

    def test_leaves_the_model_as_it_was(self, images):
        model = models.build("small_cnn", (32, 32, 1), 3, width_multiplier=0.125)
        before = model.get_weights()
        loss_gradient_norms(model, images, one_hot([0, 1, 2, 0]))
        for expected, weight in zip(before, model.get_weights(), strict=True):
            np.testing.assert_array_equal(weight, expected)


class TestScoreGradients:
    def test_of_the_last_map_under_global_pooling_is_the_class_weight(self, images):
        model = models.build("small_cnn", (32, 32, 1), 3, blocks=(1, 1), width_multiplier=0.25, head="gap")
        maps, gradients = score_gradients(model, images, class_index=2, layer="stage2_pool")
        weights = model.get_layer("logits").get_weights()[0][:, 2]  # score = Σ w · mean of the 8×8 map
        np.testing.assert_allclose(gradients, np.broadcast_to(weights / 64, maps.shape), rtol=1e-4)
        expected = keras.Model(model.input, model.get_layer("stage2_pool").output).predict_on_batch(images)
        np.testing.assert_allclose(maps, expected, rtol=1e-5, atol=1e-6)

    def test_none_takes_the_most_probable_class_of_each_image(self, images):
        model = models.build("small_cnn", (32, 32, 1), 3, width_multiplier=0.25)
        kernel, bias = model.get_layer("logits").get_weights()
        scores = np.log(model.predict_on_batch(images))
        model.get_layer("logits").set_weights([kernel, bias - scores.mean(axis=0)])
        predicted = model.predict_on_batch(images).argmax(axis=1)
        assert len(set(predicted)) > 1
        np.testing.assert_array_equal(
            score_gradients(model, images)[1], score_gradients(model, images, predicted)[1]
        )

    @pytest.mark.parametrize("head", ["gap", "flatten"])
    def test_default_is_the_last_map_before_the_pooling(self, images, head):
        model = models.build("small_cnn", (32, 32, 1), 3, width_multiplier=0.25, head=head)
        expected = score_gradients(model, images, 0, layer="stage3_conv1_activation")
        for actual, value in zip(score_gradients(model, images, 0), expected, strict=True):
            np.testing.assert_array_equal(actual, value)

    def test_sees_a_backbone_that_serves_as_a_layer(self, images):
        backbone = models.build("small_cnn", (32, 32, 1), 3, head=None, width_multiplier=0.25)
        inputs = keras.Input((32, 32, 1))
        pooled = keras.layers.GlobalAveragePooling2D()(backbone(inputs))
        model = keras.Model(inputs, keras.layers.Dense(3, activation="softmax")(pooled))
        maps, gradients = score_gradients(model, images, class_index=1)
        np.testing.assert_allclose(maps, backbone.predict_on_batch(images), rtol=1e-5)
        weights = model.layers[-1].get_weights()[0][:, 1]
        np.testing.assert_allclose(gradients, np.broadcast_to(weights / 16, maps.shape), rtol=1e-4)

    def test_refuses_a_layer_that_a_shortcut_goes_around(self, images):
        model = models.build("resnet50", (32, 32, 1), 3, blocks=(1,), width_multiplier=0.125)
        with pytest.raises(ValueError, match=r"`layer` must be one that every path .*'stage1_block1_conv1'"):
            score_gradients(model, images, 0, layer="stage1_block1_conv1")

    @pytest.mark.parametrize("class_index", [3, -1, 0.5])
    def test_refuses_a_class_that_does_not_exist(self, images, class_index):
        model = models.build("small_cnn", (32, 32, 1), 3, width_multiplier=0.125)
        with pytest.raises(ValueError, match=r"`class_index` must be in 0…2\. Received"):
            score_gradients(model, images, class_index)

    def test_refuses_a_model_without_feature_maps(self):
        inputs = keras.Input((4,))
        model = keras.Model(inputs, keras.layers.Dense(2, activation="softmax")(inputs))
        with pytest.raises(ValueError, match="`model` must have a feature map"):
            score_gradients(model, np.zeros((1, 4), dtype=np.float32))
