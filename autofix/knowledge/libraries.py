"""Libraries that compute on arrays, audio, images or text outside of any graph, and what to take instead.

A function of a package in `OUTSIDE` ends the gradient of a tensor that it is given. Every other package that is not a
framework may be written in one (POT, kornia): of that it is only known what it is given. `INSTEAD` names what is
differentiable and computes the same measure, or a common approximation of it, by framework, and the page that says so.
"""

from __future__ import annotations

from typing import NamedTuple

from autofix.model import Framework

OUTSIDE = frozenset(
    "skimage cv2 librosa pesq pystoi soundfile mir_eval museval pyworld parselmouth pywt SimpleITK medpy "
    "editdistance Levenshtein jiwer sacrebleu rouge_score fastdtw dtaidistance".split()
)
"""Packages whose functions convert whatever they are given, by the names that they are imported as."""

TEXTS = frozenset("str repr format ascii bytes".split())
"""Functions of Python that make a text of a value: what is read from it again has no gradient."""


PROCESSES = frozenset({"subprocess"})
"""Packages that run another program, which answers in text."""

WRITING = frozenset(
    "save savez savez_compressed savetxt tofile write writelines writerow writerows imwrite imsave dump to_csv".split()
)
"""Functions and methods that write a value to a file, by their last names."""


class Instead(NamedTuple):
    """What to take instead, and the documentation that shows it to be differentiable."""

    name: str
    source: str


_PIQ = "https://piq.readthedocs.io/en/latest/functions.html"
_KORNIA = "https://kornia.readthedocs.io/en/latest"
_TORCHAUDIO = "https://docs.pytorch.org/audio/stable"
_TORCHMETRICS = "https://lightning.ai/docs/torchmetrics/stable"
_TENSORFLOW = "https://www.tensorflow.org/api_docs/python/tf"
_POT = "https://pythonot.github.io/auto_examples/backends/plot_unmix_optim_torch.html"
_GEOMLOSS = "https://www.kernel-operations.io/geomloss/"

_TORCH: dict[str, tuple[str, str]] = {
    "skimage.metrics.structural_similarity": (
        "`piq.ssim` or `pytorch_msssim.ssim` (on `[N, C, H, W]`)", f"{_PIQ}#structural-similarity-ssim"),
    "skimage.metrics.peak_signal_noise_ratio": ("`piq.psnr`, or the mean squared error", _PIQ),
    "skimage.metrics.normalized_mutual_information": ("`kornia.losses`' mutual information", f"{_KORNIA}/losses.html"),
    "skimage.filters.gaussian": ("`kornia.filters.gaussian_blur2d`", f"{_KORNIA}/filters.html"),
    "skimage.filters.sobel": ("`kornia.filters.sobel`", f"{_KORNIA}/filters.html"),
    "skimage.filters.laplace": ("`kornia.filters.laplacian`", f"{_KORNIA}/filters.html"),
    "skimage.color": ("`kornia.color`", f"{_KORNIA}/color.html"),
    "skimage.transform": ("`kornia.geometry.transform`, or `torch.nn.functional.interpolate`",
                          f"{_KORNIA}/geometry.transform.html"),
    "cv2.GaussianBlur": ("`kornia.filters.gaussian_blur2d`", f"{_KORNIA}/filters.html"),
    "cv2.blur": ("`kornia.filters.box_blur`", f"{_KORNIA}/filters.html"),
    "cv2.bilateralFilter": ("`kornia.filters.bilateral_blur`", f"{_KORNIA}/filters.html"),
    "cv2.Sobel": ("`kornia.filters.spatial_gradient`", f"{_KORNIA}/filters.html"),
    "cv2.Laplacian": ("`kornia.filters.laplacian`", f"{_KORNIA}/filters.html"),
    "cv2.filter2D": ("`kornia.filters.filter2d`, or `torch.nn.functional.conv2d`", f"{_KORNIA}/filters.html"),
    "cv2.Canny": ("`kornia.filters.canny`", f"{_KORNIA}/filters.html"),
    "cv2.erode": ("`kornia.morphology.erosion`", f"{_KORNIA}/morphology.html"),
    "cv2.dilate": ("`kornia.morphology.dilation`", f"{_KORNIA}/morphology.html"),
    "cv2.resize": ("`torch.nn.functional.interpolate`", f"{_KORNIA}/geometry.transform.html"),
    "cv2.warpAffine": ("`kornia.geometry.transform.warp_affine`", f"{_KORNIA}/geometry.transform.html"),
    "cv2.warpPerspective": ("`kornia.geometry.transform.warp_perspective`", f"{_KORNIA}/geometry.transform.html"),
    "cv2.remap": ("`kornia.geometry.transform.remap`", f"{_KORNIA}/geometry.transform.html"),
    "cv2.cvtColor": ("`kornia.color`", f"{_KORNIA}/color.html"),
    "librosa.feature.melspectrogram": ("`torchaudio.transforms.MelSpectrogram`", f"{_TORCHAUDIO}/transforms.html"),
    "librosa.feature.mfcc": ("`torchaudio.transforms.MFCC`", f"{_TORCHAUDIO}/transforms.html"),
    "librosa.stft": ("`torch.stft`, or `torchaudio.transforms.Spectrogram`", f"{_TORCHAUDIO}/transforms.html"),
    "librosa.istft": ("`torch.istft`", f"{_TORCHAUDIO}/transforms.html"),
    "librosa.resample": ("`torchaudio.functional.resample`", f"{_TORCHAUDIO}/functional.html"),
    "librosa.griffinlim": ("`torchaudio.transforms.GriffinLim`", f"{_TORCHAUDIO}/transforms.html"),
    "librosa.amplitude_to_db": ("`torchaudio.functional.amplitude_to_DB`", f"{_TORCHAUDIO}/functional.html"),
    "librosa.power_to_db": ("`torchaudio.functional.amplitude_to_DB`", f"{_TORCHAUDIO}/functional.html"),
    "mir_eval.separation": ("`torchmetrics.functional.audio.scale_invariant_signal_distortion_ratio`",
                            f"{_TORCHMETRICS}/audio/scale_invariant_signal_distortion_ratio.html"),
    "museval": ("`torchmetrics.functional.audio.signal_distortion_ratio`",
                f"{_TORCHMETRICS}/audio/signal_distortion_ratio.html"),
    "ot": ("POT itself: give it the tensors, and its torch backend keeps the gradient; or "
           "`geomloss.SamplesLoss`", f"{_POT}; {_GEOMLOSS}"),
}  # fmt: skip

