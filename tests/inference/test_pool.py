"""A pool: no more than needed, and nothing lost to an error."""

import pytest

from fer.inference.pool import Pool


def test_a_pool_makes_no_more_than_needed_and_survives_an_error():
    made = []
    pool = Pool(lambda: made.append(object()) or made[-1], size=2)
    with pytest.raises(KeyError), pool.lend():
        raise KeyError
    with pool.lend() as first:
        assert made == [first]
        with pool.lend() as second:
            assert made == [first, second] and first is not second
    with pool.lend() as again:
        assert again is first
    assert len(made) == 2


def test_a_pool_that_could_not_make_one_tries_again():
    answers = iter([ValueError("first"), "made"])

    def make():
        answer = next(answers)
        if isinstance(answer, ValueError):
            raise answer
        return answer

    pool = Pool(make, size=1)
    with pytest.raises(ValueError, match="first"), pool.lend():
        pass
    with pool.lend() as item:
        assert item == "made"
