"""NumPy's polynomials in PyTorch."""

from __future__ import annotations

import torch

FOR = "numpy"


def vander(x, N=None, increasing=False):
    if N is None or increasing:
        raise NotImplementedError("only with N given, and falling powers")
    return x[:, None] ** torch.arange(N - 1, -1, -1, dtype=x.dtype, device=x.device)


def polyval(p, x):
    value = x * 0
    for coefficient in p:
        value = value * x + coefficient
    return value


def polyadd(a1, a2):
    return _polyadd(a1, a2)


def polysub(a1, a2):
    return _polyadd(a1, -a2)


def _polyadd(a1, a2):
    length = max(len(a1), len(a2))
    longer = (torch.nn.functional.pad(each, (length - len(each), 0)) for each in (a1, a2))
    return sum(longer)


def polymul(a1, a2):
    return torch.nn.functional.conv1d(a1[None, None], a2.flip(0)[None, None], padding=len(a2) - 1)[0, 0]


def polyder(p, m=1):
    for _ in range(m):
        p = p[:-1] * torch.arange(len(p) - 1, 0, -1, dtype=p.dtype, device=p.device)
    return p


def polyint(p, m=1, k=None):
    if k is not None:
        raise NotImplementedError("only with constants of integration that are zero")
    return _polyint(p, m)


def _polyint(p, m=1):
    for _ in range(m):
        p = torch.nn.functional.pad(p / torch.arange(len(p), 0, -1, dtype=p.dtype, device=p.device), (0, 1))
    return p


def polyfit(x, y, deg, rcond=None, full=False, w=None, cov=False):
    if full or cov:
        raise NotImplementedError("only the coefficients are supported")
    if rcond is not None or w is not None:
        raise NotImplementedError("only the plain fit, without rcond= and weights, is supported")
    return _polyfit(x, y, deg)


def _polyfit(x, y, deg):
    powers = x[:, None] ** torch.arange(deg, -1, -1, dtype=x.dtype, device=x.device)
    q, r = torch.linalg.qr(powers)
    fit = torch.linalg.solve_triangular(r, q.T @ y.reshape(len(x), -1), upper=True)
    return fit.reshape(-1, *y.shape[1:])


def roots(p):
    raise NotImplementedError("the order of roots is not fixed: write the loss on the polynomial's values")


def poly1d(c_or_r):
    raise NotImplementedError("it is a NumPy object: write np.polyval(coefficients, x) instead")
