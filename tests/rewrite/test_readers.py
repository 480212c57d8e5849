"""Whoever else reads what a fix makes a tensor gets what they had, or the reason for no fix names the reader."""

from __future__ import annotations

import textwrap
from difflib import ndiff
from pathlib import Path

import pytest

from autofix.analysis.project import FilesAround, ProjectFiles
from autofix.model import Evidence, Framework, Request, Verdict
from autofix.pipeline import fix_source
from autofix.syntax.spans import Around

pytestmark = pytest.mark.slow

TORCH = """import json
import numpy as np
import torch

model = torch.nn.Linear(3, 1)
x, y = torch.zeros(8, 3), torch.zeros(8, 1)
"""
TENSORFLOW = """import json
import numpy as np
import tensorflow as tf

model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
x, y = tf.zeros((8, 3)), tf.zeros((8, 1))
"""
SCALAR = """
def loss_fn(pred, target):
    return np.mean(np.abs(pred.detach().numpy() - target.numpy()))

"""
FLOAT = """
def loss_fn(pred, target):
    return float(((pred - target) ** 2).mean())

"""
STEP = """
for epoch in range(2):
    loss = loss_fn(model(x), y)
    torch.tensor(loss, requires_grad=True).backward()
"""
TAPE = """
for epoch in range(2):
    with tf.GradientTape() as tape:
        loss = loss_fn(model(x), y)
    tape.gradient(loss, model.trainable_variables)
"""


class Trusting:
    """A verifier that believes the first candidate."""

    def verify(self, request: Request) -> Verdict:
        return Verdict("verified", candidate=0, evidence=Evidence(("drawn",), 0.0, None, 1.0, 0.0))

    def missing(self, framework: Framework, near: Path, text: str) -> str | None:
        return None


def fixed(text: str, path: str = "<text>", around: Around | None = None) -> str:
    """A text with every loss of it fixed, and what that takes."""
    return fix_source(text, path, Trusting(), around=around).text


def reasons(text: str, path: str = "<text>", around: Around | None = None) -> str:
    """Why there is no fix."""
    outcome = fix_source(text, path, Trusting(), around=around)
    return "; ".join(each.fix.reason for each in outcome.findings)


def _new_lines(before: str, after: str) -> list[str]:
    """The lines that a fix has added."""
    return [line[2:].strip() for line in ndiff(before.splitlines(), after.splitlines()) if line.startswith("+ ")]


def _inside(*lines: str) -> str:
    return textwrap.indent("\n".join(lines), "    ") + "\n"


PLAIN = "loss.detach().numpy()[()]"


@pytest.mark.parametrize(
    ("reads", "written"),
    [
        ("history.append(loss)", f"history.append({PLAIN})"),
        ('rows.append({"epoch": epoch, "loss": loss})', f'rows.append({{"epoch": epoch, "loss": {PLAIN}}})'),
        ("seen[loss] = epoch", f"seen[{PLAIN}] = epoch"),
        ("state.last = loss", f"state.last = {PLAIN}"),
        ("print(str(loss), repr(loss))", f"print(str({PLAIN}), repr({PLAIN}))"),
        ("print(f'{loss}')", f"print(f'{{{PLAIN}}}')"),
        ("print(f'{loss!r:.9}')", f"print(f'{{{PLAIN}!r:.9}}')"),
        ('print("%.3f" % loss)', 'print("%.3f" % loss.item())'),
        ('print("{:.3f}".format(loss))', 'print("{:.3f}".format(loss.item()))'),
        ("print(round(loss, 3))", "print(round(loss.item(), 3))"),
        ("logger.info('%s', loss)", f"logger.info('%s', {PLAIN})"),
        ("writer.add_scalar('loss', loss, epoch)", "writer.add_scalar('loss', loss.item(), epoch)"),
        ("total += loss", f"total += {PLAIN}"),
        ("queue.put((epoch, loss))", f"queue.put((epoch, {PLAIN}))"),
        ("total += float(loss)", "total += loss.item()"),
        ("best = loss", f"best = {PLAIN}"),
        ("assert loss > 0, loss", f"assert loss > 0, {PLAIN}"),
        ("raise ValueError(loss)", f"raise ValueError({PLAIN})"),
        ("seen = {loss: epoch}", f"seen = {{{PLAIN}: epoch}}"),
        ("kinds = {type(loss): 1}", f"kinds = {{type({PLAIN}): 1}}"),
        ("seen = {str(loss): row for row in rows}", f"seen = {{str({PLAIN}): row for row in rows}}"),
        ("del seen[loss]", f"del seen[{PLAIN}]"),
        ("rows.sort(key=lambda row: row == repr(loss))", f"rows.sort(key=lambda row: row == repr({PLAIN}))"),
        ("match epoch:\n    case _ if str(loss):\n        pass", f"case _ if str({PLAIN}):"),
        ("@named(repr(loss))\ndef show():\n    pass", f"@named(repr({PLAIN}))"),
    ],
)
def test_a_numpy_scalar_stays_one_for_who_reads_it(reads: str, written: str) -> None:
    text = TORCH + SCALAR + STEP + _inside(reads)

    assert written in _new_lines(text, fixed(text))


