"""A training step's loss as a function of the model's output: what is taken out, and what cannot be."""

from __future__ import annotations

import ast
import textwrap

from autofix.analysis.faults import StepFault
from autofix.analysis.finding.search import diagnose
from autofix.analysis.lifting.substitution import Lifted
from autofix.analysis.looks import Looks
from autofix.model import Parameter


def _lifted(source: str) -> tuple[str, tuple[Parameter, ...]] | None:
    text = textwrap.dedent(source)
    (fault,) = diagnose(ast.parse(text), text)
    assert isinstance(fault, StepFault)
    assert fault.place is not None
    found = Looks().lifted(text, fault.framework, fault.place)
    if found is None:
        return None
    assert found.text.startswith(text.rstrip())
    return found.text[found.text.rindex("def ") :], found.target.parameters


def test_the_models_output_becomes_the_prediction_and_the_data_a_target() -> None:
    found = _lifted("""
        import torch
        from torch import nn
        model, criterion = nn.Linear(2, 1), nn.MSELoss()
        for x, y in batches:
            optimizer.zero_grad()
            out = model(x)
            loss = criterion(out.detach(), y)
            loss.requires_grad = True
            print(loss)
            loss.backward()
            optimizer.step()
    """)

    assert found is not None
    assert found[0] == (
        "def loss_of_the_step(model_output, y):\n"
        "    out = model_output\n"
        "    loss = criterion(out.detach(), y)\n"
        "    loss.requires_grad = True\n"
        "    return loss\n"
    )
    assert found[1] == (Parameter("model_output", "prediction"), Parameter("y", "target"))


def test_the_tape_is_opened_and_the_gradient_left_out() -> None:
    found = _lifted("""
        import tensorflow as tf
        def step(model, x, y):
            with tf.GradientTape() as tape:
                out = model(x, training=True)
                loss = tf.reduce_mean(tf.abs(out.numpy() - y))
            gradients = tape.gradient(loss, model.trainable_variables)
            optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    """)

    assert found is not None
    assert found[0] == (
        "def loss_of_the_step(model_output, y):\n"
        "    out = model_output\n"
        "    loss = tf.reduce_mean(tf.abs(out.numpy() - y))\n"
        "    return loss\n"
    )


def test_a_block_that_stays_still_cuts_what_is_made_in_it() -> None:
    found = _lifted("""
        import torch
        def step(model, x, y):
            with torch.no_grad():
                out = model(x)
            ((out - y) ** 2).mean().backward()
    """)

    assert found is not None
    assert "    with torch.no_grad():\n        out = model_output.clone()\n" in found[0]


def test_two_calls_of_one_model_on_one_input_are_one_prediction_and_on_two_are_two() -> None:
    found = _lifted("""
        import torch
        def step(model, a, b):
            loss = (model(a).detach() - model(a).detach() * model(b).detach()).mean()
            loss.backward()
    """)

    assert found is not None
    assert [each.name for each in found[1]] == ["model_output", "model_output2"]


def test_what_only_the_step_knows_how_to_call_is_left_in_its_place() -> None:
    assert (
        _lifted("""
        import torch
        def step(model, blend, x, y):
            loss = blend(model(x), y).detach().mean()
            loss.backward()
    """)
        is None
    )


def test_a_common_loss_stands_in_for_one_that_the_step_is_handed() -> None:
    lifted = _lifted("""
        import torch
        def step(model, criterion, x, y):
            loss = criterion(model(x).detach(), y)
            loss.backward()
    """)
    assert lifted is not None
    assert lifted[0] == (
        "def loss_of_the_step(model_output, y):\n"
        "    from torch.nn.functional import mse_loss as criterion\n"
        "    loss = criterion(model_output.detach(), y)\n"
        "    return loss\n"
    )


