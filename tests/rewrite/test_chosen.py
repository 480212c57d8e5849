"""A function that is chosen while a loss runs stays chosen: all of the choice is rewritten, or nothing is."""

from __future__ import annotations

import ast
import textwrap
from dataclasses import replace

import pytest

from autofix.analysis.finding.search import diagnose
from autofix.analysis.looks import Looks
from autofix.model import Framework, Reason
from autofix.rewrite.candidates import rewrite
from autofix.rewrite.catalogue import Catalogue

pytestmark = pytest.mark.slow

_HEADS = {
    "torch": "import functools\nimport numpy as np\nimport torch\n",
    "tensorflow": "import functools\nimport numpy as np\nimport tensorflow as tf\n",
}
_STEPS = {
    "torch": "def step(model, x, y):\n    loss_fn(model(x), y).backward()\n",
    "tensorflow": "def step(model, x, y):\n    with tf.GradientTape() as tape:\n        loss = loss_fn(model(x), y)\n"
    "    return tape.gradient(loss, model.trainable_variables)\n",
}


class _UsedByAll:
    """A project in which another file uses whatever this one defines."""

    path = "/a.py"

    def place(self, name: str, near: str) -> None:
        return None

    def read(self, path: str) -> None:
        return None

    def checks(self, path: str) -> bool:
        return False

    def users(self) -> tuple[()]:
        return ()

    def uses(self, name: str) -> bool:
        return True

    def note(self, blamed: frozenset[str]) -> None:
        return None


def _text(program: str, framework: Framework = "torch") -> str:
    return f"{_HEADS[framework]}\n\n{textwrap.dedent(program).strip()}\n\n\n{_STEPS[framework]}"


def _rewritten(text: str, exported: bool = False) -> str | Reason:
    (fault,) = diagnose(ast.parse(text), text)
    around = _UsedByAll() if exported else None
    program = replace(fault.program, around=around)  # type: ignore[arg-type]
    found = rewrite(
        text, replace(fault, program=program), Catalogue.load(fault.framework), Looks(around=program.around)
    )
    return found if isinstance(found, Reason) else found[0]


def _changed(before: str, after: str) -> list[str]:
    """The lines of `after` that are not in `before`."""
    return [line.strip() for line in after.splitlines() if line not in before.splitlines()]


D = "d = np.abs(p.detach().numpy() - y.numpy())"
D_AFTER = "d = torch.abs(p - y)"

