"""What a rule comes to reads as a person writes it; what does not fit is refused with its reason."""

from __future__ import annotations

from pathlib import Path

import libcst as cst
import pytest

from autofix.model import Framework, Kind, Reason
from autofix.rewrite.catalogue import Argument, Catalogue, Rendering
from autofix.rewrite.literal import code_of, laid_out_as
from autofix.rewrite.render import _private
from tests.rules.calls import ALIASES, arguments_of, name_of

TORCH = Catalogue.load("torch")
TENSORFLOW = Catalogue.load("tensorflow")


def rendered(catalogue: Catalogue, text: str, of: str = "", kind: Kind | None = None) -> tuple[Rendering, ...] | Reason:
    framework = "torch" if catalogue is TORCH else "tensorflow"
    arguments = arguments_of(text, bool(of))
    if kind is not None:
        arguments = [Argument(a.expression, kind if a.kind is Kind.TENSOR else a.kind, a.keyword) for a in arguments]
    return catalogue.render(name_of(text, of), arguments, ALIASES[framework])


def codes(catalogue: Catalogue, text: str, of: str = "", kind: Kind | None = None) -> list[str]:
    found = rendered(catalogue, text, of, kind)
    assert not isinstance(found, Reason), found.text
    return [code_of(rendering.expression) for rendering in found]


