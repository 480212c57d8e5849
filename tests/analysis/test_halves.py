"""Which half precisions a file shows that it runs in."""

from __future__ import annotations

import ast

import pytest

from autofix.analysis.syntactic import HALVES, halves_of

RUNS = {
    "a cast of the model": ("model = Net().half()", {"float16"}),
    "a type": ("x = x.to(torch.float16)", {"float16"}),
    "the short name of a type": ("x = x.to(dtype=torch.half)", {"float16"}),
    "the other type": ("model.to(torch.bfloat16)", {"bfloat16"}),
    "autocast": ("with torch.autocast('cuda'):\n    pass", HALVES),
    "autocast by name": ("from torch.cuda.amp import autocast\nwith autocast():\n    pass", HALVES),
    "autocast to one type": ("with torch.autocast('cpu', dtype=torch.bfloat16):\n    pass", {"bfloat16"}),
    "a scaler": ("from torch.amp import GradScaler", {"float16"}),
    "a policy": ("tf.keras.mixed_precision.set_global_policy('mixed_float16')", {"float16"}),
    "a policy of the other type": ("keras.mixed_precision.set_global_policy('mixed_bfloat16')", {"bfloat16"}),
    "a type by its name": ("x = tf.cast(x, 'float16')", {"float16"}),
    "a type of NumPy": ("x = x.astype(np.float16)", {"float16"}),
    "a trainer": ("Trainer(precision=16)", {"float16"}),
    "a trainer in words": ("Trainer(precision='16-mixed')", {"float16"}),
    "a trainer with the other type": ("Trainer(precision='bf16-mixed')", {"bfloat16"}),
    "a flag": ("TrainingArguments('out', fp16=True)", {"float16"}),
    "a flag that may be set": ("TrainingArguments('out', bf16=arguments.bf16)", {"bfloat16"}),
    "settings of a library": ("config = {'fp16': {'enabled': True}}", {"float16"}),
}
RUNS_NOT = {
    "single precision": "x = x.float().to(torch.float32)",
    "a half of something": "half = n // 2\nfirst = x[:half]",
    "a flag that is off": "TrainingArguments('out', fp16=False, bf16=False)",
    "a docstring": '"""Works in float16 and under autocast too."""',
    "precision of a print": "np.set_printoptions(precision=6)\nTrainer(precision=32)",
    "a comment": "x = x  # in float16?",
}


@pytest.mark.parametrize("name", RUNS)
def test_a_program_runs_in_half_precision(name: str) -> None:
    text, wanted = RUNS[name]

    assert halves_of(ast.parse(text)) == wanted


@pytest.mark.parametrize("name", RUNS_NOT)
def test_a_program_does_not(name: str) -> None:
    assert halves_of(ast.parse(RUNS_NOT[name])) == frozenset()
