"""Methods and attributes of a framework's tensor."""

from __future__ import annotations

OF = "Tensor"
CALLS = """
torch x.detach() => x
torch (x - y).detach() => x - y
torch x.data => x
x.numpy() => x
torch x.numpy(force=True) => x
torch x.cpu() => x
s.item() => s
x[:1, 0].item() => x[0, 0]
torch x.tolist() => x
tf ! x.tolist()
keras ! x.tolist()
"""