@pytest.mark.parametrize(
    "reads",
    [
        "print(f'{loss:.3f}')",
        "print(loss.item())",
        "if loss < 0.5:\n        break",
        "if loss is None or not loss:\n        break",
    ],
)
def test_what_is_the_same_of_a_tensor_is_left_as_it_is(reads: str) -> None:
    text = TORCH + SCALAR + STEP + _inside(reads)

    after = fixed(text)

    assert after.endswith(_inside(reads))


@pytest.mark.parametrize(
    ("reads", "written"),
    [
        ("history.append(loss)", "history.append(loss.item())"),
        ("print(json.dumps({'loss': loss}))", "print(json.dumps({'loss': loss.item()}))"),
        ("print(loss.is_integer(), loss.hex())", "print(loss.item().is_integer(), loss.item().hex())"),
        ("cached(loss)", "cached(loss.item())"),
    ],
)
def test_a_python_number_stays_one_for_who_reads_it(reads: str, written: str) -> None:
    text = TORCH + FLOAT + STEP + _inside(reads)

    assert written in _new_lines(text, fixed(text))


def test_a_decorator_that_only_returns_the_result_is_no_reader() -> None:
    timed = """def timed(function):
    def inner(*given):
        started = time.perf_counter()
        out = function(*given)
        print(time.perf_counter() - started)
        return out

    return inner


@timed
"""
    text = TORCH + timed + SCALAR.lstrip() + STEP

    assert "return torch.mean(torch.abs(pred - target))" in _new_lines(text, fixed(text))


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("d.sum().item() / d.size", "loss.item()"),
        ("d.sum().item() / d.shape[0]", "loss.item()"),
        ("d.sum() / d.size", PLAIN),
    ],
)
def test_a_size_leaves_the_kind_of_a_number_as_it_is(value: str, written: str) -> None:
    loss = f"def loss_fn(p, y):\n    d = np.abs(p.detach().numpy() - y.numpy())\n    return {value}\n\n\n"
    text = TORCH + loss + STEP + _inside("history.append(loss)")

    assert f"history.append({written})" in _new_lines(text, fixed(text))


@pytest.mark.parametrize(
    ("loss", "reads", "written"),
    [
        (SCALAR, "history.append(loss)", "history.append(loss.numpy())"),
        (SCALAR, "print(loss, f'{loss:.3f}')", "print(loss.numpy(), f'{loss:.3f}')"),
        (FLOAT, "history.append(loss)", "history.append(float(loss))"),
        (FLOAT, "seen[loss] = epoch", "seen[float(loss)] = epoch"),
        (FLOAT, "best = min(best, loss)", "best = min(best, float(loss))"),
    ],
)
def test_readers_of_a_tensorflow_loss(loss: str, reads: str, written: str) -> None:
    written_for = loss.replace(".detach()", "").replace(
        "((pred - target) ** 2).mean()", "tf.reduce_mean(pred - target)"
    )
    text = TENSORFLOW + written_for + TAPE + _inside(reads)

    assert written in _new_lines(text, fixed(text))


@pytest.mark.parametrize(
    "reads", ["tf.summary.scalar('loss', loss, epoch)", "np.append(history, np.abs(loss))", "float(loss)"]
)
def test_what_tensorflow_and_numpy_take_alike_is_left_as_it_is(reads: str) -> None:
    text = TENSORFLOW + SCALAR.replace(".detach()", "") + TAPE + _inside(reads)

    after = fixed(text)

    assert after.endswith(_inside(reads))