def test_a_sum_starts_where_the_step_starts_it() -> None:
    found = _lifted("""
        import torch
        from torch import nn
        model, criterion = nn.LSTM(2, 1), nn.MSELoss()
        def step(src, tgt):
            preds = model(src)
            loss, unused = 0, 1
            for t in range(5):
                loss += criterion(preds[t], tgt[t]).item()
            loss = torch.tensor(loss, requires_grad=True)
            loss.backward()
    """)

    assert found is not None
    assert ast.dump(ast.parse(found[0])) == ast.dump(ast.parse(
        "def loss_of_the_step(model_output, tgt):\n"
        "    preds = model_output\n"
        "    loss, unused = (0, 1)\n"
        "    for t in range(5):\n"
        "        loss += criterion(preds[t], tgt[t]).item()\n"
        "    loss = torch.tensor(loss, requires_grad=True)\n"
        "    return loss\n"
    ))  # fmt: skip


def test_what_the_step_starts_elsewhere_is_given() -> None:
    found = _lifted("""
        import torch
        def step(model, x, y, total):
            total += ((model(x) - y) ** 2).mean().item()
            torch.tensor(total, requires_grad=True).backward()
    """)

    assert found is not None
    assert Parameter("total", "target") in found[1]


def test_a_list_that_an_object_keeps_is_a_list_of_predictions() -> None:
    found = _lifted("""
        import torch
        from torch import nn
        class Policy(nn.Module):
            def __init__(self):
                super().__init__()
                self.layer, self.saved = nn.Linear(4, 3), []
            def forward(self, x):
                return torch.log_softmax(self.layer(x), -1)
        policy = Policy()
        def act(state):
            policy.saved.append(policy(state)[0])
        def finish(returns):
            losses = []
            for log_prob, R in zip(policy.saved, returns):
                losses.append((-log_prob * R).item())
            loss = torch.tensor(losses, requires_grad=True).sum()
            loss.backward()
        for turn in range(3):
            act(torch.randn(4))
        finish(torch.randn(3))
    """)

    assert found is not None
    assert found[1] == (Parameter("saved", "prediction", sequence=True), Parameter("returns", "target"))
    assert "    losses = []\n    for " in found[0]  # a tuple is written in brackets before Python 3.11
    assert " in zip(saved, returns):\n" in found[0]


def test_what_is_no_prediction_comes_as_it_was_last_made() -> None:
    found = _lifted("""
        import torch
        def step(model, x, rewards):
            value = model(x)
            advantage = rewards - value.detach().numpy()
            advantage = (advantage - advantage.mean()) / advantage.std()
            loss = (advantage * value.detach()).mean()
            loss.backward()
    """)

    assert found is not None
    assert "advantage =" not in found[0]
    assert Parameter("advantage", "target") in found[1]


MENDED = """
import torch
import numpy as np
from torch import nn
model = nn.Linear(6, 3)
t = torch.linspace(0, 1, 9).reshape(-1, 1)
dt = float(t[1] - t[0])
def penalty(weight):
    return np.sum(CUT ** 2)
for epoch in range(3):
    u = model(t)
    loss = (torch.tensor(np.mean(U ** 2)) / dt + penalty(model.weight)) * 1.0
    loss.backward()
"""


def _of(text: str, like: Lifted | None = None) -> Lifted | None:
    diagnose(ast.parse(text), text)
    return Looks().lifted(text, "torch", 0, like=like)


def test_where_a_step_leaves_its_loop_the_function_raises() -> None:
    found = _lifted("""
        import torch
        for x, y in batches:
            if (err := ((model(x) - y) ** 2).mean().item()) > 9:
                break
            elif err < 0:
                continue
            torch.tensor(err, requires_grad=True).backward()
    """)

    assert found is not None
    assert found[0] == (
        "def loss_of_the_step(model_output, y):\n"
        "    if (err := ((model_output - y) ** 2).mean().item()) > 9:\n"
        "        raise RuntimeError('the step leaves its loop here')\n"
        "    elif err < 0:\n"
        "        raise RuntimeError('the step leaves its loop here')\n"
        "    return torch.tensor(err, requires_grad=True)\n"
    )


