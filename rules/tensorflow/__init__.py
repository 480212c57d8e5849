"""Rules for TensorFlow. DEFAULTS: keywords that may be left out, because the value is TensorFlow's own default.

NUMBERS: functions that take no truth values here, or answer in integers.
"""

STACK = "tf.stack"
ARRAYS = ("a", "b", "x", "x1", "x2", "y", "v", "m", "p", "q", "pk", "qk", "array", "arr", "values", "weights")
NUMBERS = ("sum", "mean", "average", "std", "var", "prod", "nansum", "nanmean", "dot", "cumsum", "median")
DEFAULTS = {
    "tf.sort": {"axis": -1},
    "tf.argsort": {"axis": -1},
    "tf.stack": {"axis": 0},
    "tf.cumsum": {"axis": 0},
    "tf.linalg.diag": {"k": 0},
    "tf.linalg.diag_part": {"k": 0},
    "tf.linalg.triangular_solve": {"lower": True},
    "tf.split": {"axis": 0},
    "tf.unstack": {"axis": 0},
    "tf.pad": {"constant_values": 0},
    "tf.meshgrid": {"indexing": "xy"},
}
