from fer.models.small_cnn import small_cnn


def test_parameters_are_those_of_three_convolutions_and_the_head():
    convolutions = (9 * 1 + 1) * 32 + (9 * 32 + 1) * 64 + (9 * 64 + 1) * 128
    normalizations = 4 * (32 + 64 + 128)
    trunk = convolutions + normalizations
    assert small_cnn((48, 48, 1), 7, head="gap").count_params() == trunk + (128 + 1) * 7
    flattened = 3 * 3 * 128
    assert small_cnn((48, 48, 1), 7).count_params() == trunk + (flattened + 1) * 256 + (256 + 1) * 7


def test_every_stage_halves_the_image_and_doubles_the_filters():
    model = small_cnn((48, 48, 1), 7, blocks=(1, 2, 1, 1))
    assert [model.get_layer(f"stage{stage}_pool").output.shape[1:] for stage in (1, 2, 3, 4)] == [
        (24, 24, 32),
        (12, 12, 64),
        (6, 6, 128),
        (3, 3, 256),
    ]