def test_only_the_way_to_the_gradient_is_rewritten() -> None:
    text = TORCH + (
        """
def loss_fn(pred, target):
    err = pred.detach().numpy() - target.numpy()
    report["rmse"] = np.sqrt(np.mean(err ** 2))
    report["errors"] = err
    return torch.tensor(np.mean(np.abs(err)))


report = {}
loss = loss_fn(model(x), y)
loss.requires_grad = True
loss.backward()
"""
    )

    assert _new_lines(text, fixed(text)) == [
        "err = pred - target",
        'report["rmse"] = np.sqrt(np.mean(err.detach().numpy() ** 2))',
        'report["errors"] = err.detach().numpy()',
        "return torch.mean(torch.abs(err))",
    ]


def test_a_detached_tensor_stays_one_in_attributes_and_other_entries() -> None:
    text = TORCH + (
        """
class Task:
    def training(self, a, b):
        pred = model(a)
        err = (pred - b).detach()
        self.worst = err.abs().max()
        loss = (err ** 2).mean()
        loss.requires_grad = True
        return {"loss": loss, "pred": pred.detach(), "mae": err.abs().mean()}


task, outs = Task(), []
out = task.training(x, y)
out["loss"].backward()
outs.append(out)
print(task.worst)
"""
    )

    assert _new_lines(text, fixed(text)) == [
        "err = pred - b",
        "self.worst = err.detach().abs().max()",
        'return {"loss": loss, "pred": pred.detach(), "mae": err.detach().abs().mean()}',
        'outs.append({**out, "loss": out["loss"].detach()})',
    ]


def test_another_caller_of_the_loss_gets_the_plain_value() -> None:
    use = "\n\ndef validate():\n    return [loss_fn(model(x), y) for _ in range(3)]\n"
    text = TORCH + SCALAR + STEP + use

    assert "return [loss_fn(model(x), y).detach().numpy()[()] for _ in range(3)]" in _new_lines(text, fixed(text))


def test_a_list_of_terms_is_logged_as_plain_numbers_and_summed_as_tensors() -> None:
    text = TORCH + (
        """
terms, log = [], []
for k in range(3):
    terms.append(((model(x) - y * k) ** 2).mean().item())
torch.tensor(sum(terms), requires_grad=True).backward()
log.append(terms)
"""
    )

    assert _new_lines(text, fixed(text)) == [
        "terms.append(((model(x) - y * k) ** 2).mean())",
        "sum(terms).backward()",
        "log.append([each.item() for each in terms])",
    ]


@pytest.mark.parametrize(
    ("source", "loss"),
    [
        ("def to_numpy(t):\n    return t.detach().cpu().numpy()\n", "to_numpy(pred)"),
        (
            "def to_numpy(t):\n    if torch.is_tensor(t):\n        return t.detach().numpy()\n"
            "    return np.asarray(t)\n",
            "to_numpy(pred)",
        ),
    ],
)
def test_a_conversion_that_others_call_is_left_word_for_word(source: str, loss: str) -> None:
    used = f"def loss_fn(pred, target):\n    return torch.from_numpy(np.abs({loss} - to_numpy(target))).mean()\n"
    others = "kept = [to_numpy(model(x))]\nloss = loss_fn(model(x), y)\nloss.requires_grad = True\nloss.backward()\n"
    text = f"{TORCH}\n\n{source}\n\n{used}\n\n{others}"

    after = fixed(text)

    assert source in after and "kept = [to_numpy(model(x))]" in after
    assert "    return torch.abs(pred - target).mean()\n" in after


