"""Operations on tensors, arrays and numbers, by the last part of their name: rows of the catalogue in `operations`."""

from __future__ import annotations

ARITHMETIC = """
add | bounded broadcasts adds takes-plain-numbers
sub=subtract | bounded zero-at-equals broadcasts measured adds takes-plain-numbers
mul=multiply | bounded broadcasts keeps-zero multiplies takes-plain-numbers
div=divide=true_divide=truediv | broadcasts multiplies divides takes-plain-numbers
divide_no_nan | multiplies divides
pow=power | bounded broadcasts measured takes-number
neg=negative | bounded same-shape keeps-zero passes-on
abs=absolute | bounds=0:inf same-shape keeps-zero
square | bounds=0:inf same-shape keeps-zero
reciprocal | same-shape singular
maximum | bounded broadcasts chooses keeps-zero passes-integers
minimum | bounded broadcasts chooses passes-integers
clamp=clip=clip_by_value | bounded same-shape keeps-zero
clamp_min, clamp_max, nan_to_num | same-shape
where | broadcasts passes-integers
numpy.where | indices-of-one
lerp, hypot, atan2, logaddexp | broadcasts
xlogy | broadcasts takes-positive
bmm, inner, tensordot, einsum, scalar_mul | multiplies
matmul=mm | multiplies takes-matrix
dot | multiplies one-number second-operand
vdot | one-number second-operand
cdist | takes-matrix
"""

FUNCTIONS = """
sqrt | bounds=0:inf same-shape singular root takes-positive takes-number
rsqrt | same-shape singular root
log | same-shape singular takes-positive takes-number
log2, log10 | same-shape singular takes-positive
exp | bounds=0:inf same-shape takes-number
softplus | bounds=0:inf same-shape
sigmoid | bounds=0:1 same-shape
softmax=softmax_v2 | bounds=0:1 same-shape over-classes axis-second
log_softmax | bounds=-inf:0 same-shape over-classes axis-second
logsigmoid | bounds=-inf:0 same-shape
tanh | bounds=-1:1 same-shape takes-number
sin, cos | bounds=-1:1 same-shape
cosine_similarity | bounds=-1:1
relu | bounded same-shape keeps-zero
expm1, tan, acos=arccos, asin, atan, relu6, leaky_relu, elu, celu, selu, silu, gelu, hardtanh, sigmoid_v2 | same-shape
dropout, batch_norm, layer_norm, normalize, l2_normalize | same-shape
erf | same-shape takes-number
log1p, logit | same-shape takes-positive
cumsum | same-shape axis-second
xlog1py, entr, rel_entr | takes-positive
conv2d, conv3d, max_pool2d, avg_pool2d, interpolate, rgb2gray | takes-images
fabs, cosh, sinh, gamma, lgamma | takes-number
"""

DISCRETE = """
argmax=argmax_v2, argmin, argsort | AF201 axis-second
nanargmax, nanargmin, argpartition, lexsort, argwhere, flatnonzero, count_nonzero, searchsorted | AF201
nonzero | AF201 positions
digitize, unravel_index, linear_sum_assignment, unique, unique_all, unique_counts, unique_inverse | AF201
unique_values, histogram, histogram2d, histogramdd, histogram_bin_edges | AF201
bincount | AF201 takes-labels labels-first method-of-labels
round, floor, ceil, sign | AF202 same-shape
round_, floor_, ceil_, sign_, around, rint, fix, trunc | AF202
heaviside | AF202 not-for-arrays
floor_divide | AF202 not-for-arrays takes-plain-numbers
eq=equal | AF203 compares===
ne=not_equal | AF203 compares=!=
gt=greater | AF203 compares=>
ge=greater_equal | AF203 compares=>=
lt=less | AF203 compares=<
le=less_equal | AF203 compares=<=
logical_and, logical_or, logical_not, isin, in1d, in_top_k, signbit, isclose, allclose, array_equal | AF203
array_equiv, isposinf, isneginf, isreal, iscomplex | AF203
isnan, isfinite | AF203 asks same-for-numbers asks-nan
isinf | AF203 asks same-for-numbers
is_nan | AF203 asks-nan
"""