WHOLE = {
    "a dictionary": (
        f"""
        REDUCE = {{"mean": np.mean, "sum": np.sum, "max": np.max}}

        def loss_fn(p, y, reduction="mean"):
            {D}
            return torch.tensor(REDUCE[reduction](d))
        """,
        ['REDUCE = {"mean": torch.mean, "sum": torch.sum, "max": torch.max}', D_AFTER, "return REDUCE[reduction](d)"],
    ),
    "a list, and get": (
        f"""
        def loss_fn(p, y, place=0, name="mean"):
            {D}
            table = {{"mean": np.mean}}
            return torch.tensor([np.sum, np.median][place](d) + table.get(name, np.max)(d))
        """,
        [D_AFTER, 'table = {"mean": torch.mean}',
         "return [torch.sum, lambda d: torch.quantile(d, 0.5)][place](d) + table.get(name, torch.max)(d)"],
    ),
    "a default": (
        f"""
        def loss_fn(p, y, agg=np.mean):
            {D}
            return torch.tensor(agg(d))

        def other(model, x, y):
            return loss_fn(model(x), y, np.sum), loss_fn(model(x), y, agg=np.max)
        """,
        ["def loss_fn(p, y, agg=torch.mean):", D_AFTER, "return agg(d)",
         "return loss_fn(model(x), y, torch.sum), loss_fn(model(x), y, agg=torch.max)"],
    ),
    "an attribute": (
        f"""
        class Loss:
            def __init__(self, agg=None):
                self.agg = agg or np.mean

            def __call__(self, p, y):
                {D}
                return torch.tensor(self.agg(d))

        loss_fn = Loss(np.sum)
        """,
        ["self.agg = agg or torch.mean", D_AFTER, "return self.agg(d)", "loss_fn = Loss(torch.sum)"],
    ),
    "an attribute of several": (
        f"""
        class Loss:
            def __init__(self, q, agg=np.mean):
                self.q, self.agg = q, agg

            def __call__(self, p, y):
                {D}
                return torch.tensor(self.q * self.agg(d))

        loss_fn = Loss(0.5)
        """,
        ["def __init__(self, q, agg=torch.mean):", D_AFTER, "return self.q * self.agg(d)"],
    ),
    "if and else": (
        f"""
        def loss_fn(p, y, robust=False):
            {D}
            if robust:
                agg = np.median
            else:
                agg = np.mean
            return torch.tensor(agg(d))
        """,
        [D_AFTER, "agg = lambda d: torch.quantile(d, 0.5)", "agg = torch.mean", "return agg(d)"],
    ),
    "a conditional expression": (
        f"""
        def loss_fn(p, y, total=False):
            {D}
            return torch.tensor((np.sum if total else np.mean)(d, axis=0).sum())
        """,
        [D_AFTER, "return ((lambda d, axis: torch.sum(d, dim=axis)) if total else "
         "lambda d, axis: torch.mean(d, dim=axis))(d, axis=0).sum()"],
    ),
    "match": (
        f"""
        def loss_fn(p, y, name="mean"):
            {D}
            match name:
                case "mean":
                    agg = np.mean
                case _:
                    agg = np.sum
            return torch.tensor(agg(d))
        """,
        [D_AFTER, "agg = torch.mean", "agg = torch.sum", "return agg(d)"],
    ),
    "partial": (
        f"""
        def loss_fn(p, y, name="mean"):
            {D}
            agg = functools.partial(np.linalg.norm, ord=1) if name else functools.partial(np.quantile, q=0.5)
            return torch.tensor(agg(d.ravel()))
        """,
        [D_AFTER, "agg = functools.partial(torch.linalg.norm, ord=1) if name else lambda x: torch.quantile(x, 0.5)",
         "return agg(d.ravel())"],
    ),
    "a function that picks": (
        f"""
        def pick(name):
            if name == "sum":
                return np.sum
            return np.mean

        def loss_fn(p, y, name="sum"):
            {D}
            return torch.tensor(pick(name)(d))
        """,
        ["return torch.sum", "return torch.mean", D_AFTER, "return pick(name)(d)"],
    ),
    "a loop over pairs": (
        f"""
        def loss_fn(p, y):
            {D}
            total = 0.0
            for w, agg in ((1.0, np.mean), (0.1, np.max)):
                total += w * agg(d)
            return torch.tensor(total)
        """,
        [D_AFTER, "for w, agg in ((1.0, torch.mean), (0.1, torch.max)):", "return total"],
    ),
    "items": (
        """
        TERMS = {"l1": np.abs, "l2": np.square}

        def loss_fn(p, y):
            d = p.detach().numpy() - y.numpy()
            return torch.tensor(sum(term(d).mean() for name, term in TERMS.items() if name))
        """,
        ['TERMS = {"l1": torch.abs, "l2": torch.square}', "d = p - y",
         "return sum(term(d).mean() for name, term in TERMS.items() if name)"],
    ),
    "map": (
        "def loss_fn(p, y):\n    return torch.tensor(np.mean(list(map(np.abs, p.detach().numpy() - y.numpy()))))",
        ["return torch.mean(torch.stack(list(map(torch.abs, p - y))))"],
    ),
    "a closure": (
        f"""
        def make(agg):
            def loss(p, y):
                {D}
                return torch.tensor(agg(d))
            return loss

        loss_fn = make(np.sum)
        """,
        [D_AFTER, "return agg(d)", "loss_fn = make(torch.sum)"],
    ),
    "a lambda beside a name": (
        f"""
        TABLE = {{"power": lambda d: np.power(d, 2).mean(), "mean": np.mean}}

        def loss_fn(p, y, kind="power"):
            {D}
            return torch.tensor(TABLE[kind](d))
        """,
        ['TABLE = {"power": lambda d: torch.pow(d, 2).mean(), "mean": torch.mean}', D_AFTER, "return TABLE[kind](d)"],
    ),
    "a name that is always the same": (
        f"log = np.log\n\ndef loss_fn(p, y):\n    {D}\n    return torch.tensor(log(d).mean())",
        [D_AFTER, "return torch.log(d).mean()"],
    ),
    "getattr of a literal": (
        f"def loss_fn(p, y):\n    {D}\n    return torch.tensor(getattr(np, 'mean')(d))",
        [D_AFTER, "return torch.mean(d)"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", WHOLE)
def test_a_choice_is_rewritten_as_a_whole(kind: str) -> None:
    program, expected = WHOLE[kind]
    text = _text(program)

    after = _rewritten(text)

    assert not isinstance(after, Reason), after.text
    assert _changed(text, after) == expected


def test_a_choice_is_rewritten_in_tensorflow_too() -> None:
    text = (
        _text(
            """
        def loss_fn(p, y, agg=np.mean):
            d = np.abs(p.numpy() - y.numpy())
            return tf.constant((agg or np.median)(d, axis=-1))
        """,
            "tensorflow",
        )
        + "\n\nloss_fn(u, v, np.max)\n"
    )

    after = _rewritten(text)

    assert not isinstance(after, Reason), after.text
    assert "agg=tf.reduce_mean" in after
    assert "loss_fn(u, v, tf.reduce_max)" in after


REFUSED = {
    "an entry without a rule": (
        f"T = [np.mean, np.argmax]\n\ndef loss_fn(p, y):\n    {D}\n    return torch.tensor(T[0](d))",
        "`np.argmax` in line 6 may be chosen too",
    ),
    "a name known only then": (
        f"def loss_fn(p, y, r='mean'):\n    {D}\n    return torch.tensor(getattr(np, r)(d))",
        "`getattr(np, r)` is chosen at run time, and not all of its possible values are known: its name",
    ),
    "a method known only then": (
        f"def loss_fn(p, y, r='mean'):\n    {D}\n    return torch.tensor(getattr(d, r)())",
        "`getattr(d, r)` is chosen at run time",
    ),
    "a parameter that nobody is seen to give": (
        f"def inner(d, agg=np.mean):\n    return agg(d)\n\nKEPT = [inner]\n\n\n"
        f"def loss_fn(p, y):\n    {D}\n    return torch.tensor(inner(d))",
        "`inner` may be called from line 9 with any value for `agg`",
    ),
    "arguments that are unpacked": (
        f"def inner(d, agg=np.mean):\n    return agg(d)\n\n\n"
        f"def loss_fn(p, y, **options):\n    {D}\n    return torch.tensor(inner(d, **options))",
        "the value unpacked in line 12 is unknown",
    ),
    "another reader of the function": (
        f"def loss_fn(p, y, agg=np.mean):\n    {D}\n    print(agg.__name__)\n    return torch.tensor(agg(d))\n\n\n"
        "loss_fn(u, v)",
        "`agg` is used in line 8 too",
    ),
    "a table that grows": (
        f"T = {{'a': np.mean}}\nT.update(more())\n\ndef loss_fn(p, y):\n    {D}\n    return torch.tensor(T['a'](d))",
        "`T` is changed in line 7",
    ),
    "a rebound global": (
        f"agg = np.mean\n\ndef use_sum():\n    global agg\n    agg = np.sum\n\n\n"
        f"def loss_fn(p, y):\n    {D}\n    return torch.tensor(agg(d))",
        "the value of `agg` in line 15 is unknown",
    ),
    "a subclass": (
        f"class Loss:\n    def __init__(self, agg=np.mean):\n        self.agg = agg\n\n    def __call__(self, p, y):\n"
        f"        {D}\n        return torch.tensor(self.agg(d))\n\n\nclass Other(Loss):\n    pass\n\n\n"
        "loss_fn = Loss()",
        "`Other` may pass any value for `agg`",
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_choice_that_is_not_seen_as_a_whole_is_left(kind: str) -> None:
    program, reason = REFUSED[kind]

    after = _rewritten(_text(program))

    assert isinstance(after, Reason), after
    assert reason in after.text


def test_a_parameter_of_what_another_file_uses_is_left() -> None:
    text = _text(f"def loss_fn(p, y, agg=np.mean):\n    {D}\n    return torch.tensor(agg(d))")

    after = _rewritten(text, exported=True)

    assert isinstance(after, Reason)
    assert "another file may pass any value for `agg` of `loss_fn`" in after.text


SHARED = f"""
REDUCE = {{
    "mean": np.mean,  # the usual one
    "sum": np.sum,
}}

def report(a):
    return {{name: f(a) for name, f in REDUCE.items()}}

def loss_fn(p, y, reduction="mean"):
    if reduction not in REDUCE:
        raise ValueError(sorted(REDUCE))
    {D}
    return torch.tensor(REDUCE[reduction](d))
"""


def test_a_table_that_others_read_too_gets_a_twin() -> None:
    text = _text(SHARED)

    after = _rewritten(text)

    assert isinstance(after, str)
    assert set(text[: text.index("    d = ")].splitlines()) <= set(after.splitlines())
    assert _changed(text, after) == [
        "_REDUCE_TORCH = {", '"mean": torch.mean,  # the usual one', '"sum": torch.sum,', D_AFTER,
        "return _REDUCE_TORCH[reduction](d)",
    ]  # fmt: skip


def test_a_table_of_which_only_the_keys_are_read_is_rewritten_itself() -> None:
    keys = "    return {name: f(a) for name, f in REDUCE.items()}"
    text = _text(SHARED.replace(keys, "    return list(REDUCE), REDUCE.keys(), [name for name in REDUCE]"))

    after = _rewritten(text)

    assert isinstance(after, str)
    assert "_REDUCE" not in after


def test_a_table_that_another_file_imports_gets_a_twin() -> None:
    text = _text(f"T = [np.mean, np.sum]\n\n\ndef loss_fn(p, y):\n    {D}\n    return torch.tensor(T[0](d))")

    after = _rewritten(text, exported=True)

    assert isinstance(after, str)
    assert "T = [np.mean, np.sum]\n_T_TORCH = [torch.mean, torch.sum]\n" in after


@pytest.mark.parametrize(
    "body",
    [
        "return getattr(torch, name)(p - y).abs().sum()",
        "return getattr((p - y).abs(), name)()",
        "match name:\n        case 'sum':\n            agg = torch.sum\n        case _:\n            agg = torch.mean\n"
        "    return agg((p - y).abs())",
        "table = {'mean': torch.mean}\n    return table.get(name, torch.sum)((p - y) ** 2)",
    ],
)
def test_a_choice_among_what_keeps_the_gradient_is_right(body: str) -> None:
    text = _text(f"def loss_fn(p, y, name='mean'):\n    {body}")

    assert diagnose(ast.parse(text), text) == ()