FUNCTIONS = [
    ("np.abs(x - y)", "torch.abs(x - y)", "tf.abs(x - y)"),
    ("np.log(x)", "torch.log(x)", "tf.math.log(x)"),
    ("np.exp(-x)", "torch.exp(-x)", "tf.exp(-x)"),
    ("np.square(x)", "torch.square(x)", "tf.square(x)"),
    ("np.mean(x)", "torch.mean(x)", "tf.reduce_mean(x)"),
    ("np.mean(x, axis=1)", "torch.mean(x, dim=1)", "tf.reduce_mean(x, axis=1)"),
    ("np.mean(x, 1)", "torch.mean(x, dim=1)", "tf.reduce_mean(x, axis=1)"),
    ("np.mean(x, axis=None, keepdims=False)", "torch.mean(x)", "tf.reduce_mean(x)"),
    ("np.sum(x, axis=(0, 1))", "torch.sum(x, dim=(0, 1))", "tf.reduce_sum(x, axis=(0, 1))"),
    ("np.mean(x, dtype=np.float32)", "torch.mean(x)", "tf.reduce_mean(x)"),
    ("np.mean(x, where=True)", "torch.mean(x)", "tf.reduce_mean(x)"),
    (
        "np.mean(x, 1, None, None, True)",
        "torch.mean(x, dim=1, keepdim=True)",
        "tf.reduce_mean(x, axis=1, keepdims=True)",
    ),
    ("np.mean(x, where=m)", "torch.mean(x[m])", "tf.reduce_mean(tf.boolean_mask(x, m))"),
    ("np.sum(x, where=m)", "torch.sum(torch.where(m, x, 0))", "tf.reduce_sum(tf.where(m, x, 0))"),
    ("np.max(x, initial=0)", "torch.clamp(torch.max(x), min=0)", "tf.maximum(tf.reduce_max(x), 0)"),
    ("np.log(x, casting='same_kind')", "torch.log(x)", "tf.math.log(x)"),
    ("np.percentile(x, 90)", "torch.quantile(x, 0.9)", "_quantile(x, 0.9)"),
    ("np.percentile(x, 33.3)", "torch.quantile(x, 33.3 / 100)", "_quantile(x, 33.3 / 100)"),
    ("np.add.reduce(x, axis=1)", "torch.sum(x, dim=1)", "tf.reduce_sum(x, axis=1)"),
    ("np.subtract.outer(v, w)", "v[:, None] - w", "v[:, None] - w"),
    ("np.block([x, y])", "torch.cat([x, y], dim=-1)", "tf.concat([x, y], axis=-1)"),
    ("np.delete(x, 1, axis=0)", "torch.cat([x[:1], x[2:]])", "tf.concat([x[:1], x[2:]], axis=0)"),
    (
        "np.divide(x, y, out=z, where=y != 0)",
        "torch.where(y != 0, x / torch.where(y != 0, y, 1), z)",
        "tf.where(y != 0, x / tf.where(y != 0, y, 1), z)",
    ),
    ("np.std(x)", "torch.std(x, correction=0)", "tf.math.reduce_std(x)"),
    ("np.max(x)", "torch.max(x)", "tf.reduce_max(x)"),
    ("np.max(x, axis=-1)", "torch.amax(x, dim=-1)", "tf.reduce_max(x, axis=-1)"),
    ("np.amax(x, axis=-1)", "torch.amax(x, dim=-1)", "tf.reduce_max(x, axis=-1)"),
    ("np.sort(x)", "torch.sort(x).values", "tf.sort(x)"),
    ("np.sort(x, axis=0)", "torch.sort(x, dim=0).values", "tf.sort(x, axis=0)"),
    ("np.clip(x, 0, 1)", "torch.clamp(x, 0, 1)", "tf.clip_by_value(x, 0, 1)"),
    ("np.clip(x, 1e-7, None)", "torch.clamp(x, min=1e-7)", "tf.maximum(x, 1e-7)"),
    ("np.clip(x, a_min=None, a_max=1)", "torch.clamp(x, max=1)", "tf.minimum(x, 1)"),
    ("np.maximum(x, 0)", "torch.clamp(x, min=0)", "tf.maximum(x, 0)"),
    ("np.maximum(0, x)", "torch.clamp(x, min=0)", "tf.maximum(x, 0)"),
    ("np.maximum(x, y)", "torch.maximum(x, y)", "tf.maximum(x, y)"),
    ("np.where(x > 0, x, 0.0)", "torch.where(x > 0, x, 0.0)", "tf.where(x > 0, x, 0.0)"),
    ("np.log2(x)", "torch.log2(x)", "tf.math.log(x) / math.log(2)"),
    ("np.negative(x - y)", "-(x - y)", "-(x - y)"),
    ("np.subtract(1, x - y)", "1 - (x - y)", "1 - (x - y)"),
    ("np.sum([s, t])", "torch.sum(torch.stack([s, t]))", "tf.reduce_sum(tf.stack([s, t]))"),
    ("np.array([s, t])", "torch.stack([s, t])", "tf.stack([s, t])"),
    ("np.array(x)", "x", "x"),
    ("np.float32(x)", "x", "x"),
    ("np.concatenate([x, y], axis=1)", "torch.cat([x, y], dim=1)", "tf.concat([x, y], axis=1)"),
    ("np.expand_dims(x, -1)", "torch.unsqueeze(x, -1)", "tf.expand_dims(x, -1)"),
    ("np.linalg.norm(x, axis=1)", "torch.linalg.norm(x, dim=1)", "tf.norm(x, axis=1)"),
    ("np.transpose(x, (1, 0))", "torch.permute(x, (1, 0))", "tf.transpose(x, perm=(1, 0))"),
    ("math.sqrt(x)", "torch.sqrt(x)", "tf.sqrt(x)"),
    ("special.expit(x)", "torch.sigmoid(x)", "tf.sigmoid(x)"),
    ("float(x)", "x", "x"),
    ("abs(x - y)", "torch.abs(x - y)", "tf.abs(x - y)"),
    ("np.full((2, 2), s)", "s.expand((2, 2))", "tf.fill((2, 2), s)"),
    ("np.pad(x, ((1, 1), (2, 0)))", "torch.nn.functional.pad(x, (2, 0, 1, 1))", "tf.pad(x, ((1, 1), (2, 0)))"),
    ("np.pad(x, 1)", "torch.nn.functional.pad(x, (1, 1) * x.ndim)", "tf.pad(x, [[1, 1]] * len(x.shape))"),
    ("np.split(x, 2, axis=1)", "torch.tensor_split(x, 2, dim=1)", "tf.split(x, 2, axis=1)"),
    ("np.split(x, 3)", "torch.tensor_split(x, 3)", "tf.split(x, 3)"),
    ("np.meshgrid(v, w)", 'torch.meshgrid(v, w, indexing="xy")', "tf.meshgrid(v, w)"),
    ("np.cross(x, y)", "torch.linalg.cross(x, y)", "tf.linalg.cross(x, y)"),
    ("np.fft.rfft(x)", "torch.fft.rfft(x)", "tf.signal.rfft(x)"),
    ("np.cov(x)", "torch.cov(x)", "tf.squeeze(_covariance(x, 1))"),
    ("np.cov(x, bias=True)", "torch.cov(x, correction=0)", "tf.squeeze(_covariance(x, 0))"),
    ("np.gradient(x, axis=0)", "torch.gradient(x, dim=0)[0]", "_differences(x, 0)"),
    ("norm.cdf(x)", "torch.special.ndtr(x)", "tf.math.erfc(-x / math.sqrt(2)) / 2"),
    ("norm.cdf(x, m, s)", "torch.special.ndtr((x - m) / s)", "tf.math.erfc(-((x - m) / s) / math.sqrt(2)) / 2"),
    ("distance.sqeuclidean(v, w)", "torch.sum(torch.square(v - w))", "tf.reduce_sum(tf.square(v - w))"),
    (
        "metrics.hinge_loss(y, x)",
        "torch.mean(torch.clamp(1 - torch.where(y > 0, x, -x), min=0))",
        "tf.reduce_mean(tf.maximum(1 - tf.where(y > 0, x, -x), 0))",
    ),
]
METHODS = [
    ("x.mean()", "x.mean()", "tf.reduce_mean(x)"),
    ("x.mean(axis=1)", "x.mean(dim=1)", "tf.reduce_mean(x, axis=1)"),
    ("(x - y).sum()", "(x - y).sum()", "tf.reduce_sum(x - y)"),
    ("x.std()", "x.std(correction=0)", "tf.math.reduce_std(x)"),
    ("x.reshape(-1)", "x.reshape(-1)", "tf.reshape(x, [-1])"),
    ("x.reshape(2, -1)", "x.reshape(2, -1)", "tf.reshape(x, [2, -1])"),
    ("x.reshape((2, -1))", "x.reshape((2, -1))", "tf.reshape(x, (2, -1))"),
    ("x.transpose(1, 0)", "x.permute(1, 0)", "tf.transpose(x, perm=[1, 0])"),
    ("x.T", "x.T", "tf.transpose(x)"),
    ("x.flatten()", "x.flatten()", "tf.reshape(x, [-1])"),
    ("x.clip(0, 1)", "x.clamp(0, 1)", "tf.clip_by_value(x, 0, 1)"),
    ("x.astype(np.float32)", "x", "x"),
    ("(x - y).astype('float32')", "x - y", "x - y"),
    ("x.item()", "x", "x"),
    ("x.max(axis=0)", "x.amax(dim=0)", "tf.reduce_max(x, axis=0)"),
]


