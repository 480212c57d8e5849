"""Methods of a NumPy array that have no place in a graph, or no gradient."""

from __future__ import annotations

FOR = "ndarray"


def sort(self, axis=-1):
    raise NotImplementedError("it sorts in place: write np.sort instead")


def partition(self, kth, axis=-1):
    raise NotImplementedError("it sorts in place: write np.sort instead")


def view(self, dtype=None):
    raise NotImplementedError("it reads the same bytes as another type, which has no gradient")


def put(self, indices, values):
    raise NotImplementedError("it writes in place")


itemset = put
setflags = put


def fill(self, value):
    raise NotImplementedError("it writes in place")


def tolist(self):
    raise NotImplementedError("a list of Python numbers carries no gradient")


def tobytes(self):
    raise NotImplementedError("bytes carry no gradient")


def argmax(self, axis=None):
    raise NotImplementedError("an index does not move with the values: argmax has no gradient")


def argmin(self, axis=None):
    raise NotImplementedError("an index does not move with the values: argmin has no gradient")


def argsort(self, axis=-1):
    raise NotImplementedError("an order does not move with the values: argsort has no gradient")


def argpartition(self, kth, axis=-1):
    raise NotImplementedError("an order does not move with the values: argpartition has no gradient")


def nonzero(self):
    raise NotImplementedError("indices do not move with the values: nonzero has no gradient")


def searchsorted(self, v):
    raise NotImplementedError("an index does not move with the values: searchsorted has no gradient")


def round(self, decimals=0):
    raise NotImplementedError("the gradient of rounding is zero everywhere")
