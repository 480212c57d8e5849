"""Functions that cut, stop or take gradients, models and layers: rows of the catalogue in `operations`.

A dotted name is that function alone; `Tensor.` and `ndarray.` stand for methods and attributes.
"""

from __future__ import annotations

CUTS = """
Tensor.numpy | AF102
keras.backend.eval, keras.backend.get_value, keras.ops.convert_to_numpy, tensorflow.make_ndarray | AF102
numpy.asarray, numpy.array, numpy.asanyarray, numpy.ascontiguousarray | AF102 casts-arrays
numpy.asfarray, numpy.astype, ndarray.astype | casts-arrays
Tensor.detach | AF103 chained same-elements conversion
Tensor.detach_ | AF103
Tensor.data | AF103 attribute
tensorflow.stop_gradient, keras.backend.stop_gradient, keras.ops.stop_gradient | AF103
Tensor.item, builtins.float | AF104 gives-float
Tensor.tolist | AF104
tensorflow.py_function, tensorflow.numpy_function, tensorflow.py_func | AF108
builtins.int | AF204 gives-int
builtins.round | AF202 gives-int
builtins.bool | AF203
ndarray.item | gives-float
builtins.len | gives-int
numpy.r_, numpy.c_ | joins
"""

REWRAPS = """
torch.tensor, torch.Tensor, torch.FloatTensor, torch.DoubleTensor, torch.from_numpy | AF105 rewraps
torch.autograd.Variable, tensorflow.Variable | AF105 rewraps
torch.as_tensor, torch.asarray, tensorflow.constant, tensorflow.convert_to_tensor, tensorflow.identity | rewraps
keras.ops.convert_to_tensor, keras.backend.constant, keras.backend.variable | rewraps
"""

RECORDING = """
torch.no_grad, torch.inference_mode, torch.autograd.no_grad, torch.autograd.inference_mode | stops-recording
tensorflow.GradientTape.stop_recording | stops-recording
torch.set_grad_enabled, torch.autograd.set_grad_enabled | switches-recording
torch.autograd.grad_mode.set_grad_enabled | switches-recording
backward, manual_backward, autograd, gradient, GradientTape, minimize, compile, add_loss | differentiates
training_step, compute_loss, optim, optimizer, optimizers | differentiates
requires_grad_ | freezes returns-model after-rewrap
trainable | freezes
"""

MODELS = """
predict, predict_on_batch | predicts
train, share_memory | returns-model
eval | returns-model conversion
Linear, Bilinear, LazyLinear, Dense, Embedding, EmbeddingBag, MultiheadAttention, Parameter | trainable
Conv1d, Conv2d, Conv3d, ConvTranspose1d, ConvTranspose2d, Conv1D, Conv2D, Conv3D, Conv1DTranspose | trainable
Conv2DTranspose, DepthwiseConv2D, SeparableConv2D | trainable
LSTM, GRU, RNN, LSTMCell, GRUCell, RNNCell, SimpleRNN, Bidirectional | trainable
Transformer, TransformerEncoder, TransformerEncoderLayer | trainable
BatchNorm2d, GroupNorm, BatchNormalization, LayerNormalization | trainable
Sequential, ModuleList, Model, Functional, DataParallel, DistributedDataParallel | trainable
PReLU, BatchNorm1d, LayerNorm | trainable same-shape-layer
ReLU | function=relu same-shape-layer
Sigmoid | function=sigmoid same-shape-layer
Tanh | function=tanh same-shape-layer
Softplus | function=softplus same-shape-layer
Softmax, LogSoftmax | same-shape-layer layer-over-classes
LeakyReLU, ELU, GELU, SiLU, SELU, Hardtanh, Dropout, Dropout2d, Identity | same-shape-layer
"""

LOSSES = """
mse_loss, l1_loss, smooth_l1_loss, huber_loss | zero-at-equals loss
cross_entropy, nll_loss, binary_cross_entropy, binary_cross_entropy_with_logits, kl_div, poisson_nll_loss | loss
gaussian_nll_loss, soft_margin_loss, ctc_loss, hinge_embedding_loss, margin_ranking_loss, multi_margin_loss | loss
cosine_embedding_loss, triplet_margin_loss, triplet_margin_with_distance_loss, multilabel_margin_loss | loss
multilabel_soft_margin_loss | loss
MSELoss | function=mse_loss
L1Loss | function=l1_loss
SmoothL1Loss | function=smooth_l1_loss
HuberLoss | function=huber_loss
CrossEntropyLoss | function=cross_entropy
NLLLoss | function=nll_loss
BCELoss | function=binary_cross_entropy
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
"""
