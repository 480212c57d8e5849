"""scipy.special in PyTorch."""

from __future__ import annotations

import torch
from autofix.rules.torch._density import _lgamma

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


def erfcinv(y):
    return torch.erfinv(1 - y)


def erfcx(x):
    return torch.special.erfcx(x)


def gamma(z):
    assert (z > 0).all()
    return torch.exp(torch.lgamma(z))


def gamma__of_negative(z):
    return torch.where(z > 0, 1, 1 - 2 * (torch.floor(z) % 2)) * torch.exp(torch.lgamma(z))


def factorial(n, exact=False):
    if exact:
        raise NotImplementedError("exact=True counts in integers, which have no gradient")
    return torch.exp(torch.lgamma(n + 1))


def gammaln(x):
    return torch.lgamma(x)


loggamma = gammaln


def digamma(x):
    return torch.digamma(x)


psi = digamma


def polygamma(n, x):
    return torch.polygamma(n, x)


def multigammaln(a, d):
    return torch.mvlgamma(a, d)


def betaln(a, b):
    return _lgamma(a) + _lgamma(b) - _lgamma(a + b)


def beta(a, b):
    return torch.exp(_lgamma(a) + _lgamma(b) - _lgamma(a + b))


def comb(N, k, *, exact=False, repetition=False):
    if exact or repetition:
        raise NotImplementedError("exact= and repetition= count in integers, which have no gradient")
    return torch.exp(_lgamma(N + 1) - _lgamma(k + 1) - _lgamma(N - k + 1))


def binom(x, y):
    return torch.exp(_lgamma(x + 1) - _lgamma(y + 1) - _lgamma(x - y + 1))


def gammainc(a, x):
    if isinstance(a, (int, float)):
        return torch.special.gammainc(torch.as_tensor(a, dtype=x.dtype, device=x.device), x)
    return torch.special.gammainc(a, x)


def gammaincc(a, x):
    if isinstance(a, (int, float)):
        return torch.special.gammaincc(torch.as_tensor(a, dtype=x.dtype, device=x.device), x)
    return torch.special.gammaincc(a, x)


def zeta(x, q=None):
    if q is None:
        raise NotImplementedError("torch.special.zeta has a gradient for its second argument only")
    return torch.special.zeta(x, q)


def i0(x):
    return torch.special.i0(x)


def i0e(x):
    return torch.special.i0e(x)


def i1(x):
    return torch.special.i1(x)


def i1e(x):
    return torch.special.i1e(x)


def j0(x):
    raise NotImplementedError("torch has this Bessel function without a gradient")


j1 = j0
y0 = j0
y1 = j0
k0 = j0
k1 = j0
k0e = j0
k1e = j0


def betainc(a, b, x):
    raise NotImplementedError("torch has no incomplete beta function")


def dawsn(x):
    raise NotImplementedError("torch has no Dawson integral")


def expi(x):
    raise NotImplementedError("torch has no exponential integral")


exp1 = expi


def spence(z):
    raise NotImplementedError("torch has no dilogarithm")


def ndtri(y):
    return torch.special.ndtri(y)


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
    if return_sign:
        raise NotImplementedError("return_sign=True gives a pair, whose sign has no gradient")
    if b is not None:
        return torch.log(torch.sum(b * torch.exp(a), dim=axis, keepdim=keepdims))
    if axis is None and keepdims:
        return torch.logsumexp(a, dim=tuple(range(a.ndim)), keepdim=True)
    if axis is None:
        return torch.logsumexp(a.flatten(), dim=0)
    return torch.logsumexp(a, dim=axis, keepdim=keepdims)


def rel_entr(x, y):
    return torch.xlogy(x, x / y)


def kl_div(x, y):
    return torch.xlogy(x, x / y) - x + y


def expm1(x):
    return torch.expm1(x)


def log1p(x):
    return torch.log1p(x)


def exp2(x):
    return torch.exp2(x)


def cbrt(x):
    return torch.sign(x) * torch.abs(x) ** (1 / 3)


def sinc(x):
    return torch.sinc(x)


def boxcox(x, lmbda):
    if isinstance(lmbda, (int, float)) and lmbda == 0:
        return torch.log(x)
    return (x**lmbda - 1) / lmbda


def boxcox1p(x, lmbda):
    if isinstance(lmbda, (int, float)) and lmbda == 0:
        return torch.log1p(x)
    return ((1 + x) ** lmbda - 1) / lmbda


def inv_boxcox(y, lmbda):
    if isinstance(lmbda, (int, float)) and lmbda == 0:
        return torch.exp(y)
    return (1 + lmbda * y) ** (1 / lmbda)


def exp10(x):
    return 10.0**x


def softplus(x):
    return torch.nn.functional.softplus(x)


def huber(delta, r):
    return torch.where(torch.abs(r) <= delta, torch.square(r) / 2, delta * (torch.abs(r) - delta / 2))


def pseudo_huber(delta, r):
    return delta**2 * (torch.sqrt(1 + torch.square(r / delta)) - 1)
