import keras

from fer.models.conv_pool import conv_pool


def test_convolution_pooling_and_dropout_alternate_and_a_dense_layer_ends_it():
    model = conv_pool((128, 128, 3), 3, batch_normalization=False)
    kinds = [type(layer).__name__ for layer in model.layers]
    stage = ["Conv2D", "Activation", "MaxPooling2D", "SpatialDropout2D"]
    assert kinds[:17] == ["InputLayer", *4 * stage]
    assert [layer.units for layer in model.layers if isinstance(layer, keras.layers.Dense)] == [96, 3]


def test_parameters_are_those_of_four_convolutions_and_the_head():
    convolutions = (9 * 3 + 1) * 16 + (9 * 16 + 1) * 32 + (9 * 32 + 1) * 64 + (9 * 64 + 1) * 128
    normalizations = 4 * (16 + 32 + 64 + 128)
    head = (4 * 4 * 128 + 1) * 96 + (96 + 1) * 2
    assert conv_pool((128, 128, 3), 2).count_params() == convolutions + normalizations + head


def test_dropout_is_the_share_that_was_asked_for():
    model = conv_pool((32, 32, 1), 2, dropout=0.3)
    shares = [layer.rate for layer in model.layers if isinstance(layer, keras.layers.SpatialDropout2D)]
    assert shares == [0.3] * 4
