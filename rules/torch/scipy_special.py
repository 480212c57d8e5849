"""scipy.special in PyTorch."""

from __future__ import annotations

import torch

FOR = "scipy.special"


def expit(x):
    return torch.sigmoid(x)


def logit(x):
    return torch.logit(x)


def log_expit(x):
    return torch.nn.functional.logsigmoid(x)


def xlogy(x, y):
    return torch.xlogy(x, y)


def xlog1py(x, y):
    return torch.special.xlog1py(x, y)


def entr(x):
    return torch.special.entr(x)


def erf(x):
    return torch.erf(x)


def erfc(x):
    return torch.erfc(x)


def erfinv(y):
    return torch.erfinv(y)


def gammaln(x):
    return torch.lgamma(x)


loggamma = gammaln


def digamma(x):
    return torch.digamma(x)


psi = digamma


def ndtr(x):
    return torch.special.ndtr(x)


def log_ndtr(x):
    return torch.special.log_ndtr(x)


def softmax(x, axis=None):
    if axis is None:
        return torch.softmax(x.flatten(), dim=0).reshape(x.shape)
    return torch.softmax(x, dim=axis)


def log_softmax(x, axis=None):
    if axis is None:
        return torch.log_softmax(x.flatten(), dim=0).reshape(x.shape)
    return torch.log_softmax(x, dim=axis)


def logsumexp(a, axis=None, b=None, keepdims=False, return_sign=False):
    if b is not None or return_sign:
        raise NotImplementedError("torch.logsumexp takes no weights and gives no sign")
    if axis is None and keepdims:
        return torch.logsumexp(a, dim=tuple(range(a.ndim)), keepdim=True)
    if axis is None:
        return torch.logsumexp(a.flatten(), dim=0)
    return torch.logsumexp(a, dim=axis, keepdim=keepdims)


def rel_entr(x, y):
    return torch.xlogy(x, x / y)


def kl_div(x, y):
    return torch.xlogy(x, x / y) - x + y


def exp10(x):
    return 10.0**x


def softplus(x):
    return torch.nn.functional.softplus(x)


def huber(delta, r):
    return torch.where(torch.abs(r) <= delta, torch.square(r) / 2, delta * (torch.abs(r) - delta / 2))


def pseudo_huber(delta, r):
    return delta**2 * (torch.sqrt(1 + torch.square(r / delta)) - 1)