@pytest.mark.parametrize(("text", "torch", "tensorflow"), FUNCTIONS)
def test_a_function_reads_as_a_person_writes_it(text: str, torch: str, tensorflow: str) -> None:
    assert (codes(TORCH, text)[0], codes(TENSORFLOW, text)[0]) == (torch, tensorflow)


@pytest.mark.parametrize(("text", "torch", "tensorflow"), METHODS)
def test_a_method_reads_as_a_person_writes_it(text: str, torch: str, tensorflow: str) -> None:
    assert (codes(TORCH, text, "ndarray")[0], codes(TENSORFLOW, text, "ndarray")[0]) == (torch, tensorflow)


REFUSED = [
    ("np.mean(x, out=y)", "out="),
    ("np.exp(x, where=m)", "where="),
    ("np.log(x, where=m)", "pass out= as well"),
    ("np.max(x, where=m)", "where= needs initial="),
    ("np.mean(x, 1, None, y)", "out="),
    ("np.sum(x, 1, np.int64)", "dtype=int64"),
    ("np.reshape(x, -1, order='A')", "memory layout"),
    ("np.take(x, i, mode='wrap')", "out of range"),
    ("np.add.at(x, i, 1.0)", "writes into an array"),
    ("np.fill_diagonal(x, 0)", "np.where"),
    ("np.hanning(5)", "NumPy is fine here"),
    ("np.intersect1d(v, w)", "the set operation is piecewise constant"),
    ("np.apply_along_axis(np.sum, 0, x)", "axis="),
    ("np.mean(x, dtype=np.int64)", "dtype=int64"),
    ("np.mean(x, dtype=d.kind)", "dtype="),
    ("np.mean(*x)", "cannot tell what * unpacks"),
    ("np.mean(x, **y)", "cannot tell what ** unpacks"),
    ("np.mean(x, colour=3)", "colour= has no counterpart"),
    ("np.mean(x, axis=0, axis=1)", "axis is passed twice"),
    ("np.mean()", "a is missing"),
    ("np.abs(x, y, z)", "no more than 1"),
    ("np.where(m)", "one argument"),
    ("np.diff(x, initial=1)", "initial="),
    ("np.argmax(x)", "argmax has no gradient"),
    ("np.round(x)", "rounding"),
    ("np.sign(x)", "zero everywhere"),
    ("np.int32(x)", "no gradient"),
    ("np.array(x, dtype=int)", "no gradient"),
    ("np.concatenate([x, y], out=z)", "out="),
    ("np.no_such_function(x)", "no rule"),
    ("math.floor(x)", "rounding"),
    ("int(x)", "no gradient"),
    ("np.full((2, 2), 1.0)", "plain numbers"),
    ("np.zeros((2, 2))", "plain numbers"),
    ("np.pi", "constant"),
    ("np.frompyfunc(f, 1, 1)", "it calls a function number by number"),
    ("np.pad(x, 1, mode='mean')", "mode of padding"),
    ("np.gradient(x, 1.0, 2.0)", "one spacing"),
    ("stats.pearsonr(v, w)", "p-value"),
    ("metrics.log_loss(y, x, normalize=False)", "normalize=False is the mean times"),
    ("distance.cdist(x, y, metric='hamming')", "only the metrics euclidean"),
    ("sum(x)", "keeps the graph"),
]


