"""A sensible number for a hyper-parameter, by its name."""

from __future__ import annotations

Number = float | int | str | bool
NUMBERS: dict[str, Number] = {
    "delta": 0.8, "alpha": 0.3, "beta": 0.6, "gamma": 2.0, "margin": 0.5, "m": 0.5, "eps": 1e-6, "epsilon": 1e-6,
    "temperature": 2.0, "temp": 2.0, "tau": 0.7, "t": 2.0, "q": 0.3, "quantile": 0.3, "smooth": 1.0, "smoothing": 0.1,
    "label_smoothing": 0.1, "p": 2, "power": 2, "order": 2, "n": 2, "k": 3, "dim": -1, "axis": -1, "sigma": 0.7,
    "num_classes": 10, "n_classes": 10, "classes": 10, "nb_classes": 10, "num_class": 10, "c": 10, "n_class": 10,
    "batch_size": 8, "n_features": 10, "in_features": 10, "epoch": 3, "step": 3, "it": 3, "iteration": 3, "epochs": 10,
    "reduction": "mean", "name": "loss", "from_logits": False, "device": "cpu", "verbose": False, "batch_idx": 0,
    "window_size": 5, "kernel_size": 3, "win_size": 5, "n_fft": 16, "fft_size": 16, "hop": 4, "hop_size": 4,
    "hop_length": 4, "win_length": 16, "pad_idx": 0, "ignore_index": -100, "timesteps": 10, "num_timesteps": 10,
    "lr": 0.01, "learning_rate": 0.01, "threshold": 0.5, "lam": 0.1, "lambda_": 0.1, "lmbda": 0.1, "a": 0.4, "b": 1.3,
}  # fmt: skip
OTHERWISE = 0.7
SIZES = ("_dim", "_dims", "_size", "_features", "_units", "_width", "dim", "channels", "classes")


def number(name: str) -> Number:
    """Sizes are those that predictions have by default, so that what is built with them fits what it is given."""
    key = name.lower().strip("_")
    if key.startswith(("num_", "n_")):
        return NUMBERS.get(key, 10)
    if key.endswith(SIZES):
        return NUMBERS.get(key, 10)
    if key.startswith(("use_", "is_")):
        return False
    return NUMBERS.get(key, OTHERWISE)


def is_number_by_name(name: str) -> bool:
    """Whether a name says by itself that it is a hyper-parameter; letters alone say nothing."""
    key = name.lower().strip("_")
    return key.startswith(("num_", "use_", "is_")) or (len(key) > 2 and key in NUMBERS)


def guess(name: str) -> str:
    """The same as an expression."""
    return repr(number(name))
