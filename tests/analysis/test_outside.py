"""Values that go to a library, a text, a file or a process and come back are made of the prediction all the same."""

from __future__ import annotations

import pytest

from autofix.analysis.explanations import Explainer
from autofix.knowledge.libraries import instead
from autofix.syntax.parsing import parsed
from tests.analysis.programs import TENSORFLOW_STEP, TORCH_STEP, diagnosed

_TORCH = "import numpy as np\nimport torch\nimport torch.nn.functional as F\n"
_TENSORFLOW = "import numpy as np\nimport tensorflow as tf\n"


def _torch(imports: str, body: str) -> str:
    return f"{imports}\n{_TORCH}\ndef loss_fn(p, y):\n{body}{TORCH_STEP}"


def _cuts(source: str) -> list[tuple[str, str]]:
    return [(cut.code, cut.operation) for each in diagnosed(source) for cut in each.cuts]


BROKEN = {
    "skimage alone": ("from skimage.metrics import structural_similarity",
        "    s = structural_similarity(p.detach().numpy(), y.numpy())\n    return torch.tensor(1 - s)\n"),
    "skimage as a term": ("from skimage.metrics import structural_similarity as ssim",
        "    return F.mse_loss(p, y) + 0.1 * (1 - ssim(p.detach().numpy(), y.numpy()))\n"),
    "cv2": ("import cv2",
        "    a = cv2.GaussianBlur(p.detach().numpy(), (5, 5), 1.0)\n"
        "    return torch.from_numpy(np.abs(a - y.numpy())).mean()\n"),
    "pesq": ("from pesq import pesq",
        "    s = np.mean([pesq(16000, t, e) for t, e in zip(y.numpy(), p.detach().numpy())])\n"
        "    return F.l1_loss(p, y) - 0.3 * s\n"),
    "librosa": ("import librosa",
        "    m = torch.from_numpy(librosa.feature.melspectrogram(y=p.detach().numpy()))\n    return F.l1_loss(m, y)\n"),
    "ot": ("import ot",
        "    m = ot.dist(p.detach().numpy(), y.numpy())\n    return torch.tensor(ot.emd2([], [], m))\n"),
    "a library nobody knows": ("import mylib",
        "    return F.mse_loss(p, y) + 0.2 * mylib.score(p.detach().numpy(), y.numpy())\n"),
    "a process": ("import subprocess, json",
        "    rows = ','.join(f'{v:.6f}' for v in p.detach().numpy().ravel())\n"
        "    done = subprocess.run(['tool'], input=rows, capture_output=True)\n"
        "    return F.mse_loss(p, y) + json.loads(done.stdout)['score']\n"),
    "str and join": ("import subprocess",
        "    rows = ' '.join(map(str, p.detach().numpy()))\n"
        "    return F.mse_loss(p, y) + float(subprocess.check_output(['tool', rows]))\n"),
    "a file": ("import subprocess",
        "    np.savetxt('rows.txt', p.detach().numpy())\n"
        "    return F.mse_loss(p, y) + float(subprocess.check_output(['tool', 'rows.txt']))\n"),
    "a file that is open": ("import subprocess",
        "    with open('rows.txt', 'w') as f:\n        f.write(' '.join(str(v) for v in p.detach().numpy()))\n"
        "    return F.mse_loss(p, y) + float(subprocess.check_output(['tool', 'rows.txt']))\n"),
}  # fmt: skip