@pytest.mark.parametrize("catalogue", [TORCH, TENSORFLOW], ids=["torch", "tensorflow"])
@pytest.mark.parametrize(("text", "reason"), REFUSED)
def test_what_does_not_fit_is_refused(catalogue: Catalogue, text: str, reason: str) -> None:
    found = rendered(catalogue, text)

    assert isinstance(found, Reason)
    assert reason in found.text


@pytest.mark.parametrize(
    "text", ["x.astype(int)", "x.astype('bool')", "x.tolist()", "x.argmax()", "x.sum(out=y)", "x.sort()"]
)
def test_methods_that_lose_the_gradient_are_refused(text: str) -> None:
    assert isinstance(rendered(TORCH, text, "ndarray"), Reason)
    assert isinstance(rendered(TENSORFLOW, text, "ndarray"), Reason)


def test_what_only_the_values_show_makes_candidates() -> None:
    assert codes(TORCH, "np.dot(x, y)") == [
        "torch.dot(x, y)",
        "torch.matmul(x, y)",
        "torch.tensordot(x, y, dims=([-1], [-2]))",
    ]
    assert codes(TORCH, "np.maximum(x, y)", kind=Kind.OTHER)[0] == "torch.maximum(x, y)"
    assert codes(TORCH, "np.array(x)", kind=Kind.OTHER) == ["x", "torch.stack(x)"]


def test_what_the_call_shows_makes_no_candidates() -> None:
    assert codes(TORCH, "np.dot(x, 2.0)") == ["x * 2.0"]
    assert codes(TORCH, "np.maximum(x, y)") == ["torch.maximum(x, y)"]


