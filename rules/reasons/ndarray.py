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
    raise NotImplementedError("a list of Python numbers has no gradient")


def tobytes(self):
    raise NotImplementedError("bytes have no gradient")


def argmax(self, axis=None):
    raise NotImplementedError("an index is piecewise constant: argmax has no gradient")


def argmin(self, axis=None):
    raise NotImplementedError("an index is piecewise constant: argmin has no gradient")


def argsort(self, axis=-1):
    raise NotImplementedError("an order is piecewise constant: argsort has no gradient")


def argpartition(self, kth, axis=-1):
    raise NotImplementedError("an order is piecewise constant: argpartition has no gradient")


def nonzero(self):
    raise NotImplementedError("indices are piecewise constant: nonzero has no gradient")


def searchsorted(self, v):
    raise NotImplementedError("an index is piecewise constant: searchsorted has no gradient")


def round(self, decimals=0):
    raise NotImplementedError("the gradient of rounding is zero everywhere")
