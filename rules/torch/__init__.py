"""Rules for PyTorch. DEFAULTS: keywords that may be left out, because the value is PyTorch's own default."""

STACK = "torch.stack"
ARRAYS = ("a", "b", "x", "x1", "x2", "y", "v", "m", "p", "q", "pk", "qk", "array", "weights")
DEFAULTS = {
    "torch.sort": {"dim": -1},
    "torch.diff": {"n": 1, "dim": -1},
    "torch.nan_to_num": {"nan": 0.0},
    "torch.quantile": {"interpolation": "linear"},
    "torch.stack": {"dim": 0},
    "torch.cat": {"dim": 0},
    "torch.trapezoid": {"dx": 1.0, "dim": -1},
    "torch.trace": {"offset": 0},
    "torch.diagonal": {"offset": 0, "dim1": 0, "dim2": 1},
    "torch.diag": {"diagonal": 0},
    "torch.tril": {"diagonal": 0},
    "torch.triu": {"diagonal": 0},
    "torch.rot90": {"k": 1, "dims": (0, 1)},
    ".diagonal": {"offset": 0, "dim1": 0, "dim2": 1},
}