def test_bounds_that_are_given_are_never_left_out() -> None:
    assert codes(TORCH, "np.clip(x, a, b)", kind=Kind.OTHER) == ["torch.clamp(x, a, b)"]
    assert codes(TENSORFLOW, "np.clip(x, a, b)", kind=Kind.OTHER) == ["tf.clip_by_value(x, a, b)"]


def test_a_mask_may_need_its_cast() -> None:
    assert codes(TENSORFLOW, "m.astype(np.float32)", "ndarray") == ["m", "tf.cast(m, tf.float32)"]
    assert codes(TORCH, "m.astype(y.dtype)", "ndarray") == ["m", "m.to(y.dtype)"]


def test_the_limits_of_a_tensors_type_are_asked_of_pytorch() -> None:
    assert codes(TORCH, "np.finfo(x.dtype)") == ["torch.finfo(x.dtype)"]
    assert isinstance(rendered(TORCH, "np.finfo(np.float32)"), Reason)


def test_widths_that_are_not_written_out_are_left_to_the_verifier() -> None:
    assert codes(TENSORFLOW, "np.pad(x, widths)") == [
        "tf.pad(x, widths)",
        "tf.pad(x, [widths[0]] * len(x.shape))",
        "tf.pad(x, [[widths, widths]] * len(x.shape))",
    ]


def test_an_argument_after_one_that_is_left_out_keeps_its_name() -> None:
    assert codes(TENSORFLOW, "stats.entropy(x, axis=1)") == ["_entropy(x, axis=1)"]
    assert codes(TENSORFLOW, "stats.entropy(x, y, axis=1)") == ["_entropy(x, y, 1)"]


def test_what_a_rule_names_for_its_place_alone_is_not_pasted() -> None:
    found = rendered(TENSORFLOW, "np.nanmean(x - y, 1, None, None, True)")

    assert not isinstance(found, Reason)
    assert code_of(found[0].expression) == "_nanmean(x - y, axis=1, keepdims=True)"
    assert found[0].definitions[0].startswith("def _nanmean(a, axis=None, keepdims=False):\n")


def test_two_pasted_functions_never_share_a_name() -> None:
    assert _private(("trapezoid", "_trapezoid"), {}) == {"_trapezoid": "_trapezoid", "trapezoid": "_trapezoid_"}


def test_nothing_is_computed_twice() -> None:
    once = rendered(TENSORFLOW, "np.logaddexp(x, y)")
    twice = rendered(TENSORFLOW, "np.logaddexp(x - y, y)")

    assert not isinstance(once, Reason) and not isinstance(twice, Reason)
    assert code_of(once[0].expression) == "tf.maximum(x, y) + tf.math.softplus(-tf.abs(x - y))"
    assert once[0].definitions == ()
    assert code_of(twice[0].expression) == "_logaddexp(x - y, y)"
    assert twice[0].definitions[0].startswith("def _logaddexp(x1, x2):\n")


def test_a_rule_that_is_no_expression_is_pasted_with_what_it_calls() -> None:
    found = rendered(TENSORFLOW, "np.median(x, axis=1)")

    assert not isinstance(found, Reason)
    assert code_of(found[0].expression) == "_quantile(x, 0.5, axis=1)"
    assert [d.partition("(")[0] for d in found[0].definitions] == ["def _quantile"]
    assert found[0].modules == {"tensorflow"}


def test_the_names_of_the_file_are_used() -> None:
    argument = Argument(cst.parse_expression("p - q"), Kind.TENSOR)
    for framework, aliases, name, expected in (
        ("torch", {"torch": "T"}, "numpy.abs", "T.abs(p - q)"),
        ("torch", {"torch": "torch", "torch.nn.functional": "F"}, "scipy.special.softplus", "F.softplus(p - q)"),
        ("tensorflow", {"tensorflow": "tensorflow"}, "numpy.abs", "tensorflow.abs(p - q)"),
        ("tensorflow", {"tensorflow": "tf", "math": "m"}, "numpy.log10", "tf.math.log(p - q) / m.log(10)"),
        ("tensorflow", {"tensorflow": "t"}, "numpy.nansum", "_nansum(p - q)"),
    ):
        found = (TORCH if framework == "torch" else TENSORFLOW).render(name, [argument], aliases)

        assert not isinstance(found, Reason)
        assert code_of(found[0].expression) == expected


