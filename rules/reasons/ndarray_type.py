"""What an array says of its type; apart, because rules for arrays call a parameter of theirs `dtype`."""

from __future__ import annotations

FOR = "ndarray"


def dtype(self):
    raise NotImplementedError("a type has no gradient: the tensor has a dtype of its own")
