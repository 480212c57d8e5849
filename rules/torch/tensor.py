"""What takes a tensor of PyTorch out of the graph: the mended loss keeps the tensor."""

from __future__ import annotations

FOR = "Tensor"


def detach(self):
    return self


def data(self):
    return self


def numpy(self, *, force=False):
    return self


def cpu(self):
    return self


def item(self):
    assert self.dim() == 0
    return self


def item__of_one_element(self):
    return self.squeeze()


def tolist(self):
    return self
