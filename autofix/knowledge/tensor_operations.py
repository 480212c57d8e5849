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
where, lerp, hypot, atan2, logaddexp | broadcasts
xlogy | broadcasts takes-positive
bmm, inner, tensordot, einsum, scalar_mul | multiplies
matmul=mm | multiplies takes-matrix
dot | multiplies one-number second-operand
vdot | one-number second-operand
cdist | takes-matrix
"""

FUNCTIONS = """
sqrt | bounds=0:inf same-shape singular root takes-positive
rsqrt | same-shape singular root
log, log2, log10 | same-shape singular takes-positive
exp, softplus | bounds=0:inf same-shape
sigmoid | bounds=0:1 same-shape
softmax=softmax_v2 | bounds=0:1 same-shape over-classes axis-second
log_softmax | bounds=-inf:0 same-shape over-classes axis-second
logsigmoid | bounds=-inf:0 same-shape
tanh, sin, cos | bounds=-1:1 same-shape
cosine_similarity | bounds=-1:1
relu | bounded same-shape keeps-zero
expm1, erf, tan, acos=arccos, asin, atan, relu6, leaky_relu, elu, celu, selu, silu, gelu, hardtanh | same-shape
sigmoid_v2, dropout, batch_norm, layer_norm, normalize, l2_normalize | same-shape
log1p, logit | same-shape takes-positive
cumsum | same-shape axis-second
xlog1py, entr, rel_entr | takes-positive
conv2d, conv3d, max_pool2d, avg_pool2d, interpolate, rgb2gray | takes-images
"""

DISCRETE = """
argmax=argmax_v2, argmin, argsort | AF201 axis-second
nanargmax, nanargmin, argpartition, lexsort, argwhere, nonzero, flatnonzero, count_nonzero, searchsorted | AF201
digitize, unravel_index, linear_sum_assignment, unique, unique_all, unique_counts, unique_inverse | AF201
unique_values, histogram, histogram2d, histogramdd, histogram_bin_edges | AF201
bincount | AF201 takes-labels labels-first
round, floor, ceil, sign | AF202 same-shape
round_, floor_, ceil_, sign_, around, rint, fix, trunc, heaviside, floor_divide | AF202
eq=equal | AF203 compares===
ne=not_equal | AF203 compares=!=
gt=greater | AF203 compares=>
ge=greater_equal | AF203 compares=>=
lt=less | AF203 compares=<
le=less_equal | AF203 compares=<=
logical_and, logical_or, logical_not, isin, in1d, in_top_k, signbit, isclose, allclose, array_equal | AF203
array_equiv, isnan, isinf, isfinite, isposinf, isneginf, isreal, iscomplex | AF203
"""

REDUCTIONS = """
sum | bounded reduces keeps-zero totals passes-on one-number axis-second
mean | keeps-bounds reduces keeps-zero totals passes-on one-number axis-second
nansum, nanmean | reduces passes-on one-number
norm | bounds=0:inf reduces axis-third one-number axis-second
std, var | bounds=0:inf reduces one-number axis-second
amax, amin, median | keeps-bounds reduces one-number axis-second
max, min | keeps-bounds extreme one-number axis-second
prod | reduces one-number
vector_norm | reduces axis-third
all, any, variance | reduces
logsumexp | reduces axis-second
average, ptp, trace, nanmax, nanmin, nanstd, nanvar | one-number
percentile, quantile | one-number second-operand
reduce_sum, reduce_mean, reduce_max, reduce_min | axis-second
"""

PLACES = """
index | keeps-bounds measured passes-on
reshape, view | keeps-bounds reshapes passes-on arguments-are-sizes same-elements view flattens
unsqueeze | keeps-bounds reshapes adds-axis measured passes-on same-elements flattens axis-second
expand_dims | keeps-bounds reshapes adds-axis measured passes-on same-elements view flattens
squeeze | keeps-torch-graph keeps-bounds passes-on same-elements view flattens
transpose | keeps-bounds passes-on same-elements view
permute | keeps-bounds passes-on
flatten | keeps-bounds passes-on same-elements flattens
t | passes-on takes-matrix
setitem, stack, cat=concat=concatenate, add_n | passes-on
ravel | passes-on same-elements view flattens
broadcast_to | passes-on same-elements view
swapaxes | keeps-torch-graph same-elements view
T | same-elements view view-attribute takes-matrix
diagonal | view
tile | passes-on same-elements
repeat | passes-on arguments-are-sizes same-elements
expand | passes-on arguments-are-sizes
expand_as, reshape_as, unflatten, narrow, index_select, masked_select | arguments-are-sizes
view_as | arguments-are-sizes flattens
gather | arguments-are-sizes takes-labels
copy, take | same-elements
real, imag | keeps-torch-graph view-attribute
split, array_split, hsplit, vsplit, dsplit | keeps-torch-graph
mT | view-attribute takes-matrix
H | view-attribute
adjoint | takes-matrix
pad, unfold | takes-images
take_along_axis, scatter, scatter_ | takes-labels
sort | axis-second
"""

MAKERS = """
zeros, ones | constant sized makes dtype-after=1 creates typed
empty | constant sized makes creates
eye | constant makes dtype-after=1 creates
full | constant makes creates typed
arange | constant makes creates
zeros_like, ones_like | constant makes
full_like | makes
rand, randn | constant sized creates
random_normal, random_uniform | constant sized
normal, uniform | sized
linspace | constant reshapes creates
identity | constant keeps-bounds same-shape passes-on makes
one_hot | constant dtype-after=2 takes-labels labels-first
empty_like, rand_like, randn_like, randint_like, normal_like, randint, randperm, logspace, range, fill, tri | constant
tril_indices, triu_indices, tril_indices_from, triu_indices_from, diag_indices_from, broadcast_shapes | constant
manual_seed, set_seed, default_rng, finfo, iinfo, get_static_value | constant
new_zeros, new_ones, new_full, new_empty | new-of-its-kind
numpy.ones, numpy.zeros, numpy.full | filled
to_categorical, get_one_hot | takes-labels labels-first
"""

CONVERSIONS = """
detach=stop_gradient | keeps-bounds same-shape holds-fixed
clone, contiguous | keeps-bounds same-shape passes-on chained same-elements conversion
cpu | keeps-bounds same-shape passes-on chained returns-model same-elements after-rewrap conversion on-the-host
cuda | keeps-bounds same-shape passes-on chained returns-model after-rewrap conversion
to | keeps-bounds same-shape keeps-zero passes-on chained returns-model arguments-are-sizes after-rewrap \
conversion casts
cast | keeps-bounds same-shape passes-on casts typed
type_as | same-shape arguments-are-sizes after-rewrap
data | chained same-elements conversion
numpy | same-elements conversion on-the-host
tensor | passes-on makes conversion from-list
as_tensor | passes-on makes conversion
convert_to_tensor | passes-on makes conversion typed
asarray | passes-on makes view conversion of-anything from-list typed
array | makes conversion of-anything from-list typed
asanyarray | makes conversion of-anything
constant | makes conversion from-list typed
ascontiguousarray | same-elements makes conversion
item, tolist | conversion on-the-host
from_numpy, convert_to_numpy, get_value | conversion
astype | casts typed
"""

TYPES = """
float | keeps-bounds same-shape keeps-zero passes-on chained returns-model after-rewrap floating-type conversion
double | keeps-bounds same-shape keeps-zero passes-on chained returns-model type=float64 other-type after-rewrap \
floating-type conversion
half | same-shape passes-on returns-model type=float16 other-type floating-type
float64 | keeps-torch-graph type=float64 other-type floating-type
float32 | keeps-torch-graph type=float32 floating-type
float16 | type=float16 other-type floating-type half-precision
float_ | type=float64 floating-type
single | type=float32 floating-type
bfloat16 | returns-model other-type floating-type half-precision
longdouble | floating-type
DoubleTensor, HalfTensor | other-type
int, short, bool, int8, int16, int32, int64, uint8 | AF204 integer-type
long | AF204 integer-type takes-labels labels-first
byte, char | AF204
intp, int_, bool_, LongTensor, IntTensor, BoolTensor, ByteTensor | integer-type
"""

DESCRIPTIONS = """
shape, ndim, len | describes extent
size | describes extent axis-second
dim, numel | describes extent-of-tensor
rank, ndimension, stride, layout, nbytes, itemsize, element_size, get_shape, device, dtype, result_type | describes
is_cuda, is_leaf, is_floating_point, grad_fn, name, id, hash, isinstance, sample, sample_n | describes
grad | describes differentiates consumes=grad
requires_grad | describes freezes same-shape
type | describes same-shape passes-on after-rewrap casts
"""