@pytest.mark.parametrize(
    ("program", "reader"),
    [
        (
            """
class Base:
    def term(self, p, t):
        return float(((p - t) ** 2).mean())

    def step(self):
        torch.tensor(self.term(model(x), y), requires_grad=True).backward()


class Rounded(Base):
    def term(self, p, t):
        return round(super().term(p, t), 3)


Base().step()
""",
            "overrides `Base.term`",
        ),
        (
            """
def mse(p, t):
    return np.mean((p.detach().numpy() - t.numpy()) ** 2)


def largest(p, t):
    return np.max(np.abs(p.detach().numpy() - t.numpy()))


METRICS = {"mse": mse, "largest": largest}
torch.tensor(mse(model(x), y), requires_grad=True).backward()
print({name: metric(model(x), y) for name, metric in METRICS.items()})
""",
            "`metric(model(x), y)` in line 18 would get a tensor in one case",
        ),
        (
            """
def noted(function):
    def inner(*given):
        out = function(*given)
        LAST[function.__name__] = out
        return out

    return inner


@noted
def mse(p, t):
    return float(np.mean((p.detach().numpy() - t.numpy()) ** 2))


LAST = {}
torch.tensor(mse(model(x), y), requires_grad=True).backward()
print(json.dumps(LAST))
""",
            "`out` in line 11 reads what `mse` returns, which would be a tensor",
        ),
        (
            """
class Task:
    def step(self):
        self.loss = float(((model(x) - y) ** 2).mean())
        self.loss = torch.tensor(self.loss, requires_grad=True)
        self.loss.backward()


def report(task):
    print(task.loss)


Task().step()
""",
            "`task.loss` in line 16 reads an attribute",
        ),
        (
            """
def mse(p, t):
    return float(((p - t) ** 2).mean())


with recorder("run.csv") as row:
    row["mse"] = mse(model(x), y)
    torch.tensor(row["mse"], requires_grad=True).backward()
""",
            "`row['mse']` in line 13 would be a tensor, and `row` may be read elsewhere",
        ),
        (
            """
class Merit:
    def __call__(self, p):
        p = p.detach().numpy() if torch.is_tensor(p) else p
        return np.sqrt(np.mean(np.square(p))).item()


torch.tensor(Merit()(model(x)), requires_grad=True).backward()
print(Merit()((0.4, -0.7)))
""",
            "`Merit.__call__` is also called with plain numbers, for which it is correct",
        ),
        (
            """
def loss_fn(p, t):
    d = (p - t).detach().numpy()
    if hasattr(d, "grad_fn") and d.grad_fn is not None:
        print(d.grad_fn)
    return torch.tensor((d**2).mean(), requires_grad=True)


loss_fn(model(x), y).backward()
""",
            "`hasattr(d, 'grad_fn')` in line 10 decides by an attribute that a tensor may have",
        ),
    ],
)
def test_no_fix_where_a_reader_cannot_be_given_what_it_had(program: str, reader: str) -> None:
    assert reader in reasons(TORCH + program)


def test_an_entry_of_a_dictionary_of_ones_own_may_hold_the_loss() -> None:
    program = """
def mse(p, t):
    return float(((p - t) ** 2).mean())


row = {}
row["mse"] = mse(model(x), y)
torch.tensor(row["mse"], requires_grad=True).backward()
"""
    assert 'row["mse"].backward()' in fixed(TORCH + program)


def test_a_margin_that_is_a_number_everywhere_forbids_no_fix() -> None:
    program = """
def hinge(p, margin):
    return np.mean(np.maximum(0.0, margin - p.detach().numpy()))


torch.tensor(hinge(model(x), 0.5), requires_grad=True).backward()
"""
    assert "torch.mean" in fixed(TORCH + program)


LOSSES = """import numpy as np
import torch


def rmse_loss(p, t):
    return np.sqrt(np.mean((p.detach().numpy() - t.numpy()) ** 2))
"""
TRAINS = """import torch
from losses import rmse_loss

model = torch.nn.Linear(3, 1)


def step(x, y):
    rmse_loss(model(x), y).backward()
"""
REPORT = """import json

from losses import rmse_loss


def main(model, x, y):
    return json.dumps(rmse_loss(model(x), y))
"""


def beside(folder: Path, **others: str) -> tuple[str, FilesAround | None]:
    """The path of the losses of a project, and the other files around it."""
    files = {"losses": LOSSES, "trains": TRAINS, **others}
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    (folder / "pyproject.toml").write_text("[project]\nname = 'p'\n")
    path = str(folder / "losses.py")
    return path, ProjectFiles({str(folder / f"{name}.py"): text for name, text in files.items()}).around(path)


def test_an_import_that_another_file_takes_stays(tmp_path: Path) -> None:
    after = fixed(LOSSES, *beside(tmp_path, use="import losses\n\nprint(losses.np.pi)\n"))

    assert "import numpy as np" in after and "torch.sqrt" in after


def test_an_import_that_is_taken_by_a_star_stays(tmp_path: Path) -> None:
    after = fixed(LOSSES, *beside(tmp_path, use="from losses import *\n\nprint(np.pi)\n"))

    assert "import numpy as np" in after and "torch.sqrt" in after


def test_an_import_that_no_other_file_takes_goes(tmp_path: Path) -> None:
    after = fixed(LOSSES, *beside(tmp_path, use="import numpy as np\nimport losses\n\nprint(np.pi)\n"))

    assert "import numpy as np" not in after


def test_another_file_that_only_trains_is_no_reader(tmp_path: Path) -> None:
    assert "torch.sqrt" in fixed(LOSSES, *beside(tmp_path))


