"""What a worker sees of our environment: what Python needs to start, settings of the frameworks, and no secret."""

from __future__ import annotations

import os
from pathlib import Path

KEPT = ("PATH", "LD_LIBRARY_PATH", "PYTHONPATH", "PYTHONHOME", "LANG", "LC_ALL", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP")
SET = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "CUDA_VISIBLE_DEVICES": "-1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
    "PYTHONIOENCODING": "utf-8",
    "PYTORCH_JIT": "0",
    "TORCHDYNAMO_DISABLE": "1",
    "KERAS_BACKEND": "tensorflow",
    "MPLBACKEND": "Agg",
}


def environment(folder: Path) -> dict[str, str]:
    """The environment of a worker; `folder` is its own, for what an import would else write in the user's home."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    keras = Path("~/.keras/keras.json").expanduser()
    return kept | SET | ({} if keras.is_file() else {"KERAS_HOME": str(folder / "keras")})
