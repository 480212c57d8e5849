"""autofix.check: a loss of the running program in, whether its gradient arrives, and the proven rewrite out."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent


@cache
def asked(framework: str) -> dict[str, Any]:
    if importlib.util.find_spec(framework) is None:
        pytest.skip(f"{framework} is not installed")
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    child = subprocess.run(
        [sys.executable, str(HERE / f"{framework}_losses.py")],
        capture_output=True,
        text=True,
        env=environment,
        timeout=300,
    )
    assert child.returncode == 0, child.stderr
    found: dict[str, Any] = json.loads(child.stdout)
    return found


@pytest.mark.torch
@pytest.mark.parametrize("loss", ["mae", "unnamed", "partial", "Huber"])
def test_a_lost_gradient_is_found_and_mended(loss: str) -> None:
    seen = asked("torch")[loss]

    assert not seen["flows"]
    assert seen["codes"]
    assert ".numpy()" not in "".join(line for line in seen["diff"].splitlines() if line.startswith("+"))
    assert "\n+    " in seen["diff"]
    assert "verified: " in seen["text"]


@pytest.mark.torch
@pytest.mark.parametrize("loss", ["right", "logged", "MSELoss", "vector"])
def test_a_gradient_that_arrives_is_said_to(loss: str) -> None:
    seen = asked("torch")[loss]

    assert seen["flows"] and not seen["codes"] and not seen["diff"] and not seen["error"]
    assert all(norm > 0 for norm in seen["gradients"].values())
    assert "gradients flow" in seen["text"]


@pytest.mark.torch
def test_the_value_and_the_norm_are_those_of_the_loss() -> None:
    seen = asked("torch")["right"]

    assert seen["value"] == pytest.approx((0.2 + 0.5 + 0.5) / 3, rel=1e-6)
    assert seen["gradients"] == {"y_pred": pytest.approx(3**-0.5, rel=1e-6)}


@pytest.mark.torch
def test_what_the_framework_says_is_repeated() -> None:
    assert "does not require grad" in asked("torch")["mae"]["error"]
    assert asked("torch")["fails"]["error"] == "KeyError: 'no such thing'"
    assert asked("torch")["text"]["error"] == "TypeError: the loss returns a str, which has no gradient"


@pytest.mark.torch
def test_a_loss_that_does_not_run_is_not_said_to_lose_its_gradient() -> None:
    assert asked("torch")["fails"]["text"] == (
        "fails: it raises an error on these tensors\ntorch: KeyError: 'no such thing'\n"
    )
    assert "the gradient is lost" in asked("torch")["mae"]["text"]
    assert "missing a required argument: 'y_true'" in asked("torch")["other arguments"]
    assert asked("torch")["other arguments"].endswith("the loss is right(y_pred, y_true)")
    assert "float cannot be called" in asked("torch")["no function"]


@pytest.mark.torch
def test_what_cannot_be_mended_is_explained_without_a_diff() -> None:
    seen = asked("torch")["rounds"]

    assert not seen["flows"] and not seen["diff"]
    assert "no fix: " in seen["text"]


@pytest.mark.torch
def test_a_loss_without_a_name_is_judged_but_not_found_in_its_source() -> None:
    seen = asked("torch")["lambda"]

    assert not seen["flows"] and not seen["codes"]
    assert "give it a name" in seen["text"]


@pytest.mark.torch
def test_what_the_source_does_not_show_is_seen_when_it_is_run() -> None:
    seen = asked("torch")["hidden"]

    assert not seen["flows"] and not seen["codes"]
    assert seen["places"] == [["AF103", "plain()", "hidden"]]
    assert f"when run, it is lost at `plain()` ({HERE.relative_to(Path.cwd())}/torch_losses.py, line " in seen["text"]
    assert asked("torch")["chances"]


@pytest.mark.torch
def test_a_loss_that_draws_is_watched_with_the_same_chances() -> None:
    assert [code for code, *_ in asked("torch")["drawn"]["places"]] == ["AF104"]


@pytest.mark.torch
@pytest.mark.parametrize("loss", ["right", "logged", "mae", "never_the_same", "fails", "text"])
def test_elsewhere_no_place_is_told(loss: str) -> None:
    assert asked("torch")[loss]["places"] == []


@pytest.mark.torch
def test_the_tensors_of_the_caller_stay_as_they_are() -> None:
    assert asked("torch")["untouched"] == [False, True]


@pytest.mark.torch
def test_without_tensors_the_right_call_is_shown() -> None:
    assert "autofix.check(loss, y_pred=…, y_true=…)" in asked("torch")["no tensors"]


@pytest.mark.tensorflow
@pytest.mark.parametrize("loss", ["mae", "plain", "Quantile"])
def test_a_lost_gradient_of_tensorflow_is_found_and_mended(loss: str) -> None:
    seen = asked("tensorflow")[loss]

    assert seen["gradients"] == {"y_pred": None}
    assert seen["codes"]
    assert "+" in seen["diff"] and "tf." in seen["diff"]


@pytest.mark.tensorflow
@pytest.mark.parametrize("loss", ["right", "keras"])
def test_a_gradient_of_tensorflow_that_arrives_is_said_to(loss: str) -> None:
    seen = asked("tensorflow")[loss]

    assert seen["flows"] and not seen["codes"] and not seen["error"]


@pytest.mark.tensorflow
def test_what_the_source_of_tensorflow_does_not_show_is_seen_when_it_is_run() -> None:
    seen = asked("tensorflow")["hidden"]

    assert not seen["codes"]
    assert seen["places"] == [["AF102", 'getattr(squared, "num" + "py")()', "hidden"]]
    assert all(not asked("tensorflow")[loss]["places"] for loss in ("mae", "right", "keras"))
