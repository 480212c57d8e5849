"""Texts that are not autofix's own, as a terminal may be given them: every character that would act on it shows.

A source line, an exception's words or a file's name may hold escape sequences, which move the cursor, set the title or
the clipboard (OSC 52), and marks that turn the direction of text around (CVE-2021-42574). Each such character is
replaced by one that stands for it, so that columns stay what they are: a control picture (U+2400) for those of ASCII,
U+FFFD for the others. Compilers do the same (rustc since 1.56).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import TypeVar, cast

Record = TypeVar("Record")

_PICTURES = 0x2400
_REPLACEMENT = 0xFFFD
_ASCII = {code: _PICTURES + code for code in range(0x20)} | {0x7F: 0x2421}
_LATIN = dict.fromkeys(range(0x80, 0xA0), _REPLACEMENT)
_DIRECTIONS = dict.fromkeys((0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)), _REPLACEMENT)
_LINES = dict.fromkeys((0x2028, 0x2029), _REPLACEMENT)

_EVERY = _ASCII | _LATIN | _DIRECTIONS | _LINES
_OF_LINES: Mapping[int, int] = {code: to for code, to in _EVERY.items() if chr(code) not in "\t\n\r"}
_OF_ONE_LINE: Mapping[int, int] = {code: to for code, to in _EVERY.items() if chr(code) != "\t"}
_LONE_RETURN = re.compile(r"\r(?!\n)")


def visible_lines(text: str) -> str:
    """Return lines of which none acts on a terminal; their ends stay, `\\r\\n` too."""
    return _LONE_RETURN.sub(chr(_PICTURES + 0x0D), text.translate(_OF_LINES))


def visible(text: str) -> str:
    """Return a text that is shown on one line; its line ends show as well."""
    return text.translate(_OF_ONE_LINE)


def visible_record(record: Record) -> Record:
    """Return a frozen dataclass with every text in it visible, in records below it too; a `diff` keeps its lines."""
    if not is_dataclass(record) or isinstance(record, type):
        return record
    shown = {each.name: _shown(each.name, getattr(record, each.name)) for each in fields(record)}
    return cast(Record, replace(record, **shown))


def _shown(name: str, value: object) -> object:
    if isinstance(value, str):
        return visible_lines(value) if name == "diff" else visible(value)
    if isinstance(value, tuple):
        return tuple(_shown(name, each) for each in value)
    return visible_record(value)
