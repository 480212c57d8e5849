"""Rules for PyTorch. DEFAULTS: keywords that may be left out, because the value is PyTorch's own default.

NUMBERS: functions that take no truth values or integers here.
"""

STACK = "torch.stack"
ARRAYS = ("a", "b", "x", "x1", "x2", "y", "v", "m", "p", "q", "pk", "qk", "array", "arr", "values", "weights")
NUMBERS = ("mean", "average", "std", "var", "nanmean", "quantile", "percentile", "median")
DEFAULTS = {
    "torch.sort": {"dim": -1},
    "torch.diff": {"n": 1, "dim": -1},
    "torch.nan_to_num": {"nan": 0.0},
    "torch.quantile": {"interpolation": "linear"},
    "torch.nanquantile": {"interpolation": "linear"},
    "torch.stack": {"dim": 0},
    "torch.cat": {"dim": 0},
    "torch.trapezoid": {"dx": 1.0, "dim": -1},
    "torch.trace": {"offset": 0},
    "torch.diagonal": {"offset": 0, "dim1": 0, "dim2": 1},
    "torch.diag": {"diagonal": 0},
    "torch.tril": {"diagonal": 0},
    "torch.triu": {"diagonal": 0},
    "torch.tril_indices": {"offset": 0},
    "torch.triu_indices": {"offset": 0},
    "torch.rot90": {"k": 1, "dims": (0, 1)},
    "torch.tensor_split": {"dim": 0},
    "torch.unbind": {"dim": 0},
    "torch.gradient": {"edge_order": 1},
    "torch.nn.functional.pad": {"value": 0},
    "torch.isclose": {"rtol": 1e-05, "atol": 1e-08},
    "torch.allclose": {"rtol": 1e-05, "atol": 1e-08},
    "torch.linalg.cross": {"dim": -1},
    "torch.linalg.eigh": {"UPLO": "L"},
    "torch.linalg.svd": {"full_matrices": True},
    "torch.linalg.qr": {"mode": "reduced"},
    "torch.linalg.diagonal": {"offset": 0},
    "torch.linalg.vecdot": {"dim": -1},
    "torch.fft.fft": {"dim": -1},
    "torch.fft.ifft": {"dim": -1},
    "torch.fft.rfft": {"dim": -1},
    "torch.fft.irfft": {"dim": -1},
    "torch.fft.hfft": {"dim": -1},
    "torch.fft.ihfft": {"dim": -1},
    "torch.fft.fft2": {"dim": (-2, -1)},
    "torch.fft.ifft2": {"dim": (-2, -1)},
    "torch.fft.rfft2": {"dim": (-2, -1)},
    "torch.fft.irfft2": {"dim": (-2, -1)},
    ".diagonal": {"offset": 0, "dim1": 0, "dim2": 1},
}
