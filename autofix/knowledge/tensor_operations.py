"""Operations on tensors, arrays and numbers, by the last part of their name: rows of the catalogue in `operations`."""

from __future__ import annotations

ARITHMETIC = """
add | bounded broadcasts adds
sub=subtract | bounded zero-at-equals broadcasts measured adds
mul=multiply | bounded broadcasts keeps-zero multiplies
div=divide=true_divide=truediv | broadcasts multiplies divides
divide_no_nan | multiplies divides
pow=power | bounded broadcasts measured
neg=negative | bounded same-shape keeps-zero passes-on
abs=absolute, square | bounds=0:inf same-shape keeps-zero
reciprocal | same-shape singular
maximum | bounded broadcasts chooses keeps-zero
minimum | bounded broadcasts chooses
clamp=clip=clip_by_value | bounded same-shape keeps-zero
clamp_min, clamp_max, nan_to_num | same-shape
where, lerp, hypot, atan2, xlogy, logaddexp | broadcasts
matmul=mm=bmm, inner, tensordot, einsum, scalar_mul | multiplies
dot | multiplies one-number second-operand
vdot | one-number second-operand
"""

FUNCTIONS = """
sqrt | bounds=0:inf same-shape singular root
rsqrt | same-shape singular root
log, log2, log10 | same-shape singular
exp, softplus | bounds=0:inf same-shape
sigmoid | bounds=0:1 same-shape
softmax=softmax_v2 | bounds=0:1 same-shape over-classes
log_softmax | bounds=-inf:0 same-shape over-classes
logsigmoid | bounds=-inf:0 same-shape
tanh, sin, cos | bounds=-1:1 same-shape
cosine_similarity | bounds=-1:1
relu | bounded same-shape keeps-zero
expm1, log1p, logit, erf, tan, acos=arccos, asin, atan | same-shape
relu6, leaky_relu, elu, celu, selu, silu, gelu, hardtanh, sigmoid_v2, dropout | same-shape
batch_norm, layer_norm, normalize, l2_normalize, cumsum | same-shape
"""

DISCRETE = """
argmax=argmax_v2, argmin, nanargmax, nanargmin, argsort, argpartition, lexsort, argwhere | AF201
nonzero, flatnonzero, count_nonzero, searchsorted, digitize, bincount, unravel_index, linear_sum_assignment | AF201
unique, unique_all, unique_counts, unique_inverse, unique_values | AF201
histogram, histogram2d, histogramdd, histogram_bin_edges | AF201
round, floor, ceil, sign | AF202 same-shape
round_, floor_, ceil_, sign_, around, rint, fix, trunc, heaviside, floor_divide | AF202
eq=equal | AF203 compares===
ne=not_equal | AF203 compares=!=
gt=greater | AF203 compares=>
ge=greater_equal | AF203 compares=>=
lt=less | AF203 compares=<
le=less_equal | AF203 compares=<=
logical_and, logical_or, logical_not, isin, in1d, in_top_k, signbit | AF203
isclose, allclose, array_equal, array_equiv | AF203
isnan, isinf, isfinite, isposinf, isneginf, isreal, iscomplex | AF203
"""

REDUCTIONS = """
sum | bounded reduces keeps-zero totals passes-on one-number
mean | keeps-bounds reduces keeps-zero totals passes-on one-number
nansum, nanmean | reduces passes-on one-number
norm | bounds=0:inf reduces axis-third one-number
std, var | bounds=0:inf reduces one-number
amax, amin, median | keeps-bounds reduces one-number
max, min | keeps-bounds extreme one-number
prod | reduces one-number
vector_norm | reduces axis-third
all, any, variance, logsumexp | reduces
average, ptp, trace, nanmax, nanmin, nanstd, nanvar | one-number
percentile, quantile | one-number second-operand
"""