_TF: dict[str, tuple[str, str]] = {
    "skimage.metrics.structural_similarity": ("`tf.image.ssim`", f"{_TENSORFLOW}/image/ssim"),
    "skimage.metrics.peak_signal_noise_ratio": ("`tf.image.psnr`", f"{_TENSORFLOW}/image/psnr"),
    "skimage.filters.sobel": ("`tf.image.sobel_edges`", f"{_TENSORFLOW}/image/sobel_edges"),
    "skimage.transform.resize": ("`tf.image.resize`", f"{_TENSORFLOW}/image/resize"),
    "cv2.Sobel": ("`tf.image.sobel_edges`", f"{_TENSORFLOW}/image/sobel_edges"),
    "cv2.GaussianBlur": ("`tf.nn.depthwise_conv2d` with a Gaussian kernel",
                         f"{_TENSORFLOW}/nn/depthwise_conv2d"),
    "cv2.filter2D": ("`tf.nn.depthwise_conv2d`", f"{_TENSORFLOW}/nn/depthwise_conv2d"),
    "cv2.resize": ("`tf.image.resize`", f"{_TENSORFLOW}/image/resize"),
    "librosa.stft": ("`tf.signal.stft`", f"{_TENSORFLOW}/signal/stft"),
    "librosa.istft": ("`tf.signal.inverse_stft`", f"{_TENSORFLOW}/signal/inverse_stft"),
    "librosa.feature.melspectrogram": ("`tf.signal.stft` and `tf.signal.linear_to_mel_weight_matrix`",
                                       f"{_TENSORFLOW}/signal/linear_to_mel_weight_matrix"),
    "librosa.feature.mfcc": ("`tf.signal.mfccs_from_log_mel_spectrograms`",
                             f"{_TENSORFLOW}/signal/mfccs_from_log_mel_spectrograms"),
    "ot": ("POT itself: give it the tensors, and its TensorFlow backend keeps the gradient", _POT),
}  # fmt: skip

_INSTEAD = {"torch": _TORCH, "tensorflow": _TF}


def instead(name: str, framework: Framework) -> Instead | None:
    """Return what is differentiable in place of a function by its canonical name; None where nothing is known.

    The longest part of the name that the table has decides: `skimage.color.rgb2lab` goes by `skimage.color`.
    """
    table, parts = _INSTEAD.get(framework, {}), name.split(".")
    known = (table.get(".".join(parts[:length])) for length in range(len(parts), 0, -1))
    return next((Instead(*each) for each in known if each is not None), None)