def test_definitions_use_the_names_of_the_file_too() -> None:
    found = TENSORFLOW.render(
        "numpy.nansum", [Argument(cst.parse_expression("p - q"), Kind.TENSOR)], {"tensorflow": "t"}
    )

    assert not isinstance(found, Reason)
    assert "tf." not in found[0].definitions[0]
    assert "t.reduce_sum(t.where(t.math.is_nan(a)" in found[0].definitions[0]


def test_an_argument_over_several_lines_stays_as_it_is() -> None:
    text = "np.abs(\n    x  # the prediction\n    - y\n)"

    assert codes(TORCH, text) == ["torch.abs(x  # the prediction\n    - y)"]
    assert codes(TORCH, text.replace("np.abs", "np.array")) == ["(x  # the prediction\n    - y)"]


def test_a_generator_gets_its_parentheses() -> None:
    assert codes(TORCH, "np.mean((each for each in x), axis=0)") == ["torch.mean((each for each in x), dim=0)"]


def test_membership_and_reasons() -> None:
    assert "numpy.mean" in TORCH
    assert "numpy.concat" in TENSORFLOW
    assert "ndarray.T" in TORCH
    assert "tensorflow.stop_gradient" in TENSORFLOW
    assert TORCH.reason("numpy.mean") is None


def test_what_is_only_refused_is_no_member_but_has_a_reason() -> None:
    for name in ("numpy.argmax", "numpy.rint", "ndarray.tolist", "builtins.int"):
        assert name not in TORCH
        assert TORCH.reason(name)
    for name in ("numpy.no_such_function", "torch.mean", "mean", ""):
        assert name not in TORCH
        assert TORCH.reason(name) is None


def test_a_folder_of_ones_own_adds_and_replaces_rules(tmp_path: Path) -> None:
    framework: Framework = "torch"
    (tmp_path / framework).mkdir()
    rules = 'import torch\n\nFOR = "mylib"\n\n\ndef soft(x, beta=1.0):\n    return torch.exp(-beta * x)\n'
    (tmp_path / framework / "mylib.py").write_text(rules)
    (tmp_path / framework / "other.py").write_text('FOR = "numpy"\n\n\ndef sign(x):\n    return x / abs(x)\n')
    catalogue = Catalogue.load(framework, [tmp_path])
    argument = Argument(cst.parse_expression("p"), Kind.TENSOR)

    def code(name: str) -> str:
        found = catalogue.render(name, [argument], {"torch": "torch"})
        assert not isinstance(found, Reason)
        return code_of(found[0].expression)

    assert code("mylib.soft") == "torch.exp(-1.0 * p)"
    assert code("numpy.sign") == "p / abs(p)"
    assert code("numpy.abs") == "torch.abs(p)"
    assert "mylib.soft" not in TORCH


def test_line_breaks_and_comments_between_arguments_are_kept() -> None:
    old = cst.parse_expression("np.where(\n    m,  # far\n    x,\n    y,  # near\n)")
    new = cst.parse_expression("torch.where(m, x, y)")

    assert code_of(laid_out_as(new, old)) == "torch.where(\n    m,  # far\n    x,\n    y,  # near\n)"


@pytest.mark.parametrize("new", ["torch.where(m, y, x)", "torch.where(m, x)", "x + y", "torch.clamp(x, min=0, max=1)"])
def test_a_call_with_other_arguments_is_left_alone(new: str) -> None:
    old = cst.parse_expression("np.where(\n    m,  # far\n    x,\n    y)")

    assert code_of(laid_out_as(cst.parse_expression(new), old)) == new