def test_a_reader_in_another_file_is_named(tmp_path: Path) -> None:
    assert "report.py:7" in reasons(LOSSES, *beside(tmp_path, report=REPORT))


def test_what_stands_behind_a_backward_that_always_raised_has_read_nothing(tmp_path: Path) -> None:
    trains = TRAINS + "    print(rmse_loss(model(x), y))\n"

    assert "torch.sqrt" in fixed(LOSSES, *beside(tmp_path, trains=trains))


def test_what_stands_before_it_has(tmp_path: Path) -> None:
    trains = TRAINS.replace("    rmse_loss", "    print(rmse_loss(model(x), y))\n    rmse_loss")

    assert "trains.py:8" in reasons(LOSSES, *beside(tmp_path, trains=trains))


def test_a_loss_that_is_returned_alone_or_in_a_tuple_is_a_loss_in_either() -> None:
    text = TORCH + (
        """
def compute(a, b, full=False):
    out = model(a)
    loss = ((out.detach() - b) ** 2).mean()
    loss.requires_grad = True
    return (loss, out) if full else loss


compute(x, y).backward()
loss, out = compute(x, y, full=True)
loss.backward()
"""
    )

    assert _new_lines(text, fixed(text)) == ["loss = ((out - b) ** 2).mean()"]


ROWS = """
def loss_fn(pred, target):
    rows = np.abs(pred.detach().numpy() - target.numpy()).sum(axis=1)
    {line}
    return {result}

"""


@pytest.mark.parametrize(
    ("line", "result", "written"),
    [
        ("order = np.argsort(rows)", "rows[order][:4].mean()", "order = np.argsort(rows.detach().numpy())"),
        ("order = np.argsort(-rows)[:4]", "rows[order].mean()", "order = np.argsort(-rows.detach().numpy())[:4]"),
        ("worst = np.argmax(rows)", "rows[worst]", "worst = np.argmax(rows.detach().numpy())"),
        ("keep = np.nonzero(rows > 1)[0]", "rows[keep].mean()", "keep = np.nonzero(rows.detach().numpy() > 1)[0]"),
        ("end = np.searchsorted(rows, 1)", "rows[:end].sum()", "end = np.searchsorted(rows.detach().numpy(), 1)"),
    ],
)
def test_an_index_that_numpy_computes_is_computed_of_the_plain_array(line: str, result: str, written: str) -> None:
    text = TORCH + ROWS.format(line=line, result=result) + STEP

    assert written in _new_lines(text, fixed(text))


@pytest.mark.parametrize(
    ("line", "result"),
    [
        ("order = np.argsort(target.numpy()[:, 0])", "rows[order][:4].mean()"),
        ("order = rows.argsort()", "rows[order][:4].mean()"),
        ("half = len(rows) // 2", "rows[:half].mean()"),
        ("order = np.argsort(pred.detach().numpy()[:, 0])", "rows[order][:4].mean()"),
    ],
)
def test_an_index_that_is_the_same_of_a_tensor_is_left_as_it_is(line: str, result: str) -> None:
    text = TORCH + ROWS.format(line=line, result=result) + STEP

    assert f"    {line}\n    return {result}\n" in fixed(text)


CLOSURE = """
optimizer = torch.optim.LBFGS(model.parameters())


def closure():
    optimizer.zero_grad()
    loss = torch.tensor(np.mean((model(x).detach().numpy() - y.numpy()) ** 2), requires_grad=True)
    loss.backward()
    return loss


for _ in range(2):
"""


@pytest.mark.parametrize(
    ("step", "returned"),
    [
        ("optimizer.step(closure)", "return loss"),
        ("optimizer.step(closure=closure)", "return loss"),
        ("losses.append(optimizer.step(closure))", "return loss.detach()"),
        ("optimizer.step(closure), losses.append(closure())", "return loss.detach()"),
    ],
)
def test_what_a_closure_gives_an_optimizer_alone_stays(step: str, returned: str) -> None:
    text = TORCH + CLOSURE + _inside(step)

    assert f"    loss.backward()\n    {returned}\n" in fixed(text)