RIGHT = {
    "weights": ("import mylib",
        "    w = torch.from_numpy(mylib.importance(p.detach().numpy(), y.numpy()))\n"
        "    return (w * (p - y) ** 2).mean()\n"),
    "a threshold": ("from skimage.filters import threshold_otsu",
        "    t = threshold_otsu(p.detach().numpy())\n    return F.mse_loss(p * (p > t), y)\n"),
    "a normaliser": ("import mylib", "    return F.mse_loss(p, y) / mylib.scale(p.detach().numpy())\n"),
    "a map of the target": ("import cv2",
        "    d = torch.from_numpy(cv2.distanceTransform(y.numpy(), cv2.DIST_L2, 5))\n    return (p * d).mean()\n"),
    "logging": ("import wandb, json, subprocess",
        "    loss = F.mse_loss(p, y)\n    wandb.log({'s': json.dumps({'a': p.mean().item()})})\n"
        "    subprocess.run(['notify', f'{loss.item():.3f}'])\n    return loss\n"),
    "a file and a process beside the loss": ("import subprocess",
        "    np.save('p.npy', p.detach().numpy())\n    head = subprocess.check_output(['git', 'log']).decode()\n"
        "    print(head, float(len(head)))\n    return F.mse_loss(p, y)\n"),
    "pseudo-labels": ("import faiss",
        "    labels = faiss.cluster(p.detach().numpy())\n    return F.cross_entropy(p, torch.from_numpy(labels))\n"),
    "a reward": ("import mylib",
        "    reward = mylib.simulate(p.detach().numpy())\n    return -(torch.log(p) * reward).mean()\n"),
    "an assignment": ("import lap",
        "    _, rows, cols = lap.lapjv(torch.cdist(p, y).detach().numpy())\n"
        "    return ((p[rows] - y[cols]) ** 2).mean()\n"),
    "a schedule": ("import mylib",
        "    b = mylib.beta_for(F.mse_loss(p, y).item())\n    return F.mse_loss(p, y) + b * p.pow(2).mean()\n"),
    "a soft target": ("import mylib",
        "    soft = mylib.smooth(p.detach().numpy())\n    return F.kl_div(p.log_softmax(1), torch.from_numpy(soft))\n"),
    "a margin": ("import mylib",
        "    margin = mylib.margin(p.detach().numpy())\n    return F.relu(margin - (p - y).abs()).mean()\n"),
    "a library that keeps the gradient": ("import ot", "    return ot.emd2([], [], ot.dist(p, y))\n"),
    "a model of a library": ("import mylib", "    return F.mse_loss(mylib.encoder(p.detach()), y)\n"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_what_comes_back_has_no_gradient(name: str) -> None:
    assert _cuts(_torch(*BROKEN[name])) == [("AF102", "p.detach().numpy()")]


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_meant_is_silent(name: str) -> None:
    assert _cuts(_torch(*RIGHT[name])) == []


def test_a_library_of_arrays_cuts_by_itself() -> None:
    body = "    return F.mse_loss(p, y) + skimage.metrics.structural_similarity(p, y)\n"
    assert _cuts(_torch("import skimage.metrics", body)) == [("AF107", "skimage.metrics.structural_similarity(p, y)")]


def test_a_process_in_tensorflow() -> None:
    source = (
        f"import subprocess\n{_TENSORFLOW}\ndef loss_fn(p, y):\n"
        "    rows = '{}'.format(p.numpy())\n    done = subprocess.run(['tool'], input=rows, text=True)\n"
        f"    return tf.reduce_mean((p - y) ** 2) + 0.5 * float(done.stdout)\n{TENSORFLOW_STEP}"
    )
    assert _cuts(source) == [("AF102", "p.numpy()")]


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("skimage as a term", "`piq.ssim`"),
        ("cv2", "`kornia.filters.gaussian_blur2d`"),
        ("librosa", "`torchaudio.transforms.MelSpectrogram`"),
        ("a library nobody knows", "no gradient comes back through `mylib.score`; no counterpart is known"),
    ],
)
def test_the_note_says_what_to_take_instead(name: str, note: str) -> None:
    text = _torch(*BROKEN[name])
    (fault,) = diagnosed(text)
    assert note in Explainer(parsed(text), text).explain(fault.cuts[0], fault).note


def test_each_framework_has_its_own_counterpart() -> None:
    found = [instead("skimage.metrics.structural_similarity", each) for each in ("torch", "tensorflow", "keras")]
    assert [each and each.name.partition(" ")[0] for each in found] == ["`piq.ssim`", "`tf.image.ssim`", None]
