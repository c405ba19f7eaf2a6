"""What every configuration of a training is: plain values, checked, whose hash names a run."""

import hashlib
import json
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Self

OPTIMIZERS = ("sgd", "adam", "adamw", "adagrad", "rmsprop", "adamax", "nadam", "adadelta")

LATER = {"later": True}
"""Marks a field that came after runs had been named: at its default, None, 0 or empty, it is no part of their
names."""


@dataclass(frozen=True)
class Config:
    """Base of the frozen dataclasses that decide the result of a training."""

    def __hash__(self) -> int:
        return hash(self.to_json())

    def replace(self, **changes: Any) -> Self:
        """Returns a copy with some fields changed."""
        return replace(self, **changes)

    def to_json(self) -> str:
        """Returns the canonical JSON: keys sorted, so that equal configurations give equal text."""
        return _to_json(asdict(self))

    @property
    def sha256(self) -> str:
        """Hash of the configuration without the data."""
        return hashlib.sha256(self._identity.encode()).hexdigest()

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Reads what ``to_json`` wrote.

        Raises:
            ValueError: The text is no JSON object, or has a field that this configuration has not.
        """
        values = json.loads(text)
        known = {entry.name for entry in fields(cls)}
        if not isinstance(values, dict) or not set(values) <= known:
            unknown = sorted(set(values) - known) if isinstance(values, dict) else values
            raise ValueError(f"A {cls.__name__} has the fields {sorted(known)}. Received also: {unknown}")
        return cls(**values)

    def run_id(self, fingerprint: str) -> str:
        """Returns the name of the run: a hash of this configuration and of the data it is given.

        Args:
            fingerprint: That of the data set, so that two folders that are read under one name never share a
                run.
        """
        return hashlib.sha256(f"{self._identity}\n{fingerprint}".encode()).hexdigest()[:12]

    @property
    def _identity(self) -> str:
        """The canonical JSON of what names a run."""
        return _to_json(self._naming_values())

    def _naming_values(self) -> dict[str, Any]:
        """All fields, but those marked ``LATER`` that are at their default."""
        values = asdict(self)
        for entry in fields(self):
            if entry.metadata == LATER and not values[entry.name]:
                del values[entry.name]
        return values

    def _require(self, expected: str, holds: Callable[[Any], bool], *names: str) -> None:
        for name in names:
            value = getattr(self, name)
            try:
                fits = holds(value)
            except TypeError:
                fits = False
            if not fits:
                raise ValueError(f"`{name}` must be {expected}. Received: {value!r}")

    def _require_plain_values(self) -> None:
        try:
            self.to_json()
        except TypeError as error:
            raise ValueError(
                f"A {type(self).__name__} holds plain scalars, strings and lists. Received: {error}"
            ) from error


def is_positive_integer(value: Any) -> bool:
    """Tells whether a value is an integer of at least 1; True and False are none."""
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def is_positive_number(value: Any) -> bool:
    """Tells whether a value is a finite number above 0."""
    return 0 < value < math.inf


def is_share(value: Any) -> bool:
    """Tells whether a value is a number in 0…1."""
    return 0 <= value <= 1


def is_seed(value: Any) -> bool:
    """Tells whether a value is an integer that Keras and NumPy take as a seed."""
    return isinstance(value, int) and 0 <= value < 2**32


def _to_json(values: dict[str, Any]) -> str:
    return json.dumps(values, sort_keys=True, indent=2, ensure_ascii=False)
