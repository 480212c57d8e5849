"""A model with somebody who listens: what each of its methods returned, as a stand-in for it has to."""

from __future__ import annotations

from typing import Any

from .standins import TRANSPARENT
from .together import together


class Heard:
    """A model that answers as it does, and keeps the first answer of each of its methods, by path."""

    def __init__(self, model: Any, path: str = "", answers: dict[str, Any] | None = None) -> None:
        self._model, self._path = model, path
        self._answers: dict[str, Any] = {} if answers is None else answers

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        answer = self._model(*arguments, **named)
        self._answers.setdefault(self._path, answer)
        return answer

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._model, name)
        if name.startswith("__") or not callable(value):
            return value
        path = self._path if name in TRANSPARENT else f"{self._path}.{name}".strip(".")
        return Heard(value, path, self._answers)


def returned_by(heard: Heard, form: dict[str, Any]) -> list[Any]:
    """What stands for each item of a form; raises where the answers have another form."""
    found: dict[int, Any] = {}
    for path, pack in form["paths"].items():
        if not pack["items"]:
            continue
        answer = heard._answers[path]
        for place, (item, key) in enumerate(together(pack["items"], pack["keys"])):
            found[item] = part_of(answer, pack["pack"], place, key)
        if pack["pack"] == "tuple" and len(answer) != len(pack["items"]):
            raise KeyError(path)
    return [found[item] for item in range(len(found))]


def part_of(answer: Any, pack: str, place: int, key: str) -> Any:
    if pack == "tuple":
        return answer[place]
    if pack == "fields":
        return answer[key] if isinstance(answer, dict) else getattr(answer, key)
    return answer
