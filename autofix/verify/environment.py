"""What a Python that is started sees of our environment: what it needs, settings of the frameworks, and no secret.

Nothing that has it execute code of another's choice: no `PYTHONPATH` (an empty entry is the working folder, and a
`torch.py` there would be imported), `PYTHONHOME`, `PYTHONSTARTUP` or `LD_PRELOAD`.
"""

from __future__ import annotations

import os
from pathlib import Path

KEPT = ("LANG", "LC_ALL", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP")
# Lists of folders. Modules of clusters and activated environments name CUDA's and compilers' libraries in the second:
# without it many a torch cannot be imported. It is the user's, not the project's.
FOLDERS = ("PATH", "LD_LIBRARY_PATH")
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


def environment(folder: Path, confined: bool = False) -> dict[str, str]:
    """The environment of what is started; `folder` is its own, for what it would else write in the user's home.

    Where it is `confined`, it can write nowhere else. `HOME` stays the user's: `pip --user` puts packages there.
    """
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    kept |= {name: os.pathsep.join(found) for name in FOLDERS if (found := absolute(name))}
    home = os.path.expanduser("~")  # noqa: PTH111
    keras = Path(home, ".keras/keras.json")
    own = {"TMPDIR": str(folder), "HOME": home} if confined else {}
    return kept | SET | own | ({} if keras.is_file() else {"KERAS_HOME": str(folder / "keras")})


def absolute(name: str) -> list[str]:
    """The folders of a list; an empty or a relative entry would be one of the project's."""
    return [one for one in os.environ.get(name, "").split(os.pathsep) if Path(one).is_absolute()]
