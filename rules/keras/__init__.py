"""Rules for Keras 3. DEFAULTS: keywords that may be left out, because the value is that of keras.ops.

NUMBERS: functions that take no truth values here, or answer in integers.
"""

STACK = "ops.stack"
ARRAYS = ("a", "b", "x", "x1", "x2", "y", "v", "m", "p", "q", "pk", "qk", "array", "arr", "values", "weights")
NUMBERS = ("sum", "mean", "average", "std", "var", "prod", "nansum", "nanmean", "dot", "cumsum", "median")
DEFAULTS = {
    "ops.sort": {"axis": -1},
    "ops.argsort": {"axis": -1},
    "ops.stack": {"axis": 0},
    "ops.concatenate": {"axis": 0},
    "ops.split": {"axis": 0},
    "ops.unstack": {"axis": 0},
    "ops.meshgrid": {"indexing": "xy"},
    "ops.roll": {"axis": None},
    "ops.diag": {"k": 0},
    "ops.isclose": {"rtol": 1e-05, "atol": 1e-08},
    "ops.softmax": {"axis": -1},
    "ops.log_softmax": {"axis": -1},
    "ops.quantile": {"method": "linear"},
}
