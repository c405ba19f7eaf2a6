"""Who may sit down, for how long, and with what."""

import itertools
import threading
import time

import pytest

from fer.apps.seats import Seats
from fer.apps.uploads import Refused


class Clock:
    """Stands for a clock; tests set ``now``."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def seats(clock):
    """Two seats; the occupants are lists."""
    return Seats(2, list, patience=15, clock=clock)


def refused(function, *arguments):
    with pytest.raises(Refused) as refusal:
        function(*arguments)
    return refusal.value.reason


def used(seats, token):
    with seats.use(token) as occupant:
        return occupant


def test_the_next_one_waits_until_a_seat_is_given_back(seats):
    first, _ = seats.enter(), seats.enter()
    assert refused(seats.enter) == "seats_taken"
    seats.leave(first)
    third = seats.enter()
    assert refused(seats.enter) == "seats_taken"
    assert refused(used, seats, first) == "no_seat"
    assert used(seats, third) == []


def test_a_seat_that_is_given_back_twice_frees_no_other(seats):
    first, second = seats.enter(), seats.enter()
    seats.leave(first)
    seats.leave(first)
    seats.enter()
    assert refused(seats.enter) == "seats_taken"
    assert used(seats, second) == []


def test_each_user_has_something_of_its_own_and_keeps_it(clock):
    numbers = itertools.count()
    seats = Seats(3, lambda: [next(numbers)], clock=clock)
    tokens = [seats.enter() for _ in range(3)]
    for token in tokens:
        with seats.use(token) as occupant:
            occupant.append("mine")
    assert [used(seats, token) for token in tokens] == [[0, "mine"], [1, "mine"], [2, "mine"]]
    seats.leave(tokens[1])
    assert used(seats, seats.enter()) == [3]


def test_who_sends_nothing_loses_the_seat_after_the_patience_only(seats, clock):
    silent, alive = seats.enter(), seats.enter()
    clock.now += 14.9
    used(seats, alive)
    assert refused(seats.enter) == "seats_taken"
    clock.now += 0.1
    new = seats.enter()
    assert refused(used, seats, silent) == "no_seat"
    assert used(seats, alive) == used(seats, new) == []
    assert refused(seats.enter) == "seats_taken"


def test_every_use_renews_the_patience(seats, clock):
    token, _ = seats.enter(), seats.enter()
    for _ in range(10):
        clock.now += 14
        used(seats, token)
    seats.enter()
    assert refused(seats.enter) == "seats_taken"
    assert used(seats, token) == []


def test_a_silent_user_keeps_the_seat_while_nobody_wants_it(seats, clock):
    token = seats.enter()
    clock.now += 3600
    seats.enter()
    assert refused(used, seats, token) == "no_seat"
    token = seats.enter()
    clock.now += 3600
    assert used(seats, token) == []


def test_being_refused_renews_nobody(seats, clock):
    seats.enter(), seats.enter()
    for _ in range(3):
        assert refused(seats.enter) == "seats_taken"
        clock.now += 5
    seats.enter()


def test_a_seat_in_use_is_busy_for_another_thread_and_free_afterwards(seats):
    token, neighbour = seats.enter(), seats.enter()
    entered, finish = threading.Event(), threading.Event()

    def hold():
        with seats.use(token) as occupant:
            occupant.append("held")
            entered.set()
            assert finish.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    assert entered.wait(10)
    assert refused(used, seats, token) == "busy"
    assert used(seats, neighbour) == []
    seats.leave(neighbour)
    seats.enter()
    finish.set()
    thread.join(10)
    assert used(seats, token) == ["held"]


def test_of_many_threads_one_uses_a_seat_at_a_time():
    seats = Seats(1, lambda: {"inside": 0, "most": 0})
    token, outcomes = seats.enter(), []
    start = threading.Barrier(8)

    def work():
        start.wait(10)
        for _ in range(200):
            try:
                with seats.use(token) as occupant:
                    occupant["inside"] += 1
                    time.sleep(0)  # lets another thread try
                    occupant["most"] = max(occupant["most"], occupant["inside"])
                    occupant["inside"] -= 1
                outcomes.append("used")
            except Refused as refusal:
                outcomes.append(refusal.reason)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(outcomes) == 1600 and set(outcomes) <= {"used", "busy"} and "used" in outcomes
    assert used(seats, token) == {"inside": 0, "most": 1}


def test_of_many_threads_no_more_enter_than_there_are_seats():
    seats, outcomes, start = Seats(5, list), [], threading.Barrier(20)

    def come():
        start.wait(10)
        try:
            outcomes.append(seats.enter())
        except Refused as refusal:
            outcomes.append(refusal.reason)

    threads = [threading.Thread(target=come) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert outcomes.count("seats_taken") == 15 and len(set(outcomes)) == 6


def test_a_failure_in_use_gives_the_seat_free_again(seats):
    token = seats.enter()
    with pytest.raises(ZeroDivisionError), seats.use(token):
        raise ZeroDivisionError
    assert used(seats, token) == []


def test_a_user_whose_state_cannot_be_made_takes_no_seat():
    denominators = iter([0, 2])
    seats = Seats(1, lambda: 1 / next(denominators))
    with pytest.raises(ZeroDivisionError):
        seats.enter()
    assert used(seats, seats.enter()) == 0.5


@pytest.mark.parametrize(
    "token", [None, 0, 1.5, True, "", "guessed", [], {}, {"token": 1}, b"bytes", ["x"]], ids=str
)
def test_a_forged_token_opens_nothing_and_frees_nothing(seats, token):
    mine, _ = seats.enter(), seats.enter()
    assert refused(used, seats, token) == "no_seat"
    seats.leave(token)
    assert refused(seats.enter) == "seats_taken"
    assert used(seats, mine) == []


def test_tokens_are_long_and_never_the_same():
    seats = Seats(500, list)
    tokens = {seats.enter() for _ in range(500)}
    assert len(tokens) == 500 and min(map(len, tokens)) >= 20


@pytest.mark.parametrize("number", [0, -1, 1.0, "2", None])
def test_a_number_of_seats_that_is_none_is_refused(number):
    with pytest.raises(ValueError, match=r"`number` must be a positive integer\. Received"):
        Seats(number, list)