REDUCTIONS = """
sum | bounded reduces keeps-zero totals passes-on one-number axis-second torch-error=axis walks
mean | keeps-bounds reduces keeps-zero totals passes-on one-number axis-second torch-error=axis
nansum, nanmean | reduces passes-on one-number
norm | bounds=0:inf reduces axis-third one-number axis-second
std, var | bounds=0:inf reduces one-number axis-second torch-error=arguments
amax | keeps-bounds reduces one-number axis-second torch-method=max
amin | keeps-bounds reduces one-number axis-second torch-method=min
median | keeps-bounds reduces one-number axis-second
max | keeps-bounds extreme one-number axis-second torch-method=max walks
min | keeps-bounds extreme one-number axis-second torch-method=min walks
prod | reduces one-number torch-method=prod
vector_norm | reduces axis-third
all, any | reduces torch-error=arguments walks
variance | reduces
logsumexp | reduces axis-second
average, ptp, trace, nanmax, nanmin, nanstd, nanvar | one-number
percentile, quantile | one-number second-operand
reduce_sum, reduce_mean, reduce_max, reduce_min | axis-second
"""

WITH_INDICES = """
torch.max, torch.min, torch.median, torch.nanmedian, torch.mode | with-indices=axis
Tensor.max, Tensor.min, Tensor.median, Tensor.nanmedian, Tensor.mode | with-indices=axis
torch.sort, torch.topk, torch.kthvalue, torch.cummax, torch.cummin | with-indices=always
Tensor.sort, Tensor.topk, Tensor.kthvalue, Tensor.cummax, Tensor.cummin | with-indices=always
tensorflow.nn.top_k, tensorflow.top_k, keras.ops.top_k | with-indices=always
"""

PLACES = """
index | keeps-bounds measured passes-on
reshape | selects keeps-bounds reshapes passes-on arguments-are-sizes same-elements view flattens takes-itself-first \
passes-integers
view | selects keeps-bounds reshapes passes-on arguments-are-sizes same-elements view flattens
unsqueeze | selects keeps-bounds reshapes adds-axis measured passes-on same-elements flattens axis-second
expand_dims | selects keeps-bounds reshapes adds-axis measured passes-on same-elements view flattens \
takes-itself-first passes-integers
squeeze | selects keeps-torch-graph keeps-bounds passes-on same-elements view flattens takes-itself-first \
passes-integers
transpose | selects keeps-bounds passes-on same-elements view passes-integers
permute | selects keeps-bounds passes-on
flatten | selects keeps-bounds passes-on same-elements flattens
t | selects passes-on takes-matrix
setitem | passes-on
stack | passes-on walks passes-integers
cat=concat=concatenate | passes-on walks
add_n | passes-on walks
ravel | selects passes-on same-elements view flattens passes-integers
broadcast_to | passes-on same-elements view
swapaxes | selects keeps-torch-graph same-elements view
T | selects same-elements view view-attribute takes-matrix
diagonal | selects view
tile | passes-on same-elements passes-integers
repeat | passes-on arguments-are-sizes same-elements passes-integers
expand | passes-on arguments-are-sizes
expand_as | arguments-are-sizes
reshape_as, unflatten, narrow, index_select, masked_select | selects arguments-are-sizes
chunk, unbind, unstack, tensor_split, swapdims, movedim, moveaxis | selects
view_as | selects arguments-are-sizes flattens
gather | selects arguments-are-sizes takes-labels passes-integers
copy, take | same-elements passes-integers
real, imag | keeps-torch-graph view-attribute
split, array_split, hsplit, vsplit, dsplit | selects keeps-torch-graph
mT | selects view-attribute takes-matrix
H | selects view-attribute
adjoint | takes-matrix
pad, unfold | takes-images
take_along_axis, scatter, scatter_ | takes-labels
sort | axis-second
batch, vstack, hstack, shuffle, from_tensor_slices, boolean_mask, permutation, choice | passes-integers
"""

