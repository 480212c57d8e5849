"""Python's operators and indices, which mean something else on tensors."""

from __future__ import annotations

OF = ""

CALLS = """
operator.sub(x, y) => x - y
~ operator.ones((3, 4), like=x) => np.ones((3, 4))
~ operator.ones(3, like=x) => np.ones(3)
~ operator.ones((3, 4), dtype=np.float32, like=x) => np.ones((3, 4))
! operator.ones(3, dtype=int, like=x)
! operator.ones(3)
~ operator.zeros((3, 4), like=x) => np.zeros((3, 4))
~ operator.zeros(3, like=x) => np.zeros(3)
~ operator.zeros(3, dtype=float, like=x) => np.zeros(3)
! operator.zeros(3, dtype=int, like=x)
torch ~ operator.full((3, 4), 0.5, like=x) => np.full((3, 4), 0.5)
torch ~ operator.full(3, 0.5, like=x) => np.full(3, 0.5)
torch ~ operator.full((2, 3), 0.5, dtype=float, like=x) => np.full((2, 3), 0.5)
torch ! operator.full(3, 1, dtype=int, like=x)
operator.sub(x, m, like=x) => x - m
operator.sub(m, x, like=x) => m - x
~ operator.sub(1, m, like=x) => 1 - m
~ operator.as_number(m, like=x) => m * 1.0
~ operator.as_number(b, like=x) => b * 1.0
~ operator.as_number(b) => b * 1.0
operator.as_number(x) => x
operator.as_tensor(x) => x
operator.setitem_mask(x, m, 0.5) => np.where(m, 0.5, x)
operator.setitem_mask(x, m, y) => np.where(m, y, x)
tf operator.setitem_mask(x, m, y[m]) => np.where(m, y, x)

torch operator.getitem_backwards(x, (1,)) => x[:, ::-1]
torch operator.getitem_backwards(x, (0, 1)) => x[::-1, ::-1]
torch operator.getitem_backwards(z, (-1,)) => z[..., ::-1]
keras operator.getitem_backwards(x, (1,)) => x[:, ::-1]
keras operator.getitem_backwards(z, (-1,)) => z[..., ::-1]

tf operator.add(x, y) => x + y
keras operator.add(x, y) => x + y
tf operator.add(m, x, like=x) => m + x
keras operator.add(m, x, like=x) => m + x
tf operator.add(x, b, like=x) => x + b
keras operator.add(x, b, like=x) => x + b
tf operator.mul(m, x, like=x) => m * x
keras operator.mul(m, x, like=x) => m * x
tf operator.mul(x, m, like=x) => x * m
keras operator.mul(x, m, like=x) => x * m
tf operator.mul(b, x, like=x) => b * x
keras operator.mul(b, x, like=x) => b * x
tf operator.mul(x, 2.0) => x * 2.0
keras operator.mul(x, 2.0) => x * 2.0
tf operator.truediv(x, b + 1, like=x) => x / (b + 1)
keras operator.truediv(x, b + 1, like=x) => x / (b + 1)
tf operator.truediv(x, y) => x / y
keras operator.truediv(x, y) => x / y
tf operator.matmul(x, v) => x @ v
keras operator.matmul(x, v) => x @ v
tf operator.matmul(v, w) => v @ w
keras operator.matmul(v, w) => v @ w
tf operator.matmul(v, u) => v @ u
keras operator.matmul(v, u) => v @ u
tf operator.matmul(x, u) => x @ u
keras operator.matmul(x, u) => x @ u
tf operator.getitem_indices(x, i, 0) => x[i]
keras operator.getitem_indices(x, i, 0) => x[i]
tf operator.getitem_indices(x, i, 1) => x[:, i]
keras operator.getitem_indices(x, i, 1) => x[:, i]
tf operator.getitem_indices(x, [0, -1], 1) => x[:, [0, -1]]
keras operator.getitem_indices(x, [0, -1], 1) => x[:, [0, -1]]
tf operator.getitem_mask(x, [True, False, True, True], 1) => x[:, [True, False, True, True]]
tf operator.getitem_pairs(x, i, i) => x[i, i]
tf operator.getitem_triples(z, [1, 0], i, i) => z[[1, 0], i, i]
tf operator.getitem_tuple(x, [i, i]) => x[i, i]
keras operator.getitem_pairs(x, i, i) => x[i, i]
keras operator.getitem_tuple(x, [i, i]) => x[i, i]
tf operator.getitem_of_each_row(x, [0, 2, 1]) => x[np.arange(3), [0, 2, 1]]
keras operator.getitem_of_each_row(x, [0, 2, 1]) => x[np.arange(3), [0, 2, 1]]
tf ~ operator.getitem_of_identity(5, i, like=x) => np.eye(5)[i]
keras ~ operator.getitem_of_identity(5, i, like=x) => np.eye(5)[i]
tf ~ operator.getitem_of_identity(5, i) => np.eye(5)[i]
keras ~ operator.getitem_of_identity(5, i) => np.eye(5)[i]
tf operator.setitem(x, 1, 0.5) => np.where(np.arange(3)[:, None] == 1, 0.5, x)
tf operator.setitem(x, (slice(None), 0), 0.5) => np.where(np.arange(4) == 0, 0.5, x)
tf operator.setitem(x, (slice(None), slice(1, 3)), y[:, 1:3]) => np.where(np.array([0, 1, 1, 0]) == 1, y, x)
keras ! operator.setitem(x, 1, 0.5)
tf operator.setitem(x, m, 0.5) => np.where(m, 0.5, x)
"""
