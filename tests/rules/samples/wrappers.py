"""What wraps a tensor again."""

from __future__ import annotations

OF = ""
CALLS = """
torch torch.from_numpy(x) => x
torch torch.as_tensor(x) => x
torch torch.as_tensor(x, dtype=torch.float64) => x
torch ~ torch.as_tensor(m, dtype=torch.float64) => m.astype(float)
torch torch.as_tensor([s, s * 2]) => np.array([s, s * 2])
torch ! torch.as_tensor(x, dtype=torch.long)
torch torch.tensor(x) => x
torch torch.tensor(x, dtype=torch.float64) => x
torch torch.tensor(x, device=x.device, requires_grad=True) => x
torch torch.tensor([s, s * 2]) => np.array([s, s * 2])
torch torch.tensor([s, s * 2], dtype=torch.float64) => np.array([s, s * 2])
torch ! torch.tensor(x, dtype=torch.int64)
torch torch.asarray(x, dtype=torch.float64) => x
torch torch.Tensor(x) => x
torch torch.Tensor([s, s]) => np.array([s, s])
torch ! torch.LongTensor(x)
torch torch.autograd.Variable(x) => x
torch torch.autograd.Variable(x, requires_grad=True) => x
tf tf.constant(x) => x
tf tf.constant(x, dtype=tf.float64) => x
tf ~ tf.constant(m, dtype=tf.float64) => m.astype(float)
tf tf.constant([s, s * 2]) => np.array([s, s * 2])
tf ! tf.constant(x, dtype=tf.int32)
tf ! tf.constant(s, shape=(2, 2))
tf tf.convert_to_tensor(x) => x
tf tf.convert_to_tensor(x, dtype=tf.float64) => x
tf tf.convert_to_tensor([s, s]) => np.array([s, s])
tf tf.Variable(x) => x
tf tf.Variable(x, dtype=tf.float64) => x
tf tf.stop_gradient(x) => x
tf ! tf.numpy_function(x, [x], tf.float32)
tf ! tf.py_function(x, [x], tf.float32)
tf K.eval(x) => x
tf K.constant(x) => x
tf ! K.constant(s, shape=(2, 2))
tf K.stop_gradient(x) => x
tf K.convert_to_tensor(x) => x
keras ops.convert_to_numpy(x) => x
keras ops.stop_gradient(x) => x
keras ops.convert_to_tensor(x) => x
keras ops.convert_to_tensor(x, dtype="float64", sparse=False, ragged=False) => x
keras ops.convert_to_tensor([s, s * 2]) => np.array([s, s * 2])
keras ! ops.convert_to_tensor(x, dtype="int32")
keras ops.array(x) => x
keras ops.array(x, dtype="float64") => x
keras ! ops.array(x, "int32")
keras K.constant(x, dtype="float64", name="x") => x
keras ! K.constant(s, shape=(2, 2))
"""
