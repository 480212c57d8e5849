"""Functions that cut, stop or take gradients, models and layers: rows of the catalogue in `operations`.

A dotted name is that function alone; `Tensor.` and `ndarray.` stand for methods and attributes.
"""

from __future__ import annotations

CUTS = """
Tensor.numpy | AF102 chain-end
keras.backend.eval, keras.backend.get_value, keras.ops.convert_to_numpy, tensorflow.make_ndarray | AF102
numpy.asarray, numpy.array, numpy.asanyarray, numpy.ascontiguousarray | AF102 casts-arrays
numpy.asfarray, numpy.astype, ndarray.astype | casts-arrays
Tensor.detach | AF103 chained same-elements conversion chain-link
Tensor.detach_, tensorflow.stop_gradient, keras.backend.stop_gradient, keras.ops.stop_gradient | AF103
Tensor.data | AF103 attribute chain-link
Tensor.item | AF104 gives-float chain-end
builtins.float | AF104 gives-float
Tensor.tolist | AF104
tensorflow.py_function, tensorflow.numpy_function, tensorflow.py_func | AF108
builtins.int | AF204 gives-int
builtins.round | AF202 gives-int
builtins.bool | AF203
ndarray.item | gives-float
builtins.len | gives-int
numpy.r_, numpy.c_ | joins
Tensor.cpu | chain-link
numpy.float64, numpy.double | gives-double
"""

REWRAPS = """
torch.tensor, torch.Tensor, torch.FloatTensor, torch.DoubleTensor, torch.from_numpy | AF105 rewraps
torch.autograd.Variable, tensorflow.Variable | AF105 rewraps
torch.as_tensor, torch.asarray, tensorflow.convert_to_tensor, tensorflow.identity | rewraps keeps-tensor
keras.ops.convert_to_tensor | rewraps keeps-tensor
tensorflow.constant, keras.backend.constant, keras.backend.variable | rewraps
"""

RECORDING = """
torch.no_grad, torch.inference_mode, torch.autograd.no_grad, torch.autograd.inference_mode | stops-recording
tensorflow.GradientTape.stop_recording | stops-recording
torch.set_grad_enabled, torch.autograd.set_grad_enabled | switches-recording
torch.autograd.grad_mode.set_grad_enabled | switches-recording
backward | differentiates consumes=backward acts
autograd, GradientTape, optim, optimizer, optimizers | differentiates
gradient | differentiates consumes=tape
minimize | differentiates consumes=tape acts
requires_grad_ | freezes returns-model after-rewrap
trainable | freezes
assign | stores
assign_add | stores=+
assign_sub | stores=-
scatter_nd_update, scatter_nd_add, scatter_nd_sub, scatter_nd_max, scatter_nd_min | stores-at
set_grad_enabled, no_grad, enable_grad, inference_mode | takes-plain-numbers
torch.enable_grad, torch.autograd.enable_grad | starts-recording
"""

MODELS = """
predict, predict_on_batch | predicts acts
train, share_memory | returns-model
eval | returns-model conversion
Linear | trainable features-at=1
LazyLinear, Dense | trainable features-at=0
Bilinear, Embedding, EmbeddingBag, MultiheadAttention, Conv1d | trainable
Parameter | trainable makes-leaf
Conv2d, Conv3d, ConvTranspose1d, ConvTranspose2d, Conv1D, Conv2D, Conv3D, Conv1DTranspose, Conv2DTranspose | trainable
DepthwiseConv2D, SeparableConv2D, LSTM, GRU, RNN, LSTMCell, GRUCell, RNNCell, SimpleRNN, Bidirectional | trainable
Transformer, TransformerEncoder, TransformerEncoderLayer, BatchNorm2d, GroupNorm, BatchNormalization | trainable
LayerNormalization, Functional | trainable
Sequential, Model | trainable container
ModuleList | trainable container lists-layers
ModuleDict | lists-layers
DataParallel, DistributedDataParallel | trainable wraps-model
PReLU, BatchNorm1d, LayerNorm | trainable same-shape-layer
ReLU | function=relu same-shape-layer
Sigmoid | function=sigmoid same-shape-layer
Tanh | function=tanh same-shape-layer
Softplus | function=softplus same-shape-layer
Softmax, LogSoftmax | same-shape-layer layer-over-classes
LeakyReLU, ELU, GELU, SiLU, SELU, Hardtanh, Dropout, Dropout2d, Identity | same-shape-layer
script | wraps-model
parameters, named_parameters | lists-parameters
trainable_variables, trainable_weights | lists-variables
Flatten | flattens
add_scalar | asks same-for-numbers
summary | leaves-models
step | same-for-numbers acts
"""

LOSSES = """
mse_loss, l1_loss, smooth_l1_loss, huber_loss | zero-at-equals loss
cross_entropy, nll_loss | loss takes-labels
binary_cross_entropy, kl_div | loss takes-positive
binary_cross_entropy_with_logits, poisson_nll_loss, gaussian_nll_loss, soft_margin_loss, ctc_loss | loss
hinge_embedding_loss, margin_ranking_loss, multi_margin_loss, cosine_embedding_loss, triplet_margin_loss | loss
triplet_margin_with_distance_loss, multilabel_margin_loss, multilabel_soft_margin_loss | loss
MSELoss | function=mse_loss
L1Loss | function=l1_loss
SmoothL1Loss | function=smooth_l1_loss
HuberLoss | function=huber_loss
CrossEntropyLoss | function=cross_entropy takes-labels
NLLLoss | function=nll_loss takes-labels
BCELoss | function=binary_cross_entropy takes-positive
BCEWithLogitsLoss | function=binary_cross_entropy_with_logits
KLDivLoss | function=kl_div
PoissonNLLLoss | function=poisson_nll_loss
GaussianNLLLoss | function=gaussian_nll_loss
SoftMarginLoss | function=soft_margin_loss
CTCLoss | function=ctc_loss
HingeEmbeddingLoss | function=hinge_embedding_loss
MarginRankingLoss | function=margin_ranking_loss
CosineEmbeddingLoss | function=cosine_embedding_loss
TripletMarginLoss | function=triplet_margin_loss
MultiMarginLoss | function=multi_margin_loss
sparse_categorical_crossentropy, sparse_softmax_cross_entropy_with_logits | takes-labels
binary_crossentropy, categorical_crossentropy | takes-positive
ssim | takes-images
pairwise_distance | takes-matrix
"""

PYTHON = """
zip, list, tuple | walks passes-integers leaves-models
enumerate | walks leaves-models
reversed, iter, next, sorted | walks passes-integers
map, filter | walks
set, numpy.clip, numpy.concatenate, tensorflow.concat, tensorflow.abs | passes-integers
print, deepcopy | leaves-models
functools.partial, functools.wraps, torch.jit.script, torch.jit.trace, torch.compile, torch.vmap | transparent
tensorflow.function, tensorflow.autograph.experimental.do_not_convert | transparent
keras.saving.register_keras_serializable | transparent
"""