def test_a_list_of_plain_numbers_is_made_as_the_step_makes_it() -> None:
    found = _lifted("""
        import torch
        def step(model, x, y):
            total, todo, factor = 0, [1, 2], 3
            todo = [1, 2]
            while (k := len(todo)):
                todo.pop()
                total += k * (model(x) - y).abs().mean().item()
            torch.tensor(total, requires_grad=True).backward()
    """)

    assert found is not None
    assert "    todo = [1, 2]\n    while (k := len(todo)):\n" in found[0]
    assert not {"todo", "k"} & {each.name for each in found[1]}


def test_a_loop_within_the_step_is_left_as_it_is_written() -> None:
    found = _lifted("""
        import torch
        for x, y in batches:
            p = model(x)
            while (high := p.detach().abs().max().item()) > 9:
                p = p / high
                if high > 99:
                    break
            torch.tensor((p - y).abs().mean().item(), requires_grad=True).backward()
    """)

    assert found is not None
    assert "            break\n" in found[0]
    assert "raise" not in found[0]


def test_a_mended_step_takes_the_same_arguments_as_before() -> None:
    before = _of(MENDED.replace("CUT", "weight.detach().numpy()").replace("U ", "u.detach().numpy() "))
    assert before is not None
    after = _of(MENDED.replace("CUT", "weight").replace("U ", "u ").replace("np.", "torch."), before)
    assert after is not None
    assert after.given == before.given == (("model_output", "model(t)"),)
    assert "penalty(model.weight)" in after.text[after.text.rindex("def ") :]


def test_a_mended_step_that_needs_more_is_not_taken_out() -> None:
    before = _of("import torch\ndef step(model, x, y):\n    (model(x) - y).detach().mean().backward()\n")
    more = _of("import torch\ndef step(model, x, y, w):\n    (w * (model(x) - y)).mean().backward()\n", before)
    assert before is not None
    assert more is None


PARTS = """
import torch
def step(vae, x):
    out = vae(x)
    (CUT + (out["recon"] - x) ** 2).mean().backward()
"""


def test_the_parts_of_an_output_are_taken_from_a_mended_step_too() -> None:
    before = _of(PARTS.replace("CUT", 'out["mu"].item()'))
    assert before is not None
    after = _of(PARTS.replace("CUT", 'out["mu"]'), before)
    assert after is not None
    assert after.target.parameters == before.target.parameters
    assert "vae(" not in after.text[after.text.rindex("def ") :]


OWN = """
import torch
import numpy as np
class Trainer:
    def step(self, x, y):
        loss = LOSS
        loss.backward()
"""


def test_what_the_object_of_a_step_holds_is_given() -> None:
    text = OWN.replace("LOSS", "(self.model(x).detach() * self.w.sum() * self.args.alpha - self.loss).mean()")
    found = _of(text)

    assert found is not None
    assert found.given == (
        ("model_output", "self.model(x)"),
        ("w", "self.w"),
        ("alpha", "self.args.alpha"),
        ("loss2", "self.loss"),
    )
    assert [each.role for each in found.target.parameters] == ["prediction", "target", "number", "target"]
    assert "loss = (model_output.detach() * w.sum() * alpha - loss2).mean()" in found.text


def test_what_the_step_itself_sets_is_not() -> None:
    text = OWN.replace("loss = LOSS", "self.out = self.model(x)\n        loss = (self.out.detach() - y).mean()")
    found = _of(text)

    assert found is None or ("out", "self.out") not in found.given


def test_a_method_that_only_the_object_has_stays_with_it() -> None:
    found = _of(OWN.replace("LOSS", "self.mean(self.model(x).detach() - y)"))

    assert found is None or "self.mean(" in found.text[found.text.rindex("def ") :]


def test_a_step_that_only_asks_for_its_loss_says_nothing_of_it() -> None:
    text = textwrap.dedent("""
        import numpy as np
        import torch
        model = torch.nn.Linear(2, 1)
        x = torch.randn(4, 2)

        def compute_loss():
            return (model(x) ** 2).mean() + np.mean(model(x).detach().numpy())

        loss = compute_loss()
        loss.backward()
    """)

    assert [each.loss for each in diagnose(ast.parse(text), text)] == ["compute_loss"]
    assert Looks().lifted(text, "torch", 0) is None
