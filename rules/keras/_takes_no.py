"""What the functions of keras.ops do not take, or count otherwise, where NumPy takes it.

By kind of array, the names of which some call fails the proof with such arrays, no more and no less: the proof says
which to add or remove (`python -m tests.rules.proven`). Where the source shows what an array holds, it is cast first.
"""

INTEGERS = """
numpy.average numpy.cbrt numpy.clip numpy.deg2rad numpy.exp2 numpy.fmod numpy.hypot numpy.isclose numpy.logaddexp2
numpy.min numpy.mod numpy.prod numpy.quantile numpy.rad2deg numpy.reciprocal numpy.sinc numpy.std numpy.sum numpy.var
"""

TRUTH_VALUES = """
numpy.add numpy.average numpy.cbrt numpy.clip numpy.conjugate numpy.copysign numpy.deg2rad numpy.exp2 numpy.fmax
numpy.fmin numpy.fmod numpy.greater numpy.greater_equal numpy.hypot numpy.less_equal numpy.logaddexp2 numpy.maximum
numpy.minimum numpy.mod numpy.multiply numpy.percentile numpy.power numpy.prod numpy.quantile numpy.rad2deg numpy.real
numpy.sinc numpy.std numpy.sum numpy.var
"""

HALF_PRECISION = """

"""

TWO_TYPES = """
numpy.average numpy.hypot numpy.logaddexp2 numpy.mod numpy.true_divide
"""
