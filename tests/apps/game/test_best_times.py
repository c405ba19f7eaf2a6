"""The best times table."""

import csv
import dataclasses
import logging
import multiprocessing
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fer import paths
from fer.apps.game import best_times
from fer.apps.game.rules import Game, State


def ended(score=500, mode="funny", phase="lost", survived=12.34, levels_passed=1) -> State:
    """The state of a game that has ended."""
    state = Game(mode, {1: ["a"], 2: ["b"], 3: ["c"]}).state
    changed = {"phase": phase, "score": score, "survived": survived, "levels_passed": levels_passed}
    return dataclasses.replace(state, reason="emotion" if phase == "lost" else None, **changed)


def file():
    return paths.data() / "game" / "best_times.csv"


def test_the_best_score_comes_first_and_the_longer_game_of_two():
    assert best_times.table("funny") == []
    for score, survived in ((300, 5), (900, 7), (900, 8.26), (20, 1)):
        best_times.add(ended(score, survived=survived), 1)
    best_times.add(ended(1000, mode="scary", phase="won", levels_passed=2), 2, "김민지")
    assert [(entry.score, entry.seconds) for entry in best_times.table("funny")] == [
        (900, 8.3),
        (900, 7),
        (300, 5),
        (20, 1),
    ]
    assert len(best_times.table("funny", 2)) == 2
    (only,) = best_times.table("scary")
    assert only == dataclasses.replace(
        only, name="김민지", start_level=2, levels_passed=2, score=1000, won=True
    )


def test_the_file_is_a_csv_that_others_can_read():
    entry = best_times.add(ended(), 1, "Ann, Bo")
    with file().open(newline="", encoding="utf-8") as opened:
        (row,) = csv.DictReader(opened)
    assert list(row) == ["date", "name", "mode", "start_level", "levels_passed", "seconds", "score", "won"]
    assert row == {name: str(value) for name, value in entry.to_dict().items()}
    assert row["name"] == "Ann, Bo" and row["seconds"] == "12.3"
    assert best_times.table("funny") == [entry]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("  Ann \t Lee\n", "Ann Lee"),
        ("x" * 50, "x" * 20),
        ("=HYPERLINK(1)", "HYPERLINK(1)"),
        (" \u200b+-@=1+1", "1+1"),
        ("＝cmd", "cmd"),
        ("<script>alert('a')</script>", "scriptalert(’a’)/scr"),
        ('＜b＞&amp;"`', "bamp;"),
        ("\x00\x1b[31mred\u202e", "[31mred"),
        ("\u1112\u1161\u11ab", "한"),
        ("Jean-Luc O'Neil", "Jean-Luc O’Neil"),
        ("\ud800", ""),
        ("", ""),
    ],
)
def test_names_are_cleaned(name, kept):
    assert best_times.clean_name(name) == kept
    assert best_times.add(ended(), 1, name).name == kept
    assert best_times.table("funny")[0].name == kept


@given(st.text())
def test_no_name_is_html_or_a_formula(name):
    kept = best_times.clean_name(name)
    assert len(kept) <= 20
    assert not set(kept) & set("<>&\"'`\n\r\t\0")
    assert kept[:1] not in ("=", "+", "-", "@", " ")
    assert best_times.clean_name(kept) == kept


def _play(n):
    for number in range(n):
        best_times.add(ended(number), 1)


def test_threads_and_processes_lose_nothing():
    context = multiprocessing.get_context("fork")
    players = [threading.Thread(target=_play, args=(15,)) for _ in range(3)]
    players += [context.Process(target=_play, args=(15,)) for _ in range(2)]
    for player in reversed(players):  # the processes first: a fork beside threads may lock up
        player.start()
    for player in players:
        player.join(60)
    scores = [entry.score for entry in best_times.table("funny", 1000)]
    assert scores == sorted([*range(15)] * 5, reverse=True)
    assert sorted(path.name for path in file().parent.iterdir()) == [".best_times.lock", "best_times.csv"]


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda text: text.replace("score", "points"), "its first line must be date,name"),
        (lambda text: text[: len(text) - 20], "columns in the place of 8"),
        (lambda text: text + "\x00\xff\x00\n", "columns in the place of 8"),
        (lambda text: text.replace(",500,", ",many,"), "invalid literal"),
        (lambda text: text.replace(",500,", ",5000,"), "out of their range"),
        (lambda text: text.replace("12.3", "nan"), "out of their range"),
        (lambda text: text.replace("20", "yesterday ", 1), "yesterday"),
        (lambda text: "", "its first line must be"),
    ],
)
def test_a_damaged_table_is_kept_aside_and_told(damage, reason, caplog):
    good = best_times.add(ended(700), 1, "Good")
    best_times.add(ended(500), 1, "Bad")
    header, first, second = file().read_text().splitlines(keepends=True)
    if "score" in damage(header):
        content = header + first + damage(second)
    else:
        content = damage(header + first + second)
    file().write_text(content, encoding="latin-1")
    before = file().read_bytes()
    with caplog.at_level(logging.WARNING):
        shown = best_times.table("funny")
        new = best_times.add(ended(100), 1, "New")
    assert len(caplog.records) == 2 and all(reason in record.getMessage() for record in caplog.records)
    aside = file().with_name("best_times.damaged-1.csv")
    assert aside.read_bytes() == before
    assert best_times.table("funny") == [*shown, new]
    assert good in shown or header not in content
    file().write_text("again")
    best_times.add(ended(), 1)
    assert file().with_name("best_times.damaged-2.csv").read_text() == "again"
    assert aside.read_bytes() == before


def test_a_table_that_cannot_be_written_is_kept(monkeypatch):
    best_times.add(ended(), 1)
    before = file().read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(csv.DictWriter, "writerows", full)
    with pytest.raises(OSError, match="No space left"):
        best_times.add(ended(), 1)
    assert file().read_bytes() == before
    assert not list(file().parent.glob("*.partial*"))


def test_a_game_that_goes_on_and_an_unknown_mode_are_refused():
    with pytest.raises(ValueError, match=r"a game that has ended\. Received: 'playing'"):
        best_times.add(ended(phase="playing"), 1)
    with pytest.raises(ValueError, match="`mode` must be one of"):
        best_times.table("sad")
