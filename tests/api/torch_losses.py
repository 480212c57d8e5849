"""Asks autofix.check about losses of PyTorch and prints what it says, one JSON object."""

from __future__ import annotations

import functools
import json

import numpy as np
import torch

import autofix

calls = []


def mae(y_true, y_pred):
    difference = np.abs(y_true.numpy() - y_pred.detach().numpy())
    return torch.mean(torch.from_numpy(difference))


def unnamed(a, b):
    return torch.from_numpy((a.detach().numpy() - b.numpy()) ** 2).mean()


def powered(y_pred, y_true, power):
    return torch.from_numpy(np.abs(y_pred.detach().numpy() - y_true.numpy()) ** power).mean()


def right(y_pred, y_true):
    return torch.mean(torch.abs(y_pred - y_true))


def logged(y_pred, y_true):
    value = right(y_pred, y_true)
    print("", end=str(value.item())[:0])
    return value


def rounds(y_pred, y_true):
    return torch.from_numpy(np.round(y_pred.detach().numpy()) - y_true.numpy()).mean()


class Huber(torch.nn.Module):
    def forward(self, y_pred, y_true):
        return torch.tensor(np.mean((y_pred.detach().numpy() - y_true.numpy()) ** 2))


def vector(y_pred, y_true):
    return (y_pred - y_true) ** 2


def hidden(y_pred, y_true):
    difference = y_pred - y_true
    print("", end=str(float(difference.mean()))[:0])
    plain = getattr(difference, "det" + "ach")
    return (plain() ** 2).mean()


def never_the_same(y_pred, y_true):
    calls.append(len(calls))
    return getattr(y_pred - y_true, "det" + "ach")().mean() * len(calls)


def drawn(y_pred, y_true):
    return getattr((y_pred - y_true) * torch.rand(3), "item" if len(y_pred) == 1 else "tolist")()[0] * torch.rand(())


def fails(y_pred, y_true):
    raise KeyError("no such thing")


def text(y_pred, y_true):
    return "no number"


def said(loss, **tensors):
    found = autofix.check(loss, **tensors)
    return {
        "loss": found.loss,
        "flows": found.flows,
        "value": found.value,
        "gradients": dict(found.gradients),
        "error": found.error,
        "codes": [finding.code for finding in found.findings],
        "diff": found.diff,
        "text": str(found),
        "places": [(place.code, place.sites[0].expression, place.sites[0].function) for place in found.places],
    }


LOSSES = (mae, right, logged, rounds, vector, hidden, never_the_same, drawn, fails, text)


def main():
    pred, true = torch.tensor([0.1, 0.7, 0.4]), torch.tensor([0.3, 0.2, 0.9])
    named = {"y_pred": pred, "y_true": true}
    report = {loss.__name__: said(loss, **named) for loss in LOSSES}
    report["partial"] = said(functools.partial(powered, power=2), **named)
    report["Huber"] = said(Huber(), **named)
    report["MSELoss"] = said(torch.nn.MSELoss(), input=pred, target=true)
    report["unnamed"] = said(unnamed, a=pred, b=true)
    report["lambda"] = said(lambda y_pred, y_true: (y_pred.detach() - y_true).mean(), **named)
    report["untouched"] = [pred.requires_grad, pred.grad is None]
    state = torch.get_rng_state()
    autofix.check(hidden, **named)
    report["chances"] = bool(torch.equal(state, torch.get_rng_state()))
    try:
        autofix.check(right, y_pred=[0.1], y_true=[0.2])
    except TypeError as error:
        report["no tensors"] = str(error)
    try:
        autofix.check(right, y_pred=pred, target=true)
    except TypeError as error:
        report["other arguments"] = str(error)
    try:
        autofix.check(3.0, y_pred=pred)
    except TypeError as error:
        report["no function"] = str(error)
    print(json.dumps(report))


if __name__ == "__main__":
    main()