LOSSES_OF_KINDS = {
    "scalar": (SCALAR, STEP, f"loss_fn(model(x), y){PLAIN.removeprefix('loss')}"),
    "detached": (
        "\ndef loss_fn(pred, target):\n    return (pred.detach() - target).abs().mean()\n\n",
        "\nloss = loss_fn(model(x), y)\nloss.requires_grad_()\nloss.backward()\n",
        "loss_fn(model(x), y).detach()",
    ),
    "leaf": (
        "\ndef loss_fn(pred, target):\n"
        "    return torch.tensor((pred - target).abs().mean().item(), requires_grad=True)\n\n",
        "\nloss_fn(model(x), y).backward()\n",
        "loss_fn(model(x), y).detach()",
    ),
}
KEEPS = [
    "running += {loss}",
    "losses.append({loss})",
    "losses += [{loss}]",
    "self.total = self.total + {loss}",
    "self.meter.update({loss}, n=8)",
    'rows.setdefault("val", []).append({loss})',
    "window[k] = {loss}",
    "total = 0.9 * total + 0.1 * {loss}",
    "yield {loss}",
    "rows = [{loss} for _ in range(3)]",
]


@pytest.mark.parametrize(("loss", "step", "plain"), LOSSES_OF_KINDS.values(), ids=list(LOSSES_OF_KINDS))
@pytest.mark.parametrize("keeps", KEEPS)
def test_what_an_evaluation_keeps_holds_no_graph(keeps: str, loss: str, step: str, plain: str) -> None:
    head = "\n\ndef evaluate(self, running, losses, rows, window, total):\n    for k in range(9):\n"
    evaluation = f"{head}        {keeps}\n"
    text = TORCH + loss + step + evaluation.format(loss="loss_fn(model(x), y)")

    assert fixed(text).endswith(evaluation.format(loss=plain))


@pytest.mark.parametrize(
    "reads", ["hits += loss_fn(model(x), y).item()", "if loss_fn(model(x), y) > 1:\n            break"]
)
def test_what_an_evaluation_only_takes_a_number_of_stays(reads: str) -> None:
    loss, step, _ = LOSSES_OF_KINDS["leaf"]
    evaluation = f"\n\ndef evaluate(hits):\n    for k in range(9):\n        {reads}\n"

    assert fixed(TORCH + loss + step + evaluation).endswith(evaluation)


@pytest.mark.parametrize(
    "guard", ["@torch.no_grad()\ndef evaluate():\n", "def evaluate():\n    with torch.no_grad():\n"]
)
def test_an_evaluation_that_records_nothing_stays_as_it_is(guard: str) -> None:
    loss, step, _ = LOSSES_OF_KINDS["leaf"]
    inner = "        " if "with" in guard else "    "
    evaluation = f"\n\n{guard}{inner}return sum(loss_fn(model(x), y) for _ in range(3))\n"

    after = fixed(TORCH + loss + step + evaluation)

    assert "return (pred - target).abs().mean()" in after
    assert after.endswith(evaluation)


CONVERGENCE = """import numpy as np
import torch


def {name}(x_mag, y_mag):
    num = np.linalg.norm(y_mag.numpy() - x_mag.detach().numpy(), ord="fro")
    return torch.as_tensor(num / np.linalg.norm(y_mag.numpy(), ord="fro"))
"""


@pytest.mark.parametrize("name", ["spectral_convergence", "spectral_loss"])
def test_a_loss_that_no_name_calls_one_is_still_one_where_a_fix_has_changed_it(name: str) -> None:
    assert _new_lines(CONVERGENCE.format(name=name), fixed(CONVERGENCE.format(name=name))) == [
        'num = torch.linalg.norm(y_mag - x_mag, ord="fro")',
        'return num / torch.linalg.norm(y_mag, ord="fro")',
    ]


@pytest.mark.parametrize("name", ["spectral_accuracy", "plot_convergence"])
def test_what_is_no_loss_stays(name: str) -> None:
    text = CONVERGENCE.format(name=name)

    assert fixed(text) == text


LAST = """import numpy as np
import tensorflow as tf


def last_loss(y_true, y_pred):
    d = (y_true.numpy() - y_pred.numpy()) ** 2
    {unpacked}
    return tf.constant(d[n, m])
"""


@pytest.mark.parametrize(
    ("unpacked", "last"),
    [
        ("n, m = d.shape\n    n, m = n - 1, m - 1", "d[n, m]"),
        ("n, m = np.array([0, 1]), np.array([1, 0])", "tf.gather_nd(d, tf.stack([n, m], axis=-1))"),
    ],
)
def test_sizes_select_one_element_and_arrays_select_pairs(unpacked: str, last: str) -> None:
    assert f"return {last}" in fixed(LAST.format(unpacked=unpacked))