PLACES = """
index | keeps-bounds measured passes-on
reshape, view | keeps-bounds reshapes passes-on arguments-are-sizes same-elements view
unsqueeze | keeps-bounds reshapes adds-axis measured passes-on same-elements
expand_dims | keeps-bounds reshapes adds-axis measured passes-on same-elements view
squeeze | keeps-torch-graph keeps-bounds passes-on same-elements view
transpose | keeps-bounds passes-on same-elements view
permute | keeps-bounds passes-on
flatten | keeps-bounds passes-on same-elements
t, setitem, stack, cat=concat=concatenate, add_n | passes-on
ravel, broadcast_to | passes-on same-elements view
swapaxes | keeps-torch-graph same-elements view
T | same-elements view
diagonal | view
tile | passes-on same-elements
repeat | passes-on arguments-are-sizes same-elements
expand | passes-on arguments-are-sizes
expand_as, view_as, reshape_as, unflatten, narrow | arguments-are-sizes
gather, index_select, masked_select | arguments-are-sizes
copy, take | same-elements
real, imag, split, array_split, hsplit, vsplit, dsplit | keeps-torch-graph
"""

MAKERS = """
zeros, ones | constant sized makes dtype-after=1
empty | constant sized makes
eye | constant makes dtype-after=1
full, arange, zeros_like, ones_like | constant makes
full_like | makes
rand, randn, random_normal, random_uniform | constant sized
normal, uniform | sized
linspace | constant reshapes
identity | constant keeps-bounds same-shape passes-on makes
one_hot | constant dtype-after=2
empty_like, rand_like, randn_like, randint_like, normal_like, randint, randperm, logspace, range, fill, tri | constant
tril_indices, triu_indices, tril_indices_from, triu_indices_from, diag_indices_from, broadcast_shapes | constant
manual_seed, set_seed, default_rng, finfo, iinfo, get_static_value | constant
new_zeros, new_ones, new_full, new_empty | new-of-its-kind
"""

CONVERSIONS = """
detach=stop_gradient | keeps-bounds same-shape
clone, contiguous | keeps-bounds same-shape passes-on chained same-elements conversion
cpu | keeps-bounds same-shape passes-on chained returns-model same-elements after-rewrap conversion
cuda | keeps-bounds same-shape passes-on chained returns-model after-rewrap conversion
to | keeps-bounds same-shape keeps-zero passes-on chained returns-model arguments-are-sizes after-rewrap conversion
cast | keeps-bounds same-shape passes-on
type_as | same-shape arguments-are-sizes after-rewrap
data | chained same-elements conversion
numpy | same-elements conversion
tensor, as_tensor, convert_to_tensor | passes-on makes conversion
asarray | passes-on makes view conversion
array, asanyarray, constant | makes conversion
ascontiguousarray | same-elements makes conversion
item, tolist, from_numpy, convert_to_numpy, get_value | conversion
"""

TYPES = """
float | keeps-bounds same-shape keeps-zero passes-on chained returns-model after-rewrap floating-type conversion
double | keeps-bounds same-shape keeps-zero passes-on chained returns-model type=float64 other-type after-rewrap \
floating-type conversion
half | same-shape passes-on returns-model type=float16 other-type floating-type
float64 | keeps-torch-graph type=float64 other-type floating-type
float32 | keeps-torch-graph type=float32 floating-type
float16 | type=float16 other-type floating-type
float_ | type=float64 floating-type
single | type=float32 floating-type
bfloat16 | returns-model other-type floating-type
longdouble | floating-type
DoubleTensor, HalfTensor | other-type
int, long, short, bool, int8, int16, int32, int64, uint8 | AF204 integer-type
byte, char | AF204
intp, int_, bool_, LongTensor, IntTensor, BoolTensor, ByteTensor | integer-type
"""

DESCRIPTIONS = """
shape, size, ndim, len | describes extent
dim, numel, rank, ndimension, stride, layout, nbytes, itemsize, element_size, get_shape | describes
device, dtype, result_type, is_cuda, is_leaf, is_floating_point, grad_fn | describes
name, id, hash, isinstance, sample, sample_n | describes
grad | describes differentiates
requires_grad | describes freezes same-shape
type | describes same-shape passes-on after-rewrap
"""
