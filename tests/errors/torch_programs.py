"""Programs whose training stops, or goes on in vain: run each and print what PyTorch says, as JSON by its name."""

from __future__ import annotations

import json
import sys
import warnings

HEAD = """
import math
import numpy as np
import torch
import scipy.special
torch.manual_seed(0)
model = torch.nn.Linear(3, 1)
x, y = torch.rand(4, 3), torch.rand(4, 1)
"""
BACKWARD = "value = loss(model(x), y)\nvalue.backward()\n"
GRAD = "value = loss(model(x), y)\ngradients = torch.autograd.grad(value, list(model.parameters()))\n"

BODIES = {
    "abs": "np.abs(p - y)",
    "maximum": "torch.mean(np.maximum(p - y, 0))",
    "norm": "np.linalg.norm(p - y)",
    "list": "np.sum([(p - y).sum(), p.sum()])",
    "stack": "np.stack([p, y])",
    "mean": "np.mean((p - y) ** 2)",
    "mean axis": "np.mean((p - y) ** 2, axis=0)",
    "sum": "np.sum((p - y) ** 2)",
    "std": "np.std(p)",
    "var": "np.var(p)",
    "max": "np.max(p)",
    "max axis": "np.max(p, axis=0)",
    "amin": "np.amin(p)",
    "prod": "np.prod(p)",
    "array": "torch.tensor(np.array(p))",
    "numpy": "torch.from_numpy(np.abs(p.numpy() - y.numpy())).mean()",
    "detached numpy": "torch.from_numpy(np.abs(p.detach().numpy() - y.numpy())).mean()",
    "numpy number": "np.mean(np.abs(p.detach().numpy() - y.numpy()))",
    "detach": "((p.detach() - y) ** 2).mean()",
    "data": "((p.data - y) ** 2).mean()",
    "item": "((p - y) ** 2).mean().item()",
    "item again": "torch.tensor(((p - y) ** 2).mean().item())",
    "float": "float(((p - y) ** 2).mean())",
    "math": "math.sqrt(((p - y) ** 2).mean())",
    "tensor": "torch.tensor(((p - y) ** 2).mean())",
    "tensors": "torch.tensor([(p - y).sum(), p.sum()]).mean()",
    "scipy": "torch.mean(scipy.special.expit(p) - y)",
    "argmax": "(p.argmax(1) == y[:, 0]).float().mean()",
    "threshold": "(p > 0.5).float().mean()",
    "cast": "p.long().float().mean()",
    "round": "((p.round() - y) ** 2).mean()",
    "floor division": "(p // 2).sum()",
    "builtin round": "round(((p - y) ** 2).mean())",
    "vector": "(p - y) ** 2",
    "remade": "torch.tensor(((p - y) ** 2).mean().item(), requires_grad=True)",
    "partly": "((p - y) ** 2).mean() + 0.1 * float(p.abs().mean())",
    "partly numpy": "((p - y) ** 2).mean() + np.linalg.norm(p)",
}
ASKED_FOR_GRADIENTS = ("item", "detach", "remade", "numpy number")
NO_GRAD = f"{HEAD}def loss(p, y):\n    return ((p - y) ** 2).mean()\n\nwith torch.no_grad():\n    out = model(x)\n"

PROGRAMS = {name: f"{HEAD}\ndef loss(p, y):\n    return {body}\n\n{BACKWARD}" for name, body in BODIES.items()}
PROGRAMS |= {f"{name}, grad": PROGRAMS[name].replace(BACKWARD, GRAD) for name in ASKED_FOR_GRADIENTS}
PROGRAMS["no_grad"] = f"{NO_GRAD}loss(out, y).backward()\n"

CURES = {
    "`.detach()`": PROGRAMS["abs"].replace("np.abs(p - y)", "torch.tensor(np.abs(p.detach() - y).mean())"),
    "`loss.requires_grad = True`": PROGRAMS["detach"].replace("value.b", "value.requires_grad = True\nvalue.b"),
    "`torch.tensor(loss, requires_grad=True)`": PROGRAMS["item"].replace(
        "value.b", "value = torch.tensor(value, requires_grad=True)\nvalue.b"
    ),
    "`allow_unused=True`": PROGRAMS["remade, grad"].replace("meters()))", "meters()), allow_unused=True)"),
}


def said(program: str) -> str:
    """What is raised by a program; else the size of the gradient that the model got, None where it got none."""
    names: dict[str, object] = {}
    try:
        exec(program, names)
    except Exception as error:
        return str(error)
    gradients = names.get("gradients") or [each.grad for each in names["model"].parameters()]  # type: ignore[attr-defined]
    return str(sum(float(each.abs().sum()) for each in gradients) if None not in gradients else None)  # type: ignore


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    json.dump({name: said(program) for name, program in {**PROGRAMS, **CURES}.items()}, sys.stdout)