MAKERS = """
zeros, ones | constant sized makes dtype-after=1 creates typed sizes-first takes-plain-numbers
empty | constant sized makes creates sizes-first takes-plain-numbers
eye | constant makes dtype-after=1 creates takes-plain-numbers
full | of-anything makes creates typed sizes-first takes-plain-numbers
arange | constant makes creates takes-plain-numbers
zeros_like, ones_like | constant makes
full_like | makes
rand, randn | constant sized creates sizes-first takes-plain-numbers
random_normal, random_uniform | constant sized
normal, uniform | sized sizes-first
numpy.hanning, numpy.hamming, numpy.blackman, numpy.bartlett, numpy.kaiser, scipy.signal.get_window | constant
linspace | constant reshapes creates takes-plain-numbers
identity | constant keeps-bounds same-shape passes-on makes passes-integers
one_hot | constant dtype-after=2 takes-labels labels-first
empty_like, rand_like, randn_like, randint_like, normal_like, fill, tri | constant
tril_indices_from, triu_indices_from, diag_indices_from, diag_indices | constant positions
broadcast_shapes, default_rng, get_static_value | constant
randint | constant sizes-first takes-plain-numbers
randperm, logspace, finfo, iinfo | constant takes-plain-numbers
tril_indices, triu_indices | constant takes-plain-numbers positions
range | constant walks takes-plain-numbers
manual_seed | constant leaves-models takes-plain-numbers
set_seed | constant leaves-models
new_zeros, new_ones, new_full, new_empty | new-of-its-kind
numpy.ones, numpy.zeros, numpy.full | filled
to_categorical, get_one_hot | takes-labels labels-first
random, standard_normal | sizes-first
bartlett_window, blackman_window, hamming_window, hann_window, kaiser_window, scalar_tensor | takes-plain-numbers
Generator, Size, set_default_dtype | takes-plain-numbers
"""

CONVERSIONS = """
detach=stop_gradient | keeps-bounds same-shape holds-fixed
clone, contiguous | keeps-bounds same-shape passes-on chained same-elements conversion
cpu | keeps-bounds same-shape passes-on chained returns-model same-elements after-rewrap conversion on-the-host
cuda | keeps-bounds same-shape passes-on chained returns-model after-rewrap conversion
to | keeps-bounds same-shape keeps-zero passes-on chained returns-model arguments-are-sizes after-rewrap \
conversion casts
cast | keeps-bounds same-shape passes-on casts typed takes-itself-first passes-integers
type_as | same-shape arguments-are-sizes after-rewrap
data | chained same-elements conversion
numpy | same-elements conversion on-the-host
tensor | passes-on makes conversion from-list creates=literals takes-plain-numbers
as_tensor | passes-on makes conversion creates=literals takes-plain-numbers
convert_to_tensor | passes-on makes conversion typed passes-integers
asarray | passes-on makes view conversion of-anything from-list typed takes-itself-first passes-integers \
takes-plain-numbers
array | makes conversion of-anything from-list typed takes-itself-first passes-integers
asanyarray | makes conversion of-anything
constant | makes conversion from-list typed passes-integers
ascontiguousarray | same-elements makes conversion
item | conversion on-the-host takes-number
tolist | conversion on-the-host
from_numpy, convert_to_numpy, get_value | conversion
astype | casts typed passes-integers
Tensor | passes-integers
Variable | passes-integers makes-leaf
"""

TYPES = """
float | keeps-bounds same-shape keeps-zero passes-on chained returns-model after-rewrap floating-type conversion \
takes-number
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
int | AF204 integer-type takes-number
short, bool, int8, int16, int32, int64, uint8 | AF204 integer-type
long | AF204 integer-type takes-labels labels-first method-of-labels
byte, char | AF204
intp, int_, bool_, LongTensor, IntTensor, BoolTensor, ByteTensor | integer-type
"""

DESCRIPTIONS = """
shape | describes extent same-for-tensors
ndim | describes extent
len | describes extent asks walks leaves-models
size | describes extent axis-second same-for-tensors
dim, numel | describes extent-of-tensor same-for-tensors
rank, ndimension, stride, layout, nbytes, itemsize, element_size, is_cuda, is_leaf, is_floating_point | describes
grad_fn, name, hash, sample, sample_n | describes
get_shape, dtype | describes same-for-tensors
device | describes same-for-tensors takes-plain-numbers
result_type | describes takes-plain-numbers
id | describes walks leaves-models
isinstance | describes asks walks leaves-models
grad | describes differentiates consumes=grad
requires_grad | describes freezes same-shape
type | describes same-shape passes-on after-rewrap casts asks walks leaves-models
is_tensor | asks
"""
